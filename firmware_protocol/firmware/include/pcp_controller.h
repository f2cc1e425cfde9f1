/* The controller: everything between the bytes of the host and the duty of the motors.
 *
 * Portable C11: no heap, no globals, no libm, no waiting. The caller owns the memory, passes in the
 * time, and calls pcp_controller_step() once per control period. All safety lives here, not in a port:
 * it boots disarmed, obeys a DRIVE only while its lease lasts, latches STOP, and stops by itself for every
 * Cause of protocol.yaml. */
#ifndef PCP_CONTROLLER_H
#define PCP_CONTROLLER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pcp_frame.h"
#include "pcp_messages.h"
#include "pcp_storage.h"

enum {
    PCP_WHEELS = 4,
    PCP_RANGES = 8,
    PCP_LINE_CELLS = 8,
    PCP_OUTS = 8,
    PCP_SERVOS = 4,
    PCP_PERIOD_US = 10000,
    PCP_TX_RING = 2048,
    PCP_SPEED_WINDOW = 3,   /* control periods over which a wheel's speed is measured */
    PCP_EVENTS = 16,        /* kept until the owner has them */
    PCP_TRANSACTIONS = 4,   /* answers remembered, so that a repeated CMD is not executed again */
    PCP_STREAMS = 12,       /* rows of the table in pcp_telemetry.c */
    PCP_ENVS = 8,           /* environment readings that are remembered until they are sent */
    PCP_READERS = 2         /* readers of tags */
};

/* The fields of pcp_config_t that are parameters: PCP_PARAMETER_ROWS(PCP_PARAMETER_FIELD). */
#define PCP_TYPE_F32 float
#define PCP_TYPE_U16 uint16_t
#define PCP_TYPE_I16 int16_t
#define PCP_TYPE_U32 uint32_t
#define PCP_PARAMETER_FIELD(type, field, low, high, own) PCP_TYPE_##type field;

/* What is fixed about one car, and its parameters. Lengths in metres, speeds in metres per second; the
 * meaning of each parameter is in protocol.yaml. */
typedef struct {
    uint32_t boot_id;
    uint32_t capabilities;     /* pcp_capability_t: what is fitted; RANGES and KEY_REQUIRED follow from the rest */
    uint32_t line_bytes_per_s; /* what the line can carry to the host */
    uint8_t reset_cause;       /* pcp_reset_cause_t */
    uint8_t target;            /* pcp_target_kind_t */
    uint8_t chassis;           /* pcp_chassis_t */
    uint8_t uid[12];
    uint8_t key[32];           /* when has_key: what sealed messages are checked with */
    uint8_t has_key;           /* then unsealed messages are refused, but for STOP and questions */
    uint8_t range_mask;        /* bit set of the fitted range sensors, may be 0 */
    uint8_t line_mask;         /* bit set of the fitted cells of the line sensor, may be 0 */
    int16_t range_bearing_mrad[PCP_RANGES]; /* where each range sensor looks, base_link, -3142 to 3142 */
    PCP_PARAMETER_ROWS(PCP_PARAMETER_FIELD)
} pcp_config_t;

/* What the port measured for one control step. */
typedef struct {
    uint32_t now_us; /* wraps */
    int32_t ticks[PCP_WHEELS];
    int16_t accel_mmps2[3];
    int16_t gyro_500urad[3];
    uint16_t range_mm[PCP_RANGES]; /* with the codes of protocol.yaml */
    uint16_t battery_mv;
    int16_t current_ma;
    uint16_t digital_inputs; /* bit set */
    uint16_t uart_overruns, uart_errors, uart_breaks; /* counted since boot, they wrap */
    uint8_t line_levels[PCP_LINE_CELLS]; /* 0 black to 255 white */
    uint8_t range_fresh; /* bit set: measured since the last step */
    uint8_t imu_fresh;   /* not 0: the IMU measured since the last step */
    uint8_t bumpers;     /* bit set: pressed; bits 0-3 front half, 4-7 rear half */
    uint8_t cliffs;      /* bit set: no floor below; bits as those of bumpers */
    uint8_t charger;     /* not 0: plugged in */
    uint8_t charge_percent;
    uint8_t load_percent;
} pcp_inputs_t;

