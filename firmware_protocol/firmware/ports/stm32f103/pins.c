/* The pins of the F103 with 48 of them. In words: README.md. Two motors: the fourth timer makes their pulses. */
#include "pins.h"

#include "car_config.h"
#include "registers.h"

_Static_assert(PCP_CHASSIS == PCP_CHASSIS_DIFFERENTIAL || PCP_CHASSIS == PCP_CHASSIS_ACKERMANN,
               "the F103 has timers for two motors; take an F405 for four");

const pcp_pins_t pcp_pins = {
    .motor_count = 2,
    .motors = {{.in1 = {PCP_PORT_A, 2}, .in2 = {PCP_PORT_A, 3}, .pwm = {PCP_PORT_B, 8}, .pwm_channel = 3,
                .encoder = PCP_TIM2, .a = {PCP_PORT_A, 0}, .b = {PCP_PORT_A, 1}},
               {.in1 = {PCP_PORT_A, 4}, .in2 = {PCP_PORT_A, 5}, .pwm = {PCP_PORT_B, 9}, .pwm_channel = 4,
                .encoder = PCP_TIM3, .a = {PCP_PORT_A, 6}, .b = {PCP_PORT_A, 7}}},
    .standby = {PCP_PORT_A, 8},
    .sonars = {{.trigger = {PCP_PORT_B, 5}, .echo = {PCP_PORT_B, 12}},
               {.trigger = {PCP_PORT_B, 6}, .echo = {PCP_PORT_B, 13}},
               {.trigger = {PCP_PORT_B, 7}, .echo = {PCP_PORT_B, 14}},
               {.trigger = {PCP_PORT_C, 15}, .echo = {PCP_PORT_B, 15}}},
    .bumper_count = 3,
    .bumpers = {{{PCP_PORT_B, 3}, 1 << 0}, {{PCP_PORT_B, 4}, 1 << 1}, {{PCP_PORT_A, 15}, 1 << 4 | 1 << 5}},
    .cliff_count = 2,
    .cliffs = {{{PCP_PORT_B, 1}, 1 << 0}, {{PCP_PORT_A, 12}, 1 << 1}},
    .charger = {{PCP_PORT_C, 14}, 1},
    .servo_count = 1,
    .servos = {{.pin = {PCP_PORT_A, 11}, .timer = PCP_TIM1, .channel = 4}},
    .out_count = 1,
    .outs = {{PCP_PORT_B, 2}},
    .battery = {PCP_PORT_B, 0},
    .led = {PCP_PORT_C, 13},
};
