/* What the parts of the controller offer each other. Private: a port includes pcp_controller.h only. */
#ifndef PCP_PARTS_H
#define PCP_PARTS_H

#include "pcp_controller.h"

enum {
    PCP_LEASE_MIN_MS = 100,
    PCP_LEASE_MAX_MS = 500,
    PCP_BRAKE_LIMIT_US = 1500000, /* after so long the bridge is switched off, at rest or not */
    PCP_SHORT_US = 500000,        /* short-circuited motors are held for so long: encoders may lie about rest */
    PCP_OVERRUN_US = 50000,       /* a car that was blind for so long stops */
    PCP_REFLEX_BRAKE = 3,         /* times decel_mps2 */
    PCP_SEALED = 0x80,            /* bit in the id of a sealed message */
    PCP_EARLY_US = 50000          /* a DRIVE may be dated so far ahead: clocks are never quite equal */
};

/* The version of this firmware, as HELLO has it and as TEXT says it. */
#define PCP_FIRMWARE {0, 1, 0}
#define PCP_FIRMWARE_TEXT "0.1.0"

/* Who may use the last bytes of the line: the number is how many must stay free. */
typedef enum {
    PCP_RANK_ANSWER = 0,      /* RESP, EVENT, HELLO: said once */
    PCP_RANK_REPORT = 256,    /* STATUS, ALIVE, LINK_STATS: they tell the host that the line is full */
    PCP_RANK_TELEMETRY = 512  /* all others: the next one is better anyway */
} pcp_rank_t;

/* Clamped to +-limit. */
static inline float pcp_clamped(float value, float limit)
{
    return value > limit ? limit : (value < -limit ? -limit : value);
}

/* Rounded to the nearest, and kept inside an int16_t. */
static inline int16_t pcp_rounded16(float value)
{
    const float inside = pcp_clamped(value, 32767.0f);
    return (int16_t)(inside + (inside < 0.0f ? -0.5f : 0.5f));
}

/* Difference of counters that wrap. */
static inline int32_t pcp_ticks_since(int32_t now, int32_t then)
{
    return (int32_t)((uint32_t)now - (uint32_t)then);
}

/* Absolute value. */
static inline float pcp_magnitude(float value)
{
    return value < 0.0f ? -value : value;
}

/* 1, 0 or -1. */
static inline float pcp_sign(float value)
{
    return value > 0.0f ? 1.0f : (value < 0.0f ? -1.0f : 0.0f);
}

static inline bool pcp_is_standing(const pcp_twist_t *twist)
{
    return twist->vx_mps == 0.0f && twist->vy_mps == 0.0f && twist->wz_radps == 0.0f;
}

static inline bool pcp_has_imu(const pcp_config_t *config)
{
    return (config->capabilities & PCP_CAPABILITY_IMU) != 0;
}

/* How long `now` has been true without a break, from its first sight on; true when that is limit_us. */
static inline bool pcp_lasts(uint32_t *held_us, bool now, uint32_t elapsed_us, uint32_t limit_us)
{
    const uint32_t longer_us = *held_us == 0 ? 1 : *held_us + elapsed_us;
    *held_us = !now ? 0 : (longer_us < *held_us ? UINT32_MAX : longer_us);
    return now && *held_us > limit_us;
}

/* pcp_config.c: whether a car with these values may be driven: PCP_CONFIG_OK, or what is wrong, see there. */
int pcp_config_check(const pcp_config_t *config);

/* pcp_memory.c: notice when the configuration changes by itself. */
void pcp_memory_seal(pcp_controller_t *ctl); /* it was changed on purpose */
void pcp_memory_watch(pcp_controller_t *ctl);
bool pcp_memory_is_sound(pcp_controller_t *ctl); /* compares all of it now */

/* pcp_kinematics.c */
typedef struct {
    int64_t forward, leftward, turning;
} pcp_wheel_sums_t;
bool pcp_kinematics_supports(uint8_t chassis);
uint8_t pcp_wheel_count(uint8_t chassis);
float pcp_arm_m(const pcp_config_t *config); /* rim speed per turn rate */
float pcp_sideways_limit_mps(const pcp_config_t *config); /* 0 for cars that cannot */
/* Rim speeds of the wheels for a twist. */
void pcp_wheel_speeds(const pcp_config_t *config, const pcp_twist_t *twist, float speeds_mps[PCP_WHEELS]);
/* The twist that rim speeds make. */
pcp_twist_t pcp_wheel_twist(const pcp_config_t *config, const pcp_wheel_t wheels[PCP_WHEELS]);
/* Sums of encoder counts: forward, to the left and counter-clockwise. Divide by pcp_wheel_count() for the mean. */
pcp_wheel_sums_t pcp_wheel_sums(uint8_t chassis, const int32_t ticks[PCP_WHEELS]);
/* Slowed down as a whole, so that no wheel is asked for more than the limit and the curvature stays. */
pcp_twist_t pcp_twist_within_limits(const pcp_config_t *config, const pcp_twist_t *twist);

