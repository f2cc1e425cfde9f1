/* The numbers of one car: two driven wheels, 65 mm, 1560 counts a turn, a 3S battery, four sonars.
 * They are those of the simulated car (sim/controller.py), but nobody has measured them on a real one:
 * edit them for yours. What cannot be is refused by pcp_config.c. */
#include "port.h"

void pcp_car_config(pcp_config_t *config)
{
    *config = (pcp_config_t){
        .chassis = PCP_CHASSIS_DIFFERENTIAL,
        .track_m = 0.20f,
        .metres_per_tick = 0.000130900f, /* 2 pi 0.0325 m / 1560 */
        .max_speed_mps = 0.8f,
        .max_turn_radps = 2.5f,
        .accel_mps2 = 0.8f,
        .decel_mps2 = 1.2f,
        .kff = 0.86f,
        .kp = 2.0f,
        .ki = 5.0f,
        .deadband = 0.045f,
        .reflex_mm = 100,
        .undervoltage_mv = 9300,
        .undervoltage_ms = 1000,
        .host_silent_ms = 1000,
        .range_silent_ms = 300,
        .range_bearing_mrad = {300, -300, 2842, -2842}, /* front left, front right, rear left, rear right */
        .range_mask = 0x0F,
    };
}