/* What the port must do until the next step. When enable is false the bridge is off whatever duty says. */
typedef struct {
    int16_t duty_permille[PCP_WHEELS];
    int16_t steer_mrad; /* front wheels, counter-clockwise, trim included */
    int16_t servo_mrad[PCP_SERVOS];
    uint8_t out_levels[PCP_OUTS]; /* 0 off to 255 full */
    uint8_t enable;
} pcp_outputs_t;

/* What pcp_controller_init() says of a configuration. A parameter outside its range is -1 - its index in
 * protocol.yaml; NaN is outside every range. No protection has an "off". */
enum {
    PCP_CONFIG_OK = 0,
    PCP_CONFIG_BAD_CHASSIS = -201,
    PCP_CONFIG_BAD_BEARING = -202,   /* range_bearing_mrad of a fitted sensor */
    PCP_CONFIG_CONTRADICTION = -203  /* undervoltage not below overvoltage, or more steer_trim than max_steer */
};

/* A motion of the car in base_link. */
typedef struct {
    float vx_mps, vy_mps, wz_radps;
} pcp_twist_t;

/* One wheel and its speed loop. */
typedef struct {
    float speed_mps;  /* measured */
    float target_mps; /* what the loop was told in the last step */
    float integral;   /* duty */
    float duty;       /* -1 to 1 */
    int32_t rest_ticks, last_ticks;
    uint32_t uncounted_us; /* since the last count */
} pcp_wheel_t;

/* The wheels: measured speeds, the ramp, and the speed loops. */
typedef struct {
    pcp_wheel_t wheels[PCP_WHEELS];
    int32_t past_ticks[PCP_SPEED_WINDOW][PCP_WHEELS];
    uint32_t past_us[PCP_SPEED_WINDOW];
    uint32_t moved_us; /* when a wheel last turned; valid while not at rest */
    uint32_t rest_us;  /* so long without turning is rest; from the resolution of the encoder */
    pcp_twist_t set;   /* where the ramp is */
    float steer_rad;   /* of the front wheels, without trim */
    uint8_t past_next;
    bool at_rest;
    bool slowing; /* the ramp goes down because of a protection, not of the host */
} pcp_motion_t;

/* Pose in the odom frame. Integers, so that nothing drifts by rounding in hours. */
typedef struct {
    int64_t x_nm, y_nm;
    int64_t rest_pm[2];      /* travel forward and to the left, too short for a nanometre yet */
    uint64_t yaw_turn64;     /* one turn is 2^64: it wraps by itself */
    int64_t pm_per_tick;     /* rim travel per encoder count */
    uint64_t turn64_per_tick; /* yaw per encoder count of (right - left) */
    int32_t jump_ticks;       /* more in one step is a fault of the counter, not motion */
    int32_t ticks[PCP_WHEELS];
} pcp_odometry_t;

/* What the host wants: the newest DRIVE. */
typedef struct {
    pcp_twist_t twist;
    uint32_t lease_from_us, lease_us;
    uint16_t count;        /* of the newest DRIVE that was sound */
    uint16_t obeyed_count; /* of the newest DRIVE that was obeyed */
    bool any_count;
    bool lease_valid;
} pcp_order_t;

/* A yes or no that turns only after it was contradicted without a break for a while. */
typedef struct {
    uint32_t against_us;
    bool is;
} pcp_belief_t;

/* State, latches and the conditions that were debounced. */
typedef struct {
    uint32_t brake_from_us;
    uint32_t owner_heard_us;
    uint32_t lasting; /* bit set by pcp_cause_t: what is wrong at this moment */
    pcp_belief_t battery_low, battery_untrue, charging;
    uint16_t stop_count;
    uint8_t state; /* pcp_state_t */
    uint8_t cause; /* pcp_cause_t, of STOPPED and DISARMED */
    uint8_t stop_source;
    uint8_t bumpers;
    bool braking; /* no longer armed, but the wheels are still being brought to rest */
    bool shorted; /* while braking: by short-circuited motors, not along the ramp */
} pcp_safety_t;