/* pcp_steering.c: the front wheels of an Ackermann car; does nothing for others. */
void pcp_steering_follow(pcp_controller_t *ctl, const pcp_twist_t *wanted, float dt_s);
/* The twist with the turn rate that the front wheels allow at this moment. */
pcp_twist_t pcp_steering_bound(const pcp_controller_t *ctl, pcp_twist_t twist);
int16_t pcp_steering_mrad(const pcp_controller_t *ctl); /* for the servo, with trim */

/* pcp_motion.c: measured speeds; the ramp. pcp_wheel.c: the speed loops. */
void pcp_motion_init(pcp_controller_t *ctl);
void pcp_motion_measure(pcp_controller_t *ctl, const pcp_inputs_t *in, uint32_t elapsed_us);
void pcp_motion_reset(pcp_motion_t *motion);
void pcp_motion_drive(pcp_controller_t *ctl, const pcp_twist_t *wanted, float dt_s);
float pcp_stall_duty(const pcp_config_t *config); /* from here on a wheel that stands is stalled */
float pcp_wheel_duty(const pcp_config_t *config, pcp_wheel_t *wheel, float target_mps, float dt_s);

/* pcp_odometry.c */
void pcp_odometry_init(pcp_odometry_t *odometry, const pcp_config_t *config);
void pcp_odometry_reset(pcp_odometry_t *odometry);
void pcp_odometry_step(pcp_odometry_t *odometry, uint8_t chassis, const int32_t ticks[PCP_WHEELS], bool first);
/* Sine and cosine times 2^30 of an angle in turns times 2^32. */
void pcp_sin_cos(uint32_t turn32, int32_t *sine_q30, int32_t *cosine_q30);

/* pcp_reflex.c: which directions near ranges and cliffs forbid. */
typedef enum { PCP_AXIS_FORWARD = 1, PCP_AXIS_SIDEWAYS = 2 } pcp_axis_t;
void pcp_reflex_init(pcp_reflex_t *reflex, const pcp_config_t *config);
void pcp_reflex_watch(pcp_controller_t *ctl, const pcp_inputs_t *in);
/* Bit set of pcp_axis_t: which parts of this motion lead towards something near. */
unsigned pcp_reflex_forbids(const pcp_reflex_t *reflex, const pcp_twist_t *twist);
/* Whether this motion may lead over an edge that is seen: every one that does not lead away from it. */
bool pcp_reflex_is_over_edge(const pcp_reflex_t *reflex, const pcp_twist_t *twist);
/* The twist without what is forbidden; the first time of each obstacle is an event. */
pcp_twist_t pcp_reflex_allowed(pcp_controller_t *ctl, pcp_twist_t wanted);

/* pcp_imu.c: whether the IMU speaks and makes sense; tilt. */
void pcp_imu_init(pcp_controller_t *ctl);
void pcp_imu_watch(pcp_controller_t *ctl, const pcp_inputs_t *in, uint32_t elapsed_us);

/* pcp_supply.c: the battery and the charger. */
void pcp_supply_watch(pcp_controller_t *ctl, const pcp_inputs_t *in, uint32_t elapsed_us);

/* pcp_faults.c: wheels, encoders and motors that misbehave. */
void pcp_faults_watch(pcp_controller_t *ctl, uint32_t elapsed_us);

/* pcp_safety.c: states, arming, STOP, lease. */
uint16_t pcp_arm_checks(const pcp_controller_t *ctl);
uint16_t pcp_arm(pcp_controller_t *ctl, uint32_t now_us); /* returns the failing checks, 0 when it armed */
void pcp_disarm(pcp_controller_t *ctl, pcp_cause_t cause, uint32_t now_us);
void pcp_stop(pcp_controller_t *ctl, pcp_cause_t cause, uint32_t now_us);
pcp_result_t pcp_clear_stop(pcp_controller_t *ctl, int32_t stop_count, uint32_t now_us);
/* A condition is there, or is no longer. */
void pcp_note(pcp_controller_t *ctl, pcp_cause_t cause, bool is_there);
bool pcp_is_noted(const pcp_controller_t *ctl, pcp_cause_t cause);
void pcp_safety_watch(pcp_controller_t *ctl, const pcp_inputs_t *in, uint32_t elapsed_us);
bool pcp_motors_enabled(const pcp_controller_t *ctl);
/* The twist the host may have at this moment; zero unless armed, leased and seeing. */
pcp_twist_t pcp_safety_wanted(const pcp_controller_t *ctl);
pcp_cause_t pcp_cause(const pcp_controller_t *ctl); /* why it is not driving */

/* pcp_session.c: obey one frame of the host. */
void pcp_session_obey(pcp_controller_t *ctl, const pcp_frame_t *frame, uint32_t now_us);
bool pcp_is_owner(const pcp_controller_t *ctl, uint16_t session);

