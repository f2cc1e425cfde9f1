/* The numbers of one car: two driven wheels, 65 mm, 1560 counts a turn, a 3S battery, four sonars.
 * They are those of protocol.yaml, but nobody has measured them on a real one: set yours after
 * pcp_config_own_values(), or with `patrolcar param`. What cannot be is refused by pcp_config.c. */
#include "car_config.h"

#include "port.h"

void pcp_car_config(pcp_config_t *config)
{
    *config = (pcp_config_t){
        .chassis = PCP_CHASSIS,
        .range_bearing_mrad = {300, -300, 2842, -2842}, /* front left, front right, rear left, rear right */
        .range_mask = 0x0F,
    };
    pcp_config_own_values(config);
}