/* The range and cliff sensors, as the reflex sees them. */
typedef struct {
    uint32_t heard_us;
    uint8_t near_count[PCP_RANGES], far_count[PCP_RANGES];
    uint8_t near;         /* bit set, debounced */
    uint8_t front, rear;  /* bit sets: who looks forward, who looks backward */
    uint8_t left, right;  /* who looks aside; for cars that can drive there */
    uint8_t reported;     /* bit set of directions with an EVENT since they became near */
    uint8_t cliffs_seen;  /* the reading before */
    uint8_t cliffs;       /* bit set, debounced */
    bool silent;
    bool holding; /* a near range forbids what the host wants */
    bool holding_at_cliff;
} pcp_reflex_t;

/* The IMU: whether it speaks, and what it says about lying flat. */
typedef struct {
    uint32_t heard_us;
    uint32_t tilted_us;        /* more tilted than not, for so long */
    uint32_t implausible_left_us;
    float speed_mps;           /* of the car in the step before */
    float accel_mps2;          /* of the wheels, smoothed */
    float gyro_radps;          /* turn rate of the newest reading */
    bool silent;
} pcp_imu_watch_t;

/* How one wheel misbehaves, and for how long without a break. */
typedef struct {
    float expected_mps; /* the target, as slowly as a motor can follow */
    float wrong_way_m;
    float wrong_way_mps; /* in the step before */
    float coasting_mps; /* slowest speed since it should stand */
    uint32_t stalled_us, dead_us, astray_us, runaway_us;
} pcp_wheel_watch_t;

typedef struct {
    pcp_wheel_watch_t wheels[PCP_WHEELS];
    uint32_t yaw_us;
} pcp_faults_t;

/* Whether pcp_config_t is still what it was. */
typedef struct {
    uint32_t crc;     /* of the whole configuration */
    uint32_t crc_now; /* of its first `at` bytes */
    uint16_t at;
    bool damaged;
} pcp_memory_t;

/* Who owns the car, and what it asked lately. */
typedef struct {
    pcp_resp_t answers[PCP_TRANSACTIONS];
    uint32_t loop_count;
    uint16_t session; /* 0: nobody */
    uint16_t lost, rejected; /* as its last HOST_STATS said */
    uint8_t next_answer;
    bool any_loop_count;
} pcp_owner_t;

/* The parameters besides those in use, which are pcp_config_t. Bits as on the wire. */
typedef struct {
    uint32_t own[PCP_PARAMETERS];    /* what pcp_controller_init() was given */
    uint32_t staged[PCP_PARAMETERS]; /* what APPLY_PARAMETERS would put to use */
    pcp_storage_t storage;
    bool can_store;
    bool lost; /* what was saved could not be used: to be told */
} pcp_parameters_t;

/* Switched outputs and servos. */
typedef struct {
    uint32_t from_us[PCP_OUTS];
    uint32_t since_us;   /* when this session first switched something */
    uint16_t for_ms[PCP_OUTS]; /* 0: until told otherwise */
    uint16_t session;    /* whose outputs they are */
    int16_t servo_mrad[PCP_SERVOS];
    uint8_t levels[PCP_OUTS];
} pcp_switches_t;

/* An environment reading that waits for its turn. */
typedef struct {
    int32_t value;
    uint32_t stamp_us;
    uint8_t quantity, place;
    bool used, fresh;
} pcp_reading_t;

/* What one reader saw last. */
typedef struct {
    pcp_tag_t tag;
    uint32_t sent_us;
    bool fresh, any;
} pcp_reader_t;

/* Events that the owner does not have yet, the oldest first. */
typedef struct {
    pcp_event_t kept[PCP_EVENTS];
    uint32_t told_us; /* when they were last sent */
    uint8_t first, used;
} pcp_events_t;

/* What sealed messages have shown so far. */
typedef struct {
    uint32_t counter; /* of the last one that was obeyed */
    uint32_t told_us; /* when a refused one was last an event */
    bool told;
} pcp_seal_t;

