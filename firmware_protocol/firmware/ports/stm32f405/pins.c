/* The pins of the F405 and F407 with 64 of them. In words: README.md. Four motors: TIM4 makes all their pulses. */
#include "pins.h"

#include "registers.h"

/* numbers of the alternate functions, RM0090 and the data sheet's table 9 */
enum { TIM2_FUNCTION = 1, TIM3_4_5_FUNCTION = 2, TIM8_FUNCTION = 3, TIM12_FUNCTION = 9 };

const pcp_pins_t pcp_pins = {
    .motor_count = 4,
    .motors = {{.in1 = {PCP_PORT_A, 2}, .in2 = {PCP_PORT_A, 3}, .pwm = {PCP_PORT_B, 8}, .pwm_channel = 3,
                .encoder = PCP_TIM5, .encoder_function = TIM3_4_5_FUNCTION, .a = {PCP_PORT_A, 0}, .b = {PCP_PORT_A, 1}},
               {.in1 = {PCP_PORT_A, 4}, .in2 = {PCP_PORT_A, 5}, .pwm = {PCP_PORT_B, 9}, .pwm_channel = 4,
                .encoder = PCP_TIM3, .encoder_function = TIM3_4_5_FUNCTION, .a = {PCP_PORT_A, 6}, .b = {PCP_PORT_A, 7}},
               {.in1 = {PCP_PORT_C, 0}, .in2 = {PCP_PORT_C, 1}, .pwm = {PCP_PORT_B, 6}, .pwm_channel = 1,
                .encoder = PCP_TIM8, .encoder_function = TIM8_FUNCTION, .a = {PCP_PORT_C, 6}, .b = {PCP_PORT_C, 7}},
               {.in1 = {PCP_PORT_C, 2}, .in2 = {PCP_PORT_C, 3}, .pwm = {PCP_PORT_B, 7}, .pwm_channel = 2,
                .encoder = PCP_TIM2, .encoder_function = TIM2_FUNCTION, .a = {PCP_PORT_A, 15}, .b = {PCP_PORT_B, 3}}},
    .pwm_function = TIM3_4_5_FUNCTION,
    .standby = {PCP_PORT_A, 8},
    .sonars = {{.trigger = {PCP_PORT_B, 5}, .echo = {PCP_PORT_B, 12}},
               {.trigger = {PCP_PORT_C, 4}, .echo = {PCP_PORT_B, 13}},
               {.trigger = {PCP_PORT_C, 5}, .echo = {PCP_PORT_C, 10}},
               {.trigger = {PCP_PORT_D, 2}, .echo = {PCP_PORT_C, 11}}},
    .bumper_count = 3,
    .bumpers = {{{PCP_PORT_C, 8}, 1 << 0}, {{PCP_PORT_B, 4}, 1 << 1}, {{PCP_PORT_C, 15}, 1 << 4 | 1 << 5}},
    .cliff_count = 2,
    .cliffs = {{{PCP_PORT_B, 1}, 1 << 0}, {{PCP_PORT_C, 12}, 1 << 1}},
    .charger = {{PCP_PORT_C, 14}, 1},
    .servo_count = 2,
    .servos = {{.pin = {PCP_PORT_B, 14}, .function = TIM12_FUNCTION, .timer = PCP_TIM12, .channel = 1},
               {.pin = {PCP_PORT_B, 15}, .function = TIM12_FUNCTION, .timer = PCP_TIM12, .channel = 2}},
    .out_count = 2,
    .outs = {{PCP_PORT_B, 2}, {PCP_PORT_C, 9}},
    .input_count = 2,
    .inputs = {{PCP_PORT_A, 11}, {PCP_PORT_A, 12}},
    .battery = {PCP_PORT_B, 0},
    .led = {PCP_PORT_C, 13},
};
