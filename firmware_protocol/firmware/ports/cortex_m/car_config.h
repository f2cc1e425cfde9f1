/* What one car is made of. Edit it for yours, or pass -D to the compiler (`patrolcar firmware build --chassis`). */
#ifndef PCP_CAR_CONFIG_H
#define PCP_CAR_CONFIG_H

#include "pcp_messages.h"

/* How the wheels are arranged. Which chips have pins for it: the README of the port. */
#if !defined(PCP_CHASSIS)
#define PCP_CHASSIS PCP_CHASSIS_DIFFERENTIAL
#endif

/* What is wired to the pins. Cliff sensors, charger contact and IMU read as "stop" or "silent" when they are named
 * here and not fitted; outputs, servos and inputs harm nobody. */
#if !defined(PCP_FITTED)
#define PCP_FITTED                                                                                                \
    (PCP_CAPABILITY_BUMPERS | PCP_CAPABILITY_OUTPUTS | PCP_CAPABILITY_SERVOS | PCP_CAPABILITY_DIGITAL_INPUTS)
#endif

#endif