/* pcp_link.c */
void pcp_link_obey_time_request(pcp_controller_t *ctl, const uint8_t *payload, uint32_t now_us);
void pcp_link_obey_event_ack(pcp_controller_t *ctl, const uint8_t *payload, uint32_t now_us);
void pcp_link_obey_host_stats(pcp_controller_t *ctl, const uint8_t *payload, uint32_t now_us);

/* pcp_line.c: the queue of bytes to the host. False when the frame was dropped and counted. */
bool pcp_line_send(pcp_controller_t *ctl, uint8_t id, const uint8_t *payload, pcp_rank_t rank);
void pcp_line_hello(pcp_controller_t *ctl);

/* pcp_events.c: tell the host that something happened, and again until the owner has it. */
void pcp_line_event(pcp_controller_t *ctl, pcp_severity_t severity, pcp_event_code_t code, int32_t argument,
                    uint32_t now_us);
/* The owner has every event up to this one. False when there is no such event yet. */
bool pcp_events_acknowledge(pcp_controller_t *ctl, uint16_t event_count);
/* Tell what is kept with the next step: somebody came who may not know it. */
void pcp_events_hurry(pcp_controller_t *ctl, uint32_t now_us);
void pcp_events_step(pcp_controller_t *ctl, uint32_t now_us);

/* pcp_seal.c: whether a sealed frame shows the key and was not there before; a refused one is an event. */
bool pcp_seal_accepted(pcp_controller_t *ctl, const pcp_frame_t *frame, uint32_t now_us);

/* pcp_parameters.c: values as they are on the wire; `index` is below PCP_PARAMETERS. */
void pcp_parameters_init(pcp_controller_t *ctl);
uint32_t pcp_parameter_bits(const pcp_config_t *config, unsigned index);
bool pcp_parameter_fits(unsigned index, uint32_t bits); /* of its type, a number, and within its range */
uint32_t pcp_parameters_hash(const pcp_config_t *config);
void pcp_parameters_obey_get(pcp_controller_t *ctl, const uint8_t *payload, uint32_t now_us);
void pcp_parameters_obey_set(pcp_controller_t *ctl, const uint8_t *payload, uint32_t now_us);
pcp_result_t pcp_parameters_apply(pcp_controller_t *ctl, int32_t hash, uint32_t *detail, uint32_t now_us);
/* DISCARD, DEFAULT and SAVE: those without an argument. */
pcp_result_t pcp_parameters_command(pcp_controller_t *ctl, pcp_command_t command, uint32_t now_us);

/* pcp_outputs.c: lamps, horns and servos. */
void pcp_outputs_obey_out(pcp_controller_t *ctl, const uint8_t *payload, uint32_t now_us);
void pcp_outputs_obey_servo(pcp_controller_t *ctl, const uint8_t *payload, uint32_t now_us);
void pcp_outputs_step(pcp_controller_t *ctl, pcp_outputs_t *out);

/* pcp_streams.c: how often what is sent. */
typedef struct {
    uint8_t id, size;
    uint8_t copies;         /* messages that leave at each turn, at most */
    uint16_t usual_ms;      /* period at boot */
    uint16_t shortest_ms;
    uint16_t longest_ms;
    uint16_t thinned_ms;    /* how far a slow line may stretch it at boot; 0: not at all */
    uint8_t first_step;     /* they differ, so that not all streams leave at once */
    bool may_be_off;
    uint32_t needs;         /* any of these capabilities, 0 for none */
    void (*send)(pcp_controller_t *ctl, const pcp_inputs_t *in); /* NULL: it is handed over by the port */
} pcp_stream_t;
enum { PCP_STATUS_STREAM = 0, PCP_DIN_STREAM = 1, PCP_SCAN_STREAM = PCP_STREAMS - 1 };
bool pcp_stream_is_on(const pcp_controller_t *ctl, unsigned stream);
void pcp_streams_init(pcp_controller_t *ctl);
void pcp_streams_step(pcp_controller_t *ctl, const pcp_inputs_t *in);
pcp_result_t pcp_streams_set(pcp_controller_t *ctl, int32_t argument, uint32_t *detail);

/* pcp_readings.c: what the port hands over between the steps, and TEXT. */
void pcp_readings_send_env(pcp_controller_t *ctl, const pcp_inputs_t *in);
void pcp_readings_send_tags(pcp_controller_t *ctl);
void pcp_readings_introduce(pcp_controller_t *ctl);

/* pcp_telemetry.c: what is due at this step. */
extern const pcp_stream_t pcp_stream_table[PCP_STREAMS];
uint32_t pcp_capabilities(const pcp_controller_t *ctl); /* with those that follow from the configuration */
void pcp_telemetry_init(pcp_controller_t *ctl);
void pcp_telemetry_step(pcp_controller_t *ctl, const pcp_inputs_t *in);

#endif