/* Bytes waiting to leave, and the streams that make them. */
typedef struct {
    uint16_t first, used;
    uint16_t most; /* that ever waited */
    uint16_t event_count;
    uint16_t refused, dropped, misdirected;
    uint16_t wait_steps[PCP_STREAMS];
    uint16_t period_ms[PCP_STREAMS]; /* 0: switched off */
    uint16_t session; /* for whom the periods were set */
    uint16_t inputs;  /* as in the last DIN */
    pcp_status_t status; /* the last one sent */
    uint8_t seq;
    uint8_t hellos_left, hello_wait_steps;
    uint8_t din_wait_steps; /* a bouncing switch must not fill the line */
    uint8_t range_fresh;
    bool introduced; /* the TEXT of the boot was sent */
    pcp_reading_t readings[PCP_ENVS];
    pcp_reader_t readers[PCP_READERS];
    uint8_t ring[PCP_TX_RING];
} pcp_outbox_t;

/* One car. The caller owns it; all of it is private. */
typedef struct {
    pcp_config_t config;
    pcp_decoder_t decoder;
    uint8_t received[PCP_MAX_BLOCK_IN]; /* the decoder's room: whatever is meant for a controller fits */
    pcp_outbox_t line;
    pcp_events_t events;
    pcp_seal_t seal;
    pcp_owner_t owner;
    pcp_order_t order;
    pcp_safety_t safety;
    pcp_reflex_t reflex;
    pcp_imu_watch_t imu;
    pcp_faults_t faults;
    pcp_memory_t memory;
    pcp_motion_t motion;
    pcp_odometry_t odometry;
    pcp_parameters_t parameters;
    pcp_switches_t switches;
    uint32_t now_us, uptime_ms, uptime_rest_us;
    bool ready;   /* the configuration was accepted */
    bool stepped; /* there were inputs */
} pcp_controller_t;

/* Give every parameter the firmware's own value. */
void pcp_config_own_values(pcp_config_t *config);

/* Start from nothing, disarmed. Returns PCP_CONFIG_OK, or why not; a refused configuration leaves a controller
 * that never enables the motors, receives nothing and sends nothing. */
int pcp_controller_init(pcp_controller_t *ctl, const pcp_config_t *config);

/* Use this memory for saved parameters, and put what it holds to use. Call it after pcp_controller_init() and
 * before the first step; it may erase. Values that cannot be used are left, and told by an EVENT. */
void pcp_controller_load(pcp_controller_t *ctl, const pcp_flash_t *flash);

/* Take n bytes from the host, received at now_us (same clock as pcp_inputs_t.now_us). */
void pcp_controller_receive(pcp_controller_t *ctl, const uint8_t *bytes, size_t n, uint32_t now_us);

/* The line is broken (UART BREAK): latch STOP. */
void pcp_controller_line_break(pcp_controller_t *ctl, uint32_t now_us);

/* One control period: read what was measured, decide, and say what the motors must do. */
void pcp_controller_step(pcp_controller_t *ctl, const pcp_inputs_t *in, pcp_outputs_t *out);

/* Queue a piece of a lidar turn. Dropped and counted when the line is full, and dropped while SCAN is off. */
void pcp_controller_scan(pcp_controller_t *ctl, const pcp_scan_t *scan);

/* A reading of an environment sensor, in the unit of its quantity. Call it as often as the sensor measures: the
 * newest is sent at the rate of ENV. More than PCP_ENVS different sensors are not remembered. */
void pcp_controller_env(pcp_controller_t *ctl, pcp_quantity_t quantity, uint8_t place, int32_t value);

/* A tag that reader 0 to PCP_READERS - 1 sees now; size is at most 10. Call it for as long as the tag is there, at
 * least every 200 ms: how often it is sent is decided here. */
void pcp_controller_tag(pcp_controller_t *ctl, pcp_tag_kind_t kind, uint8_t reader, const uint8_t *tag, uint8_t size);

/* A line for people, UTF-8, ended by a zero. What is longer than one TEXT is cut between two characters. */
void pcp_controller_text(pcp_controller_t *ctl, pcp_severity_t severity, const char *text);

/* Take at most `capacity` bytes for the host. Returns how many. */
size_t pcp_controller_transmit(pcp_controller_t *ctl, uint8_t *out, size_t capacity);

#endif
