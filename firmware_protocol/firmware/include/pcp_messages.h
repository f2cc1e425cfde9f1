/* Every message of PCP/1. Generated from protocol.yaml by generate.py; edit that file instead. */
#ifndef PCP_MESSAGES_H
#define PCP_MESSAGES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PCP_MAJOR 1
#define PCP_MINOR 0
#define PCP_SCHEMA 0xb573bebfu
#define PCP_MAGIC 0x52414350u
#define PCP_MAX_PAYLOAD 247
/* Longest payload that a controller is sent. */
#define PCP_MAX_PAYLOAD_IN 29

#define PCP_RANGE_NOTHING_SEEN 0xffffu
#define PCP_RANGE_TOO_CLOSE 0xfffeu
#define PCP_RANGE_BROKEN 0xfffdu

enum {
    PCP_ID_HELLO_REQUEST = 0x00,
    PCP_ID_HELLO = 0x01,
    PCP_ID_HEARTBEAT = 0x02,
    PCP_ID_ALIVE = 0x03,
    PCP_ID_TIME_REQUEST = 0x04,
    PCP_ID_TIME = 0x05,
    PCP_ID_EVENT_ACK = 0x06,
    PCP_ID_HOST_STATS = 0x07,
    PCP_ID_LINK_STATS = 0x08,
    PCP_ID_DRIVE = 0x10,
    PCP_ID_STOP = 0x11,
    PCP_ID_CMD = 0x12,
    PCP_ID_RESP = 0x13,
    PCP_ID_OUT = 0x14,
    PCP_ID_SERVO = 0x15,
    PCP_ID_ODOM = 0x20,
    PCP_ID_WHEELS = 0x21,
    PCP_ID_IMU = 0x22,
    PCP_ID_RANGES = 0x23,
    PCP_ID_SCAN = 0x24,
    PCP_ID_POWER = 0x25,
    PCP_ID_STATUS = 0x26,
    PCP_ID_LINE = 0x27,
    PCP_ID_ENV = 0x28,
    PCP_ID_DIN = 0x29,
    PCP_ID_TAG = 0x2a,
    PCP_ID_PARAM_GET = 0x40,
    PCP_ID_PARAM = 0x41,
    PCP_ID_PARAM_SET = 0x42,
    PCP_ID_EVENT = 0x50,
    PCP_ID_TEXT = 0x51,
    PCP_ID_SEALED_HELLO_REQUEST = 0x80,
    PCP_ID_SEALED_HEARTBEAT = 0x82,
    PCP_ID_SEALED_EVENT_ACK = 0x86,
    PCP_ID_SEALED_HOST_STATS = 0x87,
    PCP_ID_SEALED_DRIVE = 0x90,
    PCP_ID_SEALED_CMD = 0x92,
    PCP_ID_SEALED_OUT = 0x94,
    PCP_ID_SEALED_SERVO = 0x95,
    PCP_ID_SEALED_PARAM_SET = 0xc2,
};

enum {
    PCP_SIZE_HELLO_REQUEST = 12,
    PCP_SIZE_HELLO = 51,
    PCP_SIZE_HEARTBEAT = 6,
    PCP_SIZE_ALIVE = 11,
    PCP_SIZE_TIME_REQUEST = 2,
    PCP_SIZE_TIME = 10,
    PCP_SIZE_EVENT_ACK = 4,
    PCP_SIZE_HOST_STATS = 16,
    PCP_SIZE_LINK_STATS = 32,
    PCP_SIZE_DRIVE = 17,
    PCP_SIZE_STOP = 1,
    PCP_SIZE_CMD = 8,
    PCP_SIZE_RESP = 9,
    PCP_SIZE_OUT = 6,
    PCP_SIZE_SERVO = 5,
    PCP_SIZE_ODOM = 22,
    PCP_SIZE_WHEELS = 38,
    PCP_SIZE_IMU = 16,
    PCP_SIZE_RANGES = 21,
    PCP_SIZE_SCAN = 191,
    PCP_SIZE_POWER = 6,
    PCP_SIZE_STATUS = 13,
    PCP_SIZE_LINE = 13,
    PCP_SIZE_ENV = 10,
    PCP_SIZE_DIN = 22,
    PCP_SIZE_TAG = 17,
    PCP_SIZE_PARAM_GET = 1,
    PCP_SIZE_PARAM = 11,
    PCP_SIZE_PARAM_SET = 7,
    PCP_SIZE_EVENT = 13,
    PCP_SIZE_TEXT = 54,
    PCP_SIZE_SEALED_HELLO_REQUEST = 24,
    PCP_SIZE_SEALED_HEARTBEAT = 18,
    PCP_SIZE_SEALED_EVENT_ACK = 16,
    PCP_SIZE_SEALED_HOST_STATS = 28,
    PCP_SIZE_SEALED_DRIVE = 29,
    PCP_SIZE_SEALED_CMD = 20,
    PCP_SIZE_SEALED_OUT = 18,
    PCP_SIZE_SEALED_SERVO = 17,
    PCP_SIZE_SEALED_PARAM_SET = 19,
};

#define PCP_SEED_HELLO_REQUEST 0x00000000u
#define PCP_SEED_HELLO 0x00000000u
#define PCP_SEED_HEARTBEAT 0xbc96809cu
#define PCP_SEED_ALIVE 0xb6600763u
#define PCP_SEED_TIME_REQUEST 0x969f9ee3u
#define PCP_SEED_TIME 0xf7f7097cu
#define PCP_SEED_EVENT_ACK 0x605dc36au
#define PCP_SEED_HOST_STATS 0x4ad3bcedu
#define PCP_SEED_LINK_STATS 0xce598a07u
#define PCP_SEED_DRIVE 0x6679889du
#define PCP_SEED_STOP 0x62cf43e1u
#define PCP_SEED_CMD 0x3b7813b2u
#define PCP_SEED_RESP 0x31800d14u
#define PCP_SEED_OUT 0xc57a655bu
#define PCP_SEED_SERVO 0xd1e38e59u
#define PCP_SEED_ODOM 0xcc475a5eu
#define PCP_SEED_WHEELS 0x8ad8ba48u
#define PCP_SEED_IMU 0xe27605ffu
#define PCP_SEED_RANGES 0xccd60604u
#define PCP_SEED_SCAN 0x7761e159u
#define PCP_SEED_POWER 0xfb2106c5u
#define PCP_SEED_STATUS 0xc68df422u
#define PCP_SEED_LINE 0x6d2139abu
#define PCP_SEED_ENV 0xf21a8b6cu
#define PCP_SEED_DIN 0x60b27b15u
#define PCP_SEED_TAG 0x569252beu
#define PCP_SEED_PARAM_GET 0x15fc01b1u
#define PCP_SEED_PARAM 0x4846ed9cu
#define PCP_SEED_PARAM_SET 0xa6eb964bu
#define PCP_SEED_EVENT 0x6d037d80u
#define PCP_SEED_TEXT 0x031a65ebu
#define PCP_SEED_SEALED_HELLO_REQUEST 0x5e82685cu
#define PCP_SEED_SEALED_HEARTBEAT 0x22387487u
#define PCP_SEED_SEALED_EVENT_ACK 0x78fa293fu
#define PCP_SEED_SEALED_HOST_STATS 0x2fc6e6b7u
#define PCP_SEED_SEALED_DRIVE 0x0c79225cu
#define PCP_SEED_SEALED_CMD 0xfcd2c4e8u
#define PCP_SEED_SEALED_OUT 0x0683802eu
#define PCP_SEED_SEALED_SERVO 0x5ccb75bau
#define PCP_SEED_SEALED_PARAM_SET 0x1c398b21u

/* What a receiver and a sender must know of a message. */
typedef struct {
    uint32_t seed; /* start value of the CRC-32 */
    uint8_t id;
    uint8_t size; /* of the payload */
    bool to_controller;
} pcp_message_t;

/* Every message, the shortest first: so are encoded lengths tried in a damaged block. */
enum { PCP_MESSAGE_COUNT = 40 };
extern const pcp_message_t PCP_MESSAGES[PCP_MESSAGE_COUNT];

/* How the wheels are arranged. */
typedef enum {
    PCP_CHASSIS_DIFFERENTIAL = 0,
    PCP_CHASSIS_SKID = 1,
    PCP_CHASSIS_MECANUM = 2,
    PCP_CHASSIS_ACKERMANN = 3,
} pcp_chassis_t;

/* What answers on this line. */
typedef enum {
    PCP_TARGET_KIND_HARDWARE = 0,
    PCP_TARGET_KIND_SIMULATOR = 1,
    PCP_TARGET_KIND_EMULATOR = 2,
} pcp_target_kind_t;

/* Why the controller last started. */
typedef enum {
    PCP_RESET_CAUSE_POWER_ON = 0,
    PCP_RESET_CAUSE_PIN = 1,
    PCP_RESET_CAUSE_SOFTWARE = 2,
    PCP_RESET_CAUSE_WATCHDOG = 3,
    PCP_RESET_CAUSE_BROWN_OUT = 4,
} pcp_reset_cause_t;

/* What the controller lets the motors do. A receiver takes an unknown state for DISARMED. */
typedef enum {
    PCP_STATE_DISARMED = 0,
    PCP_STATE_ARMED = 1,
    PCP_STATE_STOPPED = 2,
} pcp_state_t;

/* What a cause does to the car. */
typedef enum {
    PCP_EFFECT_NOTHING = 0,
    PCP_EFFECT_HOLD = 1,
    PCP_EFFECT_DISARM = 2,
    PCP_EFFECT_RAMP = 3,
    PCP_EFFECT_BRAKE = 4,
    PCP_EFFECT_CUT = 5,
} pcp_effect_t;

/* Why the car does not drive, or why it was stopped or disarmed. */
typedef enum {
    PCP_CAUSE_NONE = 0,
    PCP_CAUSE_HOST_STOP = 1,
    PCP_CAUSE_BUMPER = 2,
    PCP_CAUSE_NEAR_RANGE = 3,
    PCP_CAUSE_UNDERVOLTAGE = 4,
    PCP_CAUSE_LEASE_EXPIRED = 5,
    PCP_CAUSE_HOST_SILENT = 6,
    PCP_CAUSE_RANGE_SILENT = 7,
    PCP_CAUSE_OVERRUN = 8,
    PCP_CAUSE_CLIFF = 9,
    PCP_CAUSE_TILT = 10,
    PCP_CAUSE_STALL = 11,
    PCP_CAUSE_ENCODER_DEAD = 12,
    PCP_CAUSE_ENCODER_SIGN = 13,
    PCP_CAUSE_WHEEL_MISMATCH = 14,
    PCP_CAUSE_RUNAWAY = 15,
    PCP_CAUSE_YAW_MISMATCH = 16,
    PCP_CAUSE_BATTERY_SENSOR = 17,
    PCP_CAUSE_CHARGING = 18,
    PCP_CAUSE_MEMORY = 19,
    PCP_CAUSE_IMU_SILENT = 20,
} pcp_cause_t;

/* How loud an event is. */
typedef enum {
    PCP_SEVERITY_INFO = 0,
    PCP_SEVERITY_CAUTION = 1,
    PCP_SEVERITY_WARNING = 2,
} pcp_severity_t;

/* What CMD asks for. */
typedef enum {
    PCP_COMMAND_ARM = 1,
    PCP_COMMAND_DISARM = 2,
    PCP_COMMAND_CLEAR_STOP = 3,
    PCP_COMMAND_RESET_ODOMETRY = 4,
    PCP_COMMAND_SET_STREAM = 5,
    PCP_COMMAND_APPLY_PARAMETERS = 6,
    PCP_COMMAND_DISCARD_PARAMETERS = 7,
    PCP_COMMAND_DEFAULT_PARAMETERS = 8,
    PCP_COMMAND_SAVE_PARAMETERS = 9,
} pcp_command_t;

/* How the controller answered a CMD. */
typedef enum {
    PCP_RESULT_OK = 0,
    PCP_RESULT_DENIED = 1,
    PCP_RESULT_UNSUPPORTED = 2,
    PCP_RESULT_BAD_ARGUMENT = 3,
    PCP_RESULT_WRONG_SESSION = 4,
    PCP_RESULT_OVER_BUDGET = 5,
    PCP_RESULT_OUT_OF_RANGE = 6,
    PCP_RESULT_FAILED = 7,
} pcp_result_t;

/* What happened, in EVENT. */
typedef enum {
    PCP_EVENT_CODE_BOOTED = 1,
    PCP_EVENT_CODE_SESSION_OPENED = 2,
    PCP_EVENT_CODE_ARMED = 3,
    PCP_EVENT_CODE_DISARMED = 4,
    PCP_EVENT_CODE_STOP_LATCHED = 5,
    PCP_EVENT_CODE_STOP_CLEARED = 6,
    PCP_EVENT_CODE_LEASE_EXPIRED = 7,
    PCP_EVENT_CODE_REFLEX = 8,
    PCP_EVENT_CODE_ARM_REFUSED = 9,
    PCP_EVENT_CODE_PARAMETERS_APPLIED = 10,
    PCP_EVENT_CODE_PARAMETERS_SAVED = 11,
    PCP_EVENT_CODE_PARAMETERS_LOST = 12,
    PCP_EVENT_CODE_SEAL_REFUSED = 13,
} pcp_event_code_t;

/* How the 32 bits of a parameter's value are read. */
typedef enum {
    PCP_PARAMETER_TYPE_F32 = 0,
    PCP_PARAMETER_TYPE_U16 = 1,
    PCP_PARAMETER_TYPE_I16 = 2,
    PCP_PARAMETER_TYPE_U32 = 3,
} pcp_parameter_type_t;

/* What an ENV message tells. Unknown ones are shown by their number. */
typedef enum {
    PCP_QUANTITY_TEMPERATURE = 0,
    PCP_QUANTITY_HUMIDITY = 1,
    PCP_QUANTITY_PRESSURE = 2,
    PCP_QUANTITY_LIGHT = 3,
    PCP_QUANTITY_GAS = 4,
    PCP_QUANTITY_SMOKE = 5,
    PCP_QUANTITY_FLAME = 6,
    PCP_QUANTITY_SOUND = 7,
    PCP_QUANTITY_CO2 = 8,
    PCP_QUANTITY_DUST = 9,
} pcp_quantity_t;

/* What kind of mark was read. */
typedef enum {
    PCP_TAG_KIND_RFID = 0,
    PCP_TAG_KIND_VISUAL = 1,
    PCP_TAG_KIND_BEACON = 2,
} pcp_tag_kind_t;

/* Reasons for which arming is refused, all at once. The self-test at arming is this list. */
typedef enum {
    PCP_ARM_CHECK_STOP_LATCHED = 1,
    PCP_ARM_CHECK_BUMPER_PRESSED = 2,
    PCP_ARM_CHECK_UNDERVOLTAGE = 4,
    PCP_ARM_CHECK_WHEELS_MOVING = 8,
    PCP_ARM_CHECK_RANGES_SILENT = 16,
    PCP_ARM_CHECK_NO_SESSION = 32,
    PCP_ARM_CHECK_TILTED = 64,
    PCP_ARM_CHECK_IMU_SILENT = 128,
    PCP_ARM_CHECK_IMU_IMPLAUSIBLE = 256,
    PCP_ARM_CHECK_BATTERY_SENSOR = 512,
    PCP_ARM_CHECK_CHARGING = 1024,
    PCP_ARM_CHECK_MEMORY = 2048,
} pcp_arm_check_t;

/* What the car has, and what its firmware can do. */
typedef enum {
    PCP_CAPABILITY_IMU = 1,
    PCP_CAPABILITY_RANGES = 2,
    PCP_CAPABILITY_LIDAR = 4,
    PCP_CAPABILITY_BUMPERS = 8,
    PCP_CAPABILITY_CLIFFS = 16,
    PCP_CAPABILITY_STEERING = 32,
    PCP_CAPABILITY_CHARGER = 64,
    PCP_CAPABILITY_STORAGE = 128,
    PCP_CAPABILITY_BREAK_STOP = 256,
    PCP_CAPABILITY_KEY_REQUIRED = 512,
    PCP_CAPABILITY_LINE_SENSOR = 1024,
    PCP_CAPABILITY_ENVIRONMENT = 2048,
    PCP_CAPABILITY_DIGITAL_INPUTS = 4096,
    PCP_CAPABILITY_OUTPUTS = 8192,
    PCP_CAPABILITY_SERVOS = 16384,
    PCP_CAPABILITY_TAG_READER = 32768,
} pcp_capability_t;

/* How a DRIVE is to be taken. */
typedef enum {
    PCP_DRIVE_FLAG_DATED = 1,
} pcp_drive_flag_t;

/* What holds at this moment. */
typedef enum {
    PCP_STATUS_FLAG_LEASE_VALID = 1,
    PCP_STATUS_FLAG_REFLEX_FRONT = 2,
    PCP_STATUS_FLAG_REFLEX_REAR = 4,
    PCP_STATUS_FLAG_MOVING = 8,
    PCP_STATUS_FLAG_SLOWING = 16,
} pcp_status_flag_t;

/* What each cause does to the car, in their order. */
#define PCP_EFFECTS {PCP_EFFECT_NOTHING, PCP_EFFECT_RAMP, PCP_EFFECT_RAMP, PCP_EFFECT_HOLD, PCP_EFFECT_RAMP, PCP_EFFECT_HOLD, PCP_EFFECT_DISARM, PCP_EFFECT_HOLD, PCP_EFFECT_RAMP, PCP_EFFECT_RAMP, PCP_EFFECT_CUT, PCP_EFFECT_BRAKE, PCP_EFFECT_BRAKE, PCP_EFFECT_BRAKE, PCP_EFFECT_BRAKE, PCP_EFFECT_CUT, PCP_EFFECT_BRAKE, PCP_EFFECT_RAMP, PCP_EFFECT_RAMP, PCP_EFFECT_CUT, PCP_EFFECT_HOLD}

/* Parameters: type, field of pcp_config_t, lowest, highest, the firmware's own value. */
#define PCP_PARAMETER_ROWS(ROW) \
    ROW(F32, track_m, 0.05f, 1.0f, 0.2f) \
    ROW(F32, wheelbase_m, 0.05f, 1.5f, 0.2f) \
    ROW(F32, metres_per_tick, 1e-06f, 0.05f, 0.0001308997f) \
    ROW(F32, max_speed_mps, 0.05f, 3.0f, 0.8f) \
    ROW(F32, max_turn_radps, 0.1f, 10.0f, 2.5f) \
    ROW(F32, accel_mps2, 0.1f, 10.0f, 0.8f) \
    ROW(F32, decel_mps2, 0.3f, 10.0f, 1.2f) \
    ROW(F32, kff, 0.0f, 100.0f, 0.86f) \
    ROW(F32, kp, 0.0f, 100.0f, 2.0f) \
    ROW(F32, ki, 0.0f, 100.0f, 5.0f) \
    ROW(F32, deadband, 0.0f, 0.6f, 0.045f) \
    ROW(F32, duty_slew_per_s, 2.0f, 100.0f, 50.0f) \
    ROW(U16, reflex_mm, 30, 2000, 100) \
    ROW(U16, range_silent_ms, 50, 2000, 300) \
    ROW(U16, undervoltage_mv, 2500, 60000, 9300) \
    ROW(U16, overvoltage_mv, 3000, 65000, 14000) \
    ROW(U16, undervoltage_ms, 50, 5000, 1000) \
    ROW(U16, host_silent_ms, 500, 5000, 1000) \
    ROW(U16, tilt_mrad, 87, 785, 436) \
    ROW(U16, tilt_ms, 20, 500, 100) \
    ROW(F32, stall_duty, 0.1f, 0.9f, 0.5f) \
    ROW(U16, stall_ms, 100, 2000, 500) \
    ROW(U16, wheel_ms, 50, 500, 150) \
    ROW(U16, max_steer_mrad, 87, 785, 436) \
    ROW(U16, steer_rate_mradps, 500, 20000, 6000) \
    ROW(I16, steer_trim_mrad, -300, 300, 0)

#define PCP_PARAMETER_TABLE 0x29e1f6cfu
enum {
    PCP_PARAM_TRACK,
    PCP_PARAM_WHEELBASE,
    PCP_PARAM_METRES_PER_TICK,
    PCP_PARAM_MAX_SPEED,
    PCP_PARAM_MAX_TURN,
    PCP_PARAM_ACCEL,
    PCP_PARAM_DECEL,
    PCP_PARAM_KFF,
    PCP_PARAM_KP,
    PCP_PARAM_KI,
    PCP_PARAM_DEADBAND,
    PCP_PARAM_DUTY_SLEW,
    PCP_PARAM_REFLEX,
    PCP_PARAM_RANGE_SILENT,
    PCP_PARAM_UNDERVOLTAGE,
    PCP_PARAM_OVERVOLTAGE,
    PCP_PARAM_UNDERVOLTAGE_MS,
    PCP_PARAM_HOST_SILENT,
    PCP_PARAM_TILT,
    PCP_PARAM_TILT_MS,
    PCP_PARAM_STALL_DUTY,
    PCP_PARAM_STALL_MS,
    PCP_PARAM_WHEEL_MS,
    PCP_PARAM_MAX_STEER,
    PCP_PARAM_STEER_RATE,
    PCP_PARAM_STEER_TRIM,
    PCP_PARAMETERS
};

/* Opens a session. Repeated until HELLO answers; a repeat with the same session changes nothing. */
typedef struct {
    uint32_t magic; /* 0x52414350: on the line the letters PCAR */
    uint8_t major; /* protocol major of the host */
    uint8_t minor; /* protocol minor of the host */
    uint32_t schema; /* schema hash of the host */
    uint16_t session; /* session the host asks for, 1 to 65535 */
} pcp_hello_request_t;

/* Answers every HELLO_REQUEST; also sent at boot, 100 and 200 ms after it. */
typedef struct {
    uint32_t magic; /* 0x52414350: on the line the letters PCAR */
    uint8_t major; /* protocol major of the controller */
    uint8_t minor; /* protocol minor of the controller */
    uint32_t schema; /* schema hash of the controller */
    uint32_t boot_id; /* another number after each boot; a simulator gives the same ones for the same seed */
    uint16_t session; /* the session that owns the car, 0 for none; another than asked for means: not yours */
    uint8_t firmware[3]; /* firmware version, major minor patch */
    uint8_t chassis; /* how the wheels are arranged */
    uint8_t target; /* what answers on this line */
    uint8_t reset_cause; /* why the controller last started */
    uint8_t max_frame; /* longest payload it accepts; of a longer block it keeps the end */
    uint8_t uid[12]; /* unique id of the chip */
    uint32_t capabilities; /* what the car has */
    uint32_t parameter_table; /* hash of the parameter table, see section 8 */
    uint32_t parameter_values; /* hash of the parameters in use */
    uint32_t seal_counter; /* counter of the last sealed message that was obeyed since boot */
} pcp_hello_t;

/* The host's control loop is alive. Made by that loop and by nothing else. */
typedef struct {
    uint16_t session; /* session of the sender */
    uint32_t loop_count; /* turns of the host's control loop */
} pcp_heartbeat_t;

/* The controller's control loop is alive. */
typedef struct {
    uint32_t uptime_ms; /* milliseconds since boot */
    uint32_t boot_id; /* as in HELLO */
    uint16_t session; /* session that owns the car */
    uint8_t load_percent; /* share of the control period in use */
} pcp_alive_t;

/* Asks for the controller's time; anyone may. */
typedef struct {
    uint16_t cookie; /* comes back in TIME, so that an answer is matched to its question */
} pcp_time_request_t;

/* Answers TIME_REQUEST. */
typedef struct {
    uint16_t cookie; /* cookie of the question */
    uint32_t received_us; /* controller time at which the question arrived */
    uint32_t sent_us; /* controller time at which this answer was put into the line */
} pcp_time_t;

/* The owner has every event up to this one. Others are sent again every 200 ms, the oldest first. */
typedef struct {
    uint16_t session; /* session of the sender */
    uint16_t event_count; /* event_count of the newest event of which none before is missing */
} pcp_event_ack_t;

/* What the owner's receiver counted since its session opened; all counters wrap. */
typedef struct {
    uint16_t session; /* session of the sender */
    uint32_t frames; /* whole frames accepted */
    uint16_t rejected; /* blocks that were no frame */
    uint16_t lost; /* frames missing by their sequence numbers */
    uint16_t rescued; /* frames cut out of a damaged block */
    uint32_t round_trip_us; /* shortest round trip of late, 0 while unknown */
} pcp_host_stats_t;

/* What the controller's receiver counted since boot; all counters wrap. */
typedef struct {
    uint32_t frames; /* whole frames accepted */
    uint16_t bad_crc; /* blocks with the id and the length of a message whose checksum failed */
    uint16_t bad_length; /* blocks shorter than 6 bytes after COBS, of a known id with another length, or longer than its receiver has room for */
    uint16_t bad_cobs; /* blocks that are not COBS */
    uint16_t unknown; /* blocks whose id nobody knows (their CRC cannot be checked), and sound frames with an id that only a controller sends */
    uint16_t lost; /* frames missing by their sequence numbers, modulo 256, since the first frame after boot */
    uint16_t rescued; /* frames cut out of a damaged block; they count in frames too */
    uint16_t refused; /* sound frames not obeyed: wrong session, stale count, value out of range */
    uint16_t tx_dropped; /* telemetry frames dropped because the line was full */
    uint16_t tx_most; /* most bytes that ever waited for the line */
    uint16_t overruns; /* bytes the UART lost because nobody fetched them in time */
    uint16_t line_errors; /* framing, noise and parity errors of the UART */
    uint16_t breaks; /* BREAKs on the line */
    uint16_t host_lost; /* lost of the latest HOST_STATS: what of our frames did not arrive */
    uint16_t host_rejected; /* rejected of the latest HOST_STATS */
} pcp_link_stats_t;

/* The wanted motion, absolute, newest wins. Obeyed only when armed, in the owner's session, and while its lease lasts. */
typedef struct {
    uint16_t session; /* session of the sender */
    uint16_t count; /* grows by one per DRIVE; a count that is not newer (modulo 65536) is refused */
    uint16_t lease_ms; /* how long this command may be obeyed, 100 to 500; others are refused */
    int16_t vx_mmps; /* forward speed, base_link */
    int16_t vy_mmps; /* speed to the left, base_link; 0 for cars that cannot */
    int16_t wz_mradps; /* turn rate, counter-clockwise */
    uint8_t flags; /* whether the command carries its date */
    uint32_t made_us; /* controller time at which the host made it; the lease counts from then */
} pcp_drive_t;

/* Stops the car and latches. Stateless, accepted from anyone in any state, sent three times. */
typedef struct {
    uint8_t reason; /* free for the sender: 0 operator, 1 governor, 2 program end */
} pcp_stop_t;

/* Asks for something once. The same transaction id from the same session is answered again, never executed again. */
typedef struct {
    uint16_t session; /* session of the sender */
    uint8_t transaction; /* number of this request, never 0 */
    uint8_t command; /* what is asked for */
    int32_t argument; /* CLEAR_STOP: stop_count of STATUS that is to be cleared; SET_STREAM and APPLY_PARAMETERS: see Command; else 0 */
} pcp_cmd_t;

/* Answers one CMD. */
typedef struct {
    uint16_t session; /* session of the CMD */
    uint8_t transaction; /* transaction of the CMD */
    uint8_t command; /* command of the CMD */
    uint8_t result; /* how it went */
    uint32_t detail; /* ARM denied: bit set of ArmCheck; SET_STREAM: bytes per second of all streams; see Result; else 0 */
} pcp_resp_t;

/* Switches or dims one output: a lamp, a horn, a relay. Owner only. All outputs go off when the session ends or the host falls silent. */
typedef struct {
    uint16_t session; /* session of the sender */
    uint8_t channel; /* output, 0 to 7 */
    uint8_t level; /* 0 off to 255 full */
    uint16_t duration_ms; /* then off again; 0 for until told otherwise */
} pcp_out_t;

/* Turns one servo, for example of a camera. Owner only; refused while STOPPED. The steering servo is not among them. */
typedef struct {
    uint16_t session; /* session of the sender */
    uint8_t channel; /* servo, 0 to 3 */
    int16_t angle_mrad; /* from the middle, counter-clockwise seen along its axis, -1571 to 1571 */
} pcp_servo_t;

/* Pose and twist by wheel odometry in the controller's own odom frame. */
typedef struct {
    uint32_t stamp_us; /* controller time */
    int32_t x_mm; /* position */
    int32_t y_mm; /* position */
    uint16_t yaw_turn16; /* heading, one turn is 65536, so it wraps by itself */
    int16_t vx_mmps; /* measured forward speed */
    int16_t vy_mmps; /* measured speed to the left */
    int16_t wz_mradps; /* measured turn rate */
    uint16_t drive_count; /* count of the last DRIVE obeyed, 0 before the first since boot */
} pcp_odom_t;

/* Encoder counts, measured wheel speeds and motor commands; front left, front right, rear left, rear right (two wheels use the first two). */
typedef struct {
    uint32_t stamp_us; /* controller time */
    int32_t ticks[4]; /* encoder counts since boot, they wrap */
    int16_t speed_mmps[4]; /* measured speed of the wheel's rim */
    int16_t pwm_permille[4]; /* motor command, -1 to 1 */
    int16_t steer_mrad; /* commanded angle of the front wheels, counter-clockwise; 0 for cars that do not steer */
} pcp_wheels_t;

/* Acceleration and turn rates, x forward, y left, z up. */
typedef struct {
    uint32_t stamp_us; /* controller time */
    int16_t accel_mmps2[3]; /* specific force; at rest z is +9.81 */
    int16_t gyro_500urad[3]; /* turn rates */
} pcp_imu_t;

/* Distances of up to eight sonar or infrared sensors. Where each sits is agreed outside the line; places without a sensor read broken. */
typedef struct {
    uint32_t stamp_us; /* controller time */
    uint8_t fresh; /* bit set of the sensors that measured since the last RANGES */
    uint16_t ranges[8]; /* distance from the sensor */
} pcp_ranges_t;

/* A piece of one lidar turn, counter-clockwise. Beams of one turn are measured one after the other, while the car moves. */
typedef struct {
    uint32_t stamp_us; /* controller time of the first beam of this piece */
    uint8_t turn; /* number of the turn */
    uint16_t first; /* index of the first beam; its bearing is 2*pi*first/beams_per_turn, counter-clockwise from where the lidar looks */
    uint16_t beams_per_turn; /* beams in a whole turn */
    uint16_t beam_us; /* time from beam to beam */
    uint16_t ranges[90]; /* distance from the lidar; entries past the end of the turn are broken */
} pcp_scan_t;

/* The battery. */
typedef struct {
    uint16_t battery_mv; /* voltage under load */
    int16_t current_ma; /* current out of the battery, negative while charging */
    uint8_t charge_percent; /* estimated charge, 255 for unknown */
    uint8_t charger; /* 1 while the charger is plugged in, else 0 */
} pcp_power_t;

/* What the controller lets the motors do, and why. Also sent at once on every change. */
typedef struct {
    uint8_t state; /* what the motors may do */
    uint8_t cause; /* why it is not driving, NONE when it may */
    uint16_t flags; /* what holds now */
    uint16_t arm_checks; /* what would refuse arming now, 0 when it could */
    uint8_t bumpers; /* bit set of pressed bumpers: 0 to 3 front, left to right; 4 to 7 rear, left to right */
    uint16_t stop_count; /* number of the latest latched STOP, to be named by CLEAR_STOP */
    uint8_t stop_source; /* reason byte of the latest STOP message */
    uint16_t lease_left_ms; /* what is left of the lease */
    uint8_t cliffs; /* bit set of cliff sensors that see no floor: 0 to 3 front, left to right; 4 to 7 rear, left to right */
} pcp_status_t;

/* Line sensor: how bright the floor is under each of up to eight cells, left to right. */
typedef struct {
    uint32_t stamp_us; /* controller time */
    uint8_t fitted; /* bit set of the cells that exist */
    uint8_t levels[8]; /* 0 black to 255 white */
} pcp_line_t;

/* One reading of one environment sensor. */
typedef struct {
    uint32_t stamp_us; /* controller time */
    uint8_t quantity; /* what was measured */
    uint8_t place; /* which of several sensors of this quantity, from 0 */
    int32_t value; /* in the unit of the quantity */
} pcp_env_t;

/* Digital inputs, and where the outputs and servos stand. Also sent at once on every change of an input. */
typedef struct {
    uint32_t stamp_us; /* controller time */
    uint16_t inputs; /* bit set of the inputs that are on */
    uint8_t levels[8]; /* level of each output */
    int16_t angles_mrad[4]; /* angle of each servo */
} pcp_din_t;

/* A tag was read. Sent at once, and again every 200 ms while the tag is there. */
typedef struct {
    uint32_t stamp_us; /* controller time */
    uint8_t kind; /* what kind of tag */
    uint8_t reader; /* which reader, from 0 */
    uint8_t size; /* bytes of tag that count */
    uint8_t tag[10]; /* its number, the rest 0 */
} pcp_tag_t;

/* Asks for one parameter; anyone may. */
typedef struct {
    uint8_t parameter; /* index of the parameter in section 8 */
} pcp_param_get_t;

/* Answers PARAM_GET and PARAM_SET. An index without a parameter is answered by PARAM with result BAD_ARGUMENT. */
typedef struct {
    uint8_t parameter; /* index of the parameter */
    uint8_t type; /* how the values are read */
    uint8_t result; /* how PARAM_SET went; OK for PARAM_GET */
    uint32_t value; /* the value in use */
    uint32_t staged; /* the value that APPLY_PARAMETERS would put to use */
} pcp_param_t;

/* Stages one parameter. Owner only. Nothing changes in the car until APPLY_PARAMETERS. */
typedef struct {
    uint16_t session; /* session of the sender */
    uint8_t parameter; /* index of the parameter */
    uint32_t value; /* the wanted value */
} pcp_param_set_t;

/* Something happened. Sent at once, and again every 200 ms until the owner acknowledges it. */
typedef struct {
    uint32_t stamp_us; /* controller time */
    uint16_t event_count; /* grows by one per event, so a lost one is noticed */
    uint8_t severity; /* how loud */
    uint8_t code; /* what happened */
    int32_t argument; /* see the code */
    uint8_t older; /* how many events before this one are still kept and will come again; what is older than those will not */
} pcp_event_t;

/* A line for people, UTF-8. Never needed to drive the car. */
typedef struct {
    uint32_t stamp_us; /* controller time */
    uint8_t severity; /* how loud */
    uint8_t size; /* bytes of text that count */
    uint8_t text[48]; /* the line, the rest 0 */
} pcp_text_t;

/* HELLO_REQUEST for a line that needs a key, see section 9. */
typedef struct {
    uint8_t payload[12]; /* payload of HELLO_REQUEST */
    uint32_t counter; /* larger than that of every sealed message before it */
    uint8_t tag[8]; /* the first bytes of the HMAC-SHA256 */
} pcp_sealed_hello_request_t;

/* HEARTBEAT for a line that needs a key, see section 9. */
typedef struct {
    uint8_t payload[6]; /* payload of HEARTBEAT */
    uint32_t counter; /* larger than that of every sealed message before it */
    uint8_t tag[8]; /* the first bytes of the HMAC-SHA256 */
} pcp_sealed_heartbeat_t;

/* EVENT_ACK for a line that needs a key, see section 9. */
typedef struct {
    uint8_t payload[4]; /* payload of EVENT_ACK */
    uint32_t counter; /* larger than that of every sealed message before it */
    uint8_t tag[8]; /* the first bytes of the HMAC-SHA256 */
} pcp_sealed_event_ack_t;

/* HOST_STATS for a line that needs a key, see section 9. */
typedef struct {
    uint8_t payload[16]; /* payload of HOST_STATS */
    uint32_t counter; /* larger than that of every sealed message before it */
    uint8_t tag[8]; /* the first bytes of the HMAC-SHA256 */
} pcp_sealed_host_stats_t;

/* DRIVE for a line that needs a key, see section 9. */
typedef struct {
    uint8_t payload[17]; /* payload of DRIVE */
    uint32_t counter; /* larger than that of every sealed message before it */
    uint8_t tag[8]; /* the first bytes of the HMAC-SHA256 */
} pcp_sealed_drive_t;

/* CMD for a line that needs a key, see section 9. */
typedef struct {
    uint8_t payload[8]; /* payload of CMD */
    uint32_t counter; /* larger than that of every sealed message before it */
    uint8_t tag[8]; /* the first bytes of the HMAC-SHA256 */
} pcp_sealed_cmd_t;

/* OUT for a line that needs a key, see section 9. */
typedef struct {
    uint8_t payload[6]; /* payload of OUT */
    uint32_t counter; /* larger than that of every sealed message before it */
    uint8_t tag[8]; /* the first bytes of the HMAC-SHA256 */
} pcp_sealed_out_t;

/* SERVO for a line that needs a key, see section 9. */
typedef struct {
    uint8_t payload[5]; /* payload of SERVO */
    uint32_t counter; /* larger than that of every sealed message before it */
    uint8_t tag[8]; /* the first bytes of the HMAC-SHA256 */
} pcp_sealed_servo_t;

/* PARAM_SET for a line that needs a key, see section 9. */
typedef struct {
    uint8_t payload[7]; /* payload of PARAM_SET */
    uint32_t counter; /* larger than that of every sealed message before it */
    uint8_t tag[8]; /* the first bytes of the HMAC-SHA256 */
} pcp_sealed_param_set_t;

static inline void pcp_put8(uint8_t *p, uint8_t v) { p[0] = v; }
static inline void pcp_put16(uint8_t *p, uint16_t v)
{
    p[0] = (uint8_t)(v & 0xFFu);
    p[1] = (uint8_t)(v >> 8);
}
static inline void pcp_put32(uint8_t *p, uint32_t v)
{
    pcp_put16(p, (uint16_t)(v & 0xFFFFu));
    pcp_put16(p + 2, (uint16_t)(v >> 16));
}
static inline uint8_t pcp_get8(const uint8_t *p) { return p[0]; }
static inline uint16_t pcp_get16(const uint8_t *p) { return (uint16_t)(p[0] | (p[1] << 8)); }
static inline uint32_t pcp_get32(const uint8_t *p)
{
    return (uint32_t)pcp_get16(p) | ((uint32_t)pcp_get16(p + 2) << 16);
}

static inline size_t pcp_hello_request_pack(const pcp_hello_request_t *m, uint8_t *p)
{
    pcp_put32(p + 0, (uint32_t)m->magic);
    pcp_put8(p + 4, (uint8_t)m->major);
    pcp_put8(p + 5, (uint8_t)m->minor);
    pcp_put32(p + 6, (uint32_t)m->schema);
    pcp_put16(p + 10, (uint16_t)m->session);
    return PCP_SIZE_HELLO_REQUEST;
}

static inline void pcp_hello_request_unpack(pcp_hello_request_t *m, const uint8_t *p)
{
    m->magic = (uint32_t)pcp_get32(p + 0);
    m->major = (uint8_t)pcp_get8(p + 4);
    m->minor = (uint8_t)pcp_get8(p + 5);
    m->schema = (uint32_t)pcp_get32(p + 6);
    m->session = (uint16_t)pcp_get16(p + 10);
}

static inline size_t pcp_hello_pack(const pcp_hello_t *m, uint8_t *p)
{
    pcp_put32(p + 0, (uint32_t)m->magic);
    pcp_put8(p + 4, (uint8_t)m->major);
    pcp_put8(p + 5, (uint8_t)m->minor);
    pcp_put32(p + 6, (uint32_t)m->schema);
    pcp_put32(p + 10, (uint32_t)m->boot_id);
    pcp_put16(p + 14, (uint16_t)m->session);
    for (size_t i = 0; i < 3; i++) pcp_put8(p + 16 + 1 * i, (uint8_t)m->firmware[i]);
    pcp_put8(p + 19, (uint8_t)m->chassis);
    pcp_put8(p + 20, (uint8_t)m->target);
    pcp_put8(p + 21, (uint8_t)m->reset_cause);
    pcp_put8(p + 22, (uint8_t)m->max_frame);
    for (size_t i = 0; i < 12; i++) pcp_put8(p + 23 + 1 * i, (uint8_t)m->uid[i]);
    pcp_put32(p + 35, (uint32_t)m->capabilities);
    pcp_put32(p + 39, (uint32_t)m->parameter_table);
    pcp_put32(p + 43, (uint32_t)m->parameter_values);
    pcp_put32(p + 47, (uint32_t)m->seal_counter);
    return PCP_SIZE_HELLO;
}

static inline void pcp_hello_unpack(pcp_hello_t *m, const uint8_t *p)
{
    m->magic = (uint32_t)pcp_get32(p + 0);
    m->major = (uint8_t)pcp_get8(p + 4);
    m->minor = (uint8_t)pcp_get8(p + 5);
    m->schema = (uint32_t)pcp_get32(p + 6);
    m->boot_id = (uint32_t)pcp_get32(p + 10);
    m->session = (uint16_t)pcp_get16(p + 14);
    for (size_t i = 0; i < 3; i++) m->firmware[i] = (uint8_t)pcp_get8(p + 16 + 1 * i);
    m->chassis = (uint8_t)pcp_get8(p + 19);
    m->target = (uint8_t)pcp_get8(p + 20);
    m->reset_cause = (uint8_t)pcp_get8(p + 21);
    m->max_frame = (uint8_t)pcp_get8(p + 22);
    for (size_t i = 0; i < 12; i++) m->uid[i] = (uint8_t)pcp_get8(p + 23 + 1 * i);
    m->capabilities = (uint32_t)pcp_get32(p + 35);
    m->parameter_table = (uint32_t)pcp_get32(p + 39);
    m->parameter_values = (uint32_t)pcp_get32(p + 43);
    m->seal_counter = (uint32_t)pcp_get32(p + 47);
}

static inline size_t pcp_heartbeat_pack(const pcp_heartbeat_t *m, uint8_t *p)
{
    pcp_put16(p + 0, (uint16_t)m->session);
    pcp_put32(p + 2, (uint32_t)m->loop_count);
    return PCP_SIZE_HEARTBEAT;
}

static inline void pcp_heartbeat_unpack(pcp_heartbeat_t *m, const uint8_t *p)
{
    m->session = (uint16_t)pcp_get16(p + 0);
    m->loop_count = (uint32_t)pcp_get32(p + 2);
}

static inline size_t pcp_alive_pack(const pcp_alive_t *m, uint8_t *p)
{
    pcp_put32(p + 0, (uint32_t)m->uptime_ms);
    pcp_put32(p + 4, (uint32_t)m->boot_id);
    pcp_put16(p + 8, (uint16_t)m->session);
    pcp_put8(p + 10, (uint8_t)m->load_percent);
    return PCP_SIZE_ALIVE;
}

static inline void pcp_alive_unpack(pcp_alive_t *m, const uint8_t *p)
{
    m->uptime_ms = (uint32_t)pcp_get32(p + 0);
    m->boot_id = (uint32_t)pcp_get32(p + 4);
    m->session = (uint16_t)pcp_get16(p + 8);
    m->load_percent = (uint8_t)pcp_get8(p + 10);
}

static inline size_t pcp_time_request_pack(const pcp_time_request_t *m, uint8_t *p)
{
    pcp_put16(p + 0, (uint16_t)m->cookie);
    return PCP_SIZE_TIME_REQUEST;
}

static inline void pcp_time_request_unpack(pcp_time_request_t *m, const uint8_t *p)
{
    m->cookie = (uint16_t)pcp_get16(p + 0);
}

static inline size_t pcp_time_pack(const pcp_time_t *m, uint8_t *p)
{
    pcp_put16(p + 0, (uint16_t)m->cookie);
    pcp_put32(p + 2, (uint32_t)m->received_us);
    pcp_put32(p + 6, (uint32_t)m->sent_us);
    return PCP_SIZE_TIME;
}

static inline void pcp_time_unpack(pcp_time_t *m, const uint8_t *p)
{
    m->cookie = (uint16_t)pcp_get16(p + 0);
    m->received_us = (uint32_t)pcp_get32(p + 2);
    m->sent_us = (uint32_t)pcp_get32(p + 6);
}

static inline size_t pcp_event_ack_pack(const pcp_event_ack_t *m, uint8_t *p)
{
    pcp_put16(p + 0, (uint16_t)m->session);
    pcp_put16(p + 2, (uint16_t)m->event_count);
    return PCP_SIZE_EVENT_ACK;
}

static inline void pcp_event_ack_unpack(pcp_event_ack_t *m, const uint8_t *p)
{
    m->session = (uint16_t)pcp_get16(p + 0);
    m->event_count = (uint16_t)pcp_get16(p + 2);
}

static inline size_t pcp_host_stats_pack(const pcp_host_stats_t *m, uint8_t *p)
{
    pcp_put16(p + 0, (uint16_t)m->session);
    pcp_put32(p + 2, (uint32_t)m->frames);
    pcp_put16(p + 6, (uint16_t)m->rejected);
    pcp_put16(p + 8, (uint16_t)m->lost);
    pcp_put16(p + 10, (uint16_t)m->rescued);
    pcp_put32(p + 12, (uint32_t)m->round_trip_us);
    return PCP_SIZE_HOST_STATS;
}

static inline void pcp_host_stats_unpack(pcp_host_stats_t *m, const uint8_t *p)
{
    m->session = (uint16_t)pcp_get16(p + 0);
    m->frames = (uint32_t)pcp_get32(p + 2);
    m->rejected = (uint16_t)pcp_get16(p + 6);
    m->lost = (uint16_t)pcp_get16(p + 8);
    m->rescued = (uint16_t)pcp_get16(p + 10);
    m->round_trip_us = (uint32_t)pcp_get32(p + 12);
}

static inline size_t pcp_link_stats_pack(const pcp_link_stats_t *m, uint8_t *p)
{
    pcp_put32(p + 0, (uint32_t)m->frames);
    pcp_put16(p + 4, (uint16_t)m->bad_crc);
    pcp_put16(p + 6, (uint16_t)m->bad_length);
    pcp_put16(p + 8, (uint16_t)m->bad_cobs);
    pcp_put16(p + 10, (uint16_t)m->unknown);
    pcp_put16(p + 12, (uint16_t)m->lost);
    pcp_put16(p + 14, (uint16_t)m->rescued);
    pcp_put16(p + 16, (uint16_t)m->refused);
    pcp_put16(p + 18, (uint16_t)m->tx_dropped);
    pcp_put16(p + 20, (uint16_t)m->tx_most);
    pcp_put16(p + 22, (uint16_t)m->overruns);
    pcp_put16(p + 24, (uint16_t)m->line_errors);
    pcp_put16(p + 26, (uint16_t)m->breaks);
    pcp_put16(p + 28, (uint16_t)m->host_lost);
    pcp_put16(p + 30, (uint16_t)m->host_rejected);
    return PCP_SIZE_LINK_STATS;
}

static inline void pcp_link_stats_unpack(pcp_link_stats_t *m, const uint8_t *p)
{
    m->frames = (uint32_t)pcp_get32(p + 0);
    m->bad_crc = (uint16_t)pcp_get16(p + 4);
    m->bad_length = (uint16_t)pcp_get16(p + 6);
    m->bad_cobs = (uint16_t)pcp_get16(p + 8);
    m->unknown = (uint16_t)pcp_get16(p + 10);
    m->lost = (uint16_t)pcp_get16(p + 12);
    m->rescued = (uint16_t)pcp_get16(p + 14);
    m->refused = (uint16_t)pcp_get16(p + 16);
    m->tx_dropped = (uint16_t)pcp_get16(p + 18);
    m->tx_most = (uint16_t)pcp_get16(p + 20);
    m->overruns = (uint16_t)pcp_get16(p + 22);
    m->line_errors = (uint16_t)pcp_get16(p + 24);
    m->breaks = (uint16_t)pcp_get16(p + 26);
    m->host_lost = (uint16_t)pcp_get16(p + 28);
    m->host_rejected = (uint16_t)pcp_get16(p + 30);
}

static inline size_t pcp_drive_pack(const pcp_drive_t *m, uint8_t *p)
{
    pcp_put16(p + 0, (uint16_t)m->session);
    pcp_put16(p + 2, (uint16_t)m->count);
    pcp_put16(p + 4, (uint16_t)m->lease_ms);
    pcp_put16(p + 6, (uint16_t)m->vx_mmps);
    pcp_put16(p + 8, (uint16_t)m->vy_mmps);
    pcp_put16(p + 10, (uint16_t)m->wz_mradps);
    pcp_put8(p + 12, (uint8_t)m->flags);
    pcp_put32(p + 13, (uint32_t)m->made_us);
    return PCP_SIZE_DRIVE;
}

static inline void pcp_drive_unpack(pcp_drive_t *m, const uint8_t *p)
{
    m->session = (uint16_t)pcp_get16(p + 0);
    m->count = (uint16_t)pcp_get16(p + 2);
    m->lease_ms = (uint16_t)pcp_get16(p + 4);
    m->vx_mmps = (int16_t)pcp_get16(p + 6);
    m->vy_mmps = (int16_t)pcp_get16(p + 8);
    m->wz_mradps = (int16_t)pcp_get16(p + 10);
    m->flags = (uint8_t)pcp_get8(p + 12);
    m->made_us = (uint32_t)pcp_get32(p + 13);
}

static inline size_t pcp_stop_pack(const pcp_stop_t *m, uint8_t *p)
{
    pcp_put8(p + 0, (uint8_t)m->reason);
    return PCP_SIZE_STOP;
}

static inline void pcp_stop_unpack(pcp_stop_t *m, const uint8_t *p)
{
    m->reason = (uint8_t)pcp_get8(p + 0);
}

static inline size_t pcp_cmd_pack(const pcp_cmd_t *m, uint8_t *p)
{
    pcp_put16(p + 0, (uint16_t)m->session);
    pcp_put8(p + 2, (uint8_t)m->transaction);
    pcp_put8(p + 3, (uint8_t)m->command);
    pcp_put32(p + 4, (uint32_t)m->argument);
    return PCP_SIZE_CMD;
}

static inline void pcp_cmd_unpack(pcp_cmd_t *m, const uint8_t *p)
{
    m->session = (uint16_t)pcp_get16(p + 0);
    m->transaction = (uint8_t)pcp_get8(p + 2);
    m->command = (uint8_t)pcp_get8(p + 3);
    m->argument = (int32_t)pcp_get32(p + 4);
}

static inline size_t pcp_resp_pack(const pcp_resp_t *m, uint8_t *p)
{
    pcp_put16(p + 0, (uint16_t)m->session);
    pcp_put8(p + 2, (uint8_t)m->transaction);
    pcp_put8(p + 3, (uint8_t)m->command);
    pcp_put8(p + 4, (uint8_t)m->result);
    pcp_put32(p + 5, (uint32_t)m->detail);
    return PCP_SIZE_RESP;
}

static inline void pcp_resp_unpack(pcp_resp_t *m, const uint8_t *p)
{
    m->session = (uint16_t)pcp_get16(p + 0);
    m->transaction = (uint8_t)pcp_get8(p + 2);
    m->command = (uint8_t)pcp_get8(p + 3);
    m->result = (uint8_t)pcp_get8(p + 4);
    m->detail = (uint32_t)pcp_get32(p + 5);
}

static inline size_t pcp_out_pack(const pcp_out_t *m, uint8_t *p)
{
    pcp_put16(p + 0, (uint16_t)m->session);
    pcp_put8(p + 2, (uint8_t)m->channel);
    pcp_put8(p + 3, (uint8_t)m->level);
    pcp_put16(p + 4, (uint16_t)m->duration_ms);
    return PCP_SIZE_OUT;
}

static inline void pcp_out_unpack(pcp_out_t *m, const uint8_t *p)
{
    m->session = (uint16_t)pcp_get16(p + 0);
    m->channel = (uint8_t)pcp_get8(p + 2);
    m->level = (uint8_t)pcp_get8(p + 3);
    m->duration_ms = (uint16_t)pcp_get16(p + 4);
}

static inline size_t pcp_servo_pack(const pcp_servo_t *m, uint8_t *p)
{
    pcp_put16(p + 0, (uint16_t)m->session);
    pcp_put8(p + 2, (uint8_t)m->channel);
    pcp_put16(p + 3, (uint16_t)m->angle_mrad);
    return PCP_SIZE_SERVO;
}

static inline void pcp_servo_unpack(pcp_servo_t *m, const uint8_t *p)
{
    m->session = (uint16_t)pcp_get16(p + 0);
    m->channel = (uint8_t)pcp_get8(p + 2);
    m->angle_mrad = (int16_t)pcp_get16(p + 3);
}

static inline size_t pcp_odom_pack(const pcp_odom_t *m, uint8_t *p)
{
    pcp_put32(p + 0, (uint32_t)m->stamp_us);
    pcp_put32(p + 4, (uint32_t)m->x_mm);
    pcp_put32(p + 8, (uint32_t)m->y_mm);
    pcp_put16(p + 12, (uint16_t)m->yaw_turn16);
    pcp_put16(p + 14, (uint16_t)m->vx_mmps);
    pcp_put16(p + 16, (uint16_t)m->vy_mmps);
    pcp_put16(p + 18, (uint16_t)m->wz_mradps);
    pcp_put16(p + 20, (uint16_t)m->drive_count);
    return PCP_SIZE_ODOM;
}

static inline void pcp_odom_unpack(pcp_odom_t *m, const uint8_t *p)
{
    m->stamp_us = (uint32_t)pcp_get32(p + 0);
    m->x_mm = (int32_t)pcp_get32(p + 4);
    m->y_mm = (int32_t)pcp_get32(p + 8);
    m->yaw_turn16 = (uint16_t)pcp_get16(p + 12);
    m->vx_mmps = (int16_t)pcp_get16(p + 14);
    m->vy_mmps = (int16_t)pcp_get16(p + 16);
    m->wz_mradps = (int16_t)pcp_get16(p + 18);
    m->drive_count = (uint16_t)pcp_get16(p + 20);
}

static inline size_t pcp_wheels_pack(const pcp_wheels_t *m, uint8_t *p)
{
    pcp_put32(p + 0, (uint32_t)m->stamp_us);
    for (size_t i = 0; i < 4; i++) pcp_put32(p + 4 + 4 * i, (uint32_t)m->ticks[i]);
    for (size_t i = 0; i < 4; i++) pcp_put16(p + 20 + 2 * i, (uint16_t)m->speed_mmps[i]);
    for (size_t i = 0; i < 4; i++) pcp_put16(p + 28 + 2 * i, (uint16_t)m->pwm_permille[i]);
    pcp_put16(p + 36, (uint16_t)m->steer_mrad);
    return PCP_SIZE_WHEELS;
}

static inline void pcp_wheels_unpack(pcp_wheels_t *m, const uint8_t *p)
{
    m->stamp_us = (uint32_t)pcp_get32(p + 0);
    for (size_t i = 0; i < 4; i++) m->ticks[i] = (int32_t)pcp_get32(p + 4 + 4 * i);
    for (size_t i = 0; i < 4; i++) m->speed_mmps[i] = (int16_t)pcp_get16(p + 20 + 2 * i);
    for (size_t i = 0; i < 4; i++) m->pwm_permille[i] = (int16_t)pcp_get16(p + 28 + 2 * i);
    m->steer_mrad = (int16_t)pcp_get16(p + 36);
}

static inline size_t pcp_imu_pack(const pcp_imu_t *m, uint8_t *p)
{
    pcp_put32(p + 0, (uint32_t)m->stamp_us);
    for (size_t i = 0; i < 3; i++) pcp_put16(p + 4 + 2 * i, (uint16_t)m->accel_mmps2[i]);
    for (size_t i = 0; i < 3; i++) pcp_put16(p + 10 + 2 * i, (uint16_t)m->gyro_500urad[i]);
    return PCP_SIZE_IMU;
}

static inline void pcp_imu_unpack(pcp_imu_t *m, const uint8_t *p)
{
    m->stamp_us = (uint32_t)pcp_get32(p + 0);
    for (size_t i = 0; i < 3; i++) m->accel_mmps2[i] = (int16_t)pcp_get16(p + 4 + 2 * i);
    for (size_t i = 0; i < 3; i++) m->gyro_500urad[i] = (int16_t)pcp_get16(p + 10 + 2 * i);
}

static inline size_t pcp_ranges_pack(const pcp_ranges_t *m, uint8_t *p)
{
    pcp_put32(p + 0, (uint32_t)m->stamp_us);
    pcp_put8(p + 4, (uint8_t)m->fresh);
    for (size_t i = 0; i < 8; i++) pcp_put16(p + 5 + 2 * i, (uint16_t)m->ranges[i]);
    return PCP_SIZE_RANGES;
}

static inline void pcp_ranges_unpack(pcp_ranges_t *m, const uint8_t *p)
{
    m->stamp_us = (uint32_t)pcp_get32(p + 0);
    m->fresh = (uint8_t)pcp_get8(p + 4);
    for (size_t i = 0; i < 8; i++) m->ranges[i] = (uint16_t)pcp_get16(p + 5 + 2 * i);
}

static inline size_t pcp_scan_pack(const pcp_scan_t *m, uint8_t *p)
{
    pcp_put32(p + 0, (uint32_t)m->stamp_us);
    pcp_put8(p + 4, (uint8_t)m->turn);
    pcp_put16(p + 5, (uint16_t)m->first);
    pcp_put16(p + 7, (uint16_t)m->beams_per_turn);
    pcp_put16(p + 9, (uint16_t)m->beam_us);
    for (size_t i = 0; i < 90; i++) pcp_put16(p + 11 + 2 * i, (uint16_t)m->ranges[i]);
    return PCP_SIZE_SCAN;
}

static inline void pcp_scan_unpack(pcp_scan_t *m, const uint8_t *p)
{
    m->stamp_us = (uint32_t)pcp_get32(p + 0);
    m->turn = (uint8_t)pcp_get8(p + 4);
    m->first = (uint16_t)pcp_get16(p + 5);
    m->beams_per_turn = (uint16_t)pcp_get16(p + 7);
    m->beam_us = (uint16_t)pcp_get16(p + 9);
    for (size_t i = 0; i < 90; i++) m->ranges[i] = (uint16_t)pcp_get16(p + 11 + 2 * i);
}

static inline size_t pcp_power_pack(const pcp_power_t *m, uint8_t *p)
{
    pcp_put16(p + 0, (uint16_t)m->battery_mv);
    pcp_put16(p + 2, (uint16_t)m->current_ma);
    pcp_put8(p + 4, (uint8_t)m->charge_percent);
    pcp_put8(p + 5, (uint8_t)m->charger);
    return PCP_SIZE_POWER;
}

static inline void pcp_power_unpack(pcp_power_t *m, const uint8_t *p)
{
    m->battery_mv = (uint16_t)pcp_get16(p + 0);
    m->current_ma = (int16_t)pcp_get16(p + 2);
    m->charge_percent = (uint8_t)pcp_get8(p + 4);
    m->charger = (uint8_t)pcp_get8(p + 5);
}

static inline size_t pcp_status_pack(const pcp_status_t *m, uint8_t *p)
{
    pcp_put8(p + 0, (uint8_t)m->state);
    pcp_put8(p + 1, (uint8_t)m->cause);
    pcp_put16(p + 2, (uint16_t)m->flags);
    pcp_put16(p + 4, (uint16_t)m->arm_checks);
    pcp_put8(p + 6, (uint8_t)m->bumpers);
    pcp_put16(p + 7, (uint16_t)m->stop_count);
    pcp_put8(p + 9, (uint8_t)m->stop_source);
    pcp_put16(p + 10, (uint16_t)m->lease_left_ms);
    pcp_put8(p + 12, (uint8_t)m->cliffs);
    return PCP_SIZE_STATUS;
}

static inline void pcp_status_unpack(pcp_status_t *m, const uint8_t *p)
{
    m->state = (uint8_t)pcp_get8(p + 0);
    m->cause = (uint8_t)pcp_get8(p + 1);
    m->flags = (uint16_t)pcp_get16(p + 2);
    m->arm_checks = (uint16_t)pcp_get16(p + 4);
    m->bumpers = (uint8_t)pcp_get8(p + 6);
    m->stop_count = (uint16_t)pcp_get16(p + 7);
    m->stop_source = (uint8_t)pcp_get8(p + 9);
    m->lease_left_ms = (uint16_t)pcp_get16(p + 10);
    m->cliffs = (uint8_t)pcp_get8(p + 12);
}

static inline size_t pcp_line_pack(const pcp_line_t *m, uint8_t *p)
{
    pcp_put32(p + 0, (uint32_t)m->stamp_us);
    pcp_put8(p + 4, (uint8_t)m->fitted);
    for (size_t i = 0; i < 8; i++) pcp_put8(p + 5 + 1 * i, (uint8_t)m->levels[i]);
    return PCP_SIZE_LINE;
}

static inline void pcp_line_unpack(pcp_line_t *m, const uint8_t *p)
{
    m->stamp_us = (uint32_t)pcp_get32(p + 0);
    m->fitted = (uint8_t)pcp_get8(p + 4);
    for (size_t i = 0; i < 8; i++) m->levels[i] = (uint8_t)pcp_get8(p + 5 + 1 * i);
}

static inline size_t pcp_env_pack(const pcp_env_t *m, uint8_t *p)
{
    pcp_put32(p + 0, (uint32_t)m->stamp_us);
    pcp_put8(p + 4, (uint8_t)m->quantity);
    pcp_put8(p + 5, (uint8_t)m->place);
    pcp_put32(p + 6, (uint32_t)m->value);
    return PCP_SIZE_ENV;
}

static inline void pcp_env_unpack(pcp_env_t *m, const uint8_t *p)
{
    m->stamp_us = (uint32_t)pcp_get32(p + 0);
    m->quantity = (uint8_t)pcp_get8(p + 4);
    m->place = (uint8_t)pcp_get8(p + 5);
    m->value = (int32_t)pcp_get32(p + 6);
}

static inline size_t pcp_din_pack(const pcp_din_t *m, uint8_t *p)
{
    pcp_put32(p + 0, (uint32_t)m->stamp_us);
    pcp_put16(p + 4, (uint16_t)m->inputs);
    for (size_t i = 0; i < 8; i++) pcp_put8(p + 6 + 1 * i, (uint8_t)m->levels[i]);
    for (size_t i = 0; i < 4; i++) pcp_put16(p + 14 + 2 * i, (uint16_t)m->angles_mrad[i]);
    return PCP_SIZE_DIN;
}

static inline void pcp_din_unpack(pcp_din_t *m, const uint8_t *p)
{
    m->stamp_us = (uint32_t)pcp_get32(p + 0);
    m->inputs = (uint16_t)pcp_get16(p + 4);
    for (size_t i = 0; i < 8; i++) m->levels[i] = (uint8_t)pcp_get8(p + 6 + 1 * i);
    for (size_t i = 0; i < 4; i++) m->angles_mrad[i] = (int16_t)pcp_get16(p + 14 + 2 * i);
}

static inline size_t pcp_tag_pack(const pcp_tag_t *m, uint8_t *p)
{
    pcp_put32(p + 0, (uint32_t)m->stamp_us);
    pcp_put8(p + 4, (uint8_t)m->kind);
    pcp_put8(p + 5, (uint8_t)m->reader);
    pcp_put8(p + 6, (uint8_t)m->size);
    for (size_t i = 0; i < 10; i++) pcp_put8(p + 7 + 1 * i, (uint8_t)m->tag[i]);
    return PCP_SIZE_TAG;
}

static inline void pcp_tag_unpack(pcp_tag_t *m, const uint8_t *p)
{
    m->stamp_us = (uint32_t)pcp_get32(p + 0);
    m->kind = (uint8_t)pcp_get8(p + 4);
    m->reader = (uint8_t)pcp_get8(p + 5);
    m->size = (uint8_t)pcp_get8(p + 6);
    for (size_t i = 0; i < 10; i++) m->tag[i] = (uint8_t)pcp_get8(p + 7 + 1 * i);
}

static inline size_t pcp_param_get_pack(const pcp_param_get_t *m, uint8_t *p)
{
    pcp_put8(p + 0, (uint8_t)m->parameter);
    return PCP_SIZE_PARAM_GET;
}

static inline void pcp_param_get_unpack(pcp_param_get_t *m, const uint8_t *p)
{
    m->parameter = (uint8_t)pcp_get8(p + 0);
}

static inline size_t pcp_param_pack(const pcp_param_t *m, uint8_t *p)
{
    pcp_put8(p + 0, (uint8_t)m->parameter);
    pcp_put8(p + 1, (uint8_t)m->type);
    pcp_put8(p + 2, (uint8_t)m->result);
    pcp_put32(p + 3, (uint32_t)m->value);
    pcp_put32(p + 7, (uint32_t)m->staged);
    return PCP_SIZE_PARAM;
}

static inline void pcp_param_unpack(pcp_param_t *m, const uint8_t *p)
{
    m->parameter = (uint8_t)pcp_get8(p + 0);
    m->type = (uint8_t)pcp_get8(p + 1);
    m->result = (uint8_t)pcp_get8(p + 2);
    m->value = (uint32_t)pcp_get32(p + 3);
    m->staged = (uint32_t)pcp_get32(p + 7);
}

static inline size_t pcp_param_set_pack(const pcp_param_set_t *m, uint8_t *p)
{
    pcp_put16(p + 0, (uint16_t)m->session);
    pcp_put8(p + 2, (uint8_t)m->parameter);
    pcp_put32(p + 3, (uint32_t)m->value);
    return PCP_SIZE_PARAM_SET;
}

static inline void pcp_param_set_unpack(pcp_param_set_t *m, const uint8_t *p)
{
    m->session = (uint16_t)pcp_get16(p + 0);
    m->parameter = (uint8_t)pcp_get8(p + 2);
    m->value = (uint32_t)pcp_get32(p + 3);
}

static inline size_t pcp_event_pack(const pcp_event_t *m, uint8_t *p)
{
    pcp_put32(p + 0, (uint32_t)m->stamp_us);
    pcp_put16(p + 4, (uint16_t)m->event_count);
    pcp_put8(p + 6, (uint8_t)m->severity);
    pcp_put8(p + 7, (uint8_t)m->code);
    pcp_put32(p + 8, (uint32_t)m->argument);
    pcp_put8(p + 12, (uint8_t)m->older);
    return PCP_SIZE_EVENT;
}

static inline void pcp_event_unpack(pcp_event_t *m, const uint8_t *p)
{
    m->stamp_us = (uint32_t)pcp_get32(p + 0);
    m->event_count = (uint16_t)pcp_get16(p + 4);
    m->severity = (uint8_t)pcp_get8(p + 6);
    m->code = (uint8_t)pcp_get8(p + 7);
    m->argument = (int32_t)pcp_get32(p + 8);
    m->older = (uint8_t)pcp_get8(p + 12);
}

static inline size_t pcp_text_pack(const pcp_text_t *m, uint8_t *p)
{
    pcp_put32(p + 0, (uint32_t)m->stamp_us);
    pcp_put8(p + 4, (uint8_t)m->severity);
    pcp_put8(p + 5, (uint8_t)m->size);
    for (size_t i = 0; i < 48; i++) pcp_put8(p + 6 + 1 * i, (uint8_t)m->text[i]);
    return PCP_SIZE_TEXT;
}

static inline void pcp_text_unpack(pcp_text_t *m, const uint8_t *p)
{
    m->stamp_us = (uint32_t)pcp_get32(p + 0);
    m->severity = (uint8_t)pcp_get8(p + 4);
    m->size = (uint8_t)pcp_get8(p + 5);
    for (size_t i = 0; i < 48; i++) m->text[i] = (uint8_t)pcp_get8(p + 6 + 1 * i);
}

static inline size_t pcp_sealed_hello_request_pack(const pcp_sealed_hello_request_t *m, uint8_t *p)
{
    for (size_t i = 0; i < 12; i++) pcp_put8(p + 0 + 1 * i, (uint8_t)m->payload[i]);
    pcp_put32(p + 12, (uint32_t)m->counter);
    for (size_t i = 0; i < 8; i++) pcp_put8(p + 16 + 1 * i, (uint8_t)m->tag[i]);
    return PCP_SIZE_SEALED_HELLO_REQUEST;
}

static inline void pcp_sealed_hello_request_unpack(pcp_sealed_hello_request_t *m, const uint8_t *p)
{
    for (size_t i = 0; i < 12; i++) m->payload[i] = (uint8_t)pcp_get8(p + 0 + 1 * i);
    m->counter = (uint32_t)pcp_get32(p + 12);
    for (size_t i = 0; i < 8; i++) m->tag[i] = (uint8_t)pcp_get8(p + 16 + 1 * i);
}

static inline size_t pcp_sealed_heartbeat_pack(const pcp_sealed_heartbeat_t *m, uint8_t *p)
{
    for (size_t i = 0; i < 6; i++) pcp_put8(p + 0 + 1 * i, (uint8_t)m->payload[i]);
    pcp_put32(p + 6, (uint32_t)m->counter);
    for (size_t i = 0; i < 8; i++) pcp_put8(p + 10 + 1 * i, (uint8_t)m->tag[i]);
    return PCP_SIZE_SEALED_HEARTBEAT;
}

static inline void pcp_sealed_heartbeat_unpack(pcp_sealed_heartbeat_t *m, const uint8_t *p)
{
    for (size_t i = 0; i < 6; i++) m->payload[i] = (uint8_t)pcp_get8(p + 0 + 1 * i);
    m->counter = (uint32_t)pcp_get32(p + 6);
    for (size_t i = 0; i < 8; i++) m->tag[i] = (uint8_t)pcp_get8(p + 10 + 1 * i);
}

static inline size_t pcp_sealed_event_ack_pack(const pcp_sealed_event_ack_t *m, uint8_t *p)
{
    for (size_t i = 0; i < 4; i++) pcp_put8(p + 0 + 1 * i, (uint8_t)m->payload[i]);
    pcp_put32(p + 4, (uint32_t)m->counter);
    for (size_t i = 0; i < 8; i++) pcp_put8(p + 8 + 1 * i, (uint8_t)m->tag[i]);
    return PCP_SIZE_SEALED_EVENT_ACK;
}

static inline void pcp_sealed_event_ack_unpack(pcp_sealed_event_ack_t *m, const uint8_t *p)
{
    for (size_t i = 0; i < 4; i++) m->payload[i] = (uint8_t)pcp_get8(p + 0 + 1 * i);
    m->counter = (uint32_t)pcp_get32(p + 4);
    for (size_t i = 0; i < 8; i++) m->tag[i] = (uint8_t)pcp_get8(p + 8 + 1 * i);
}

static inline size_t pcp_sealed_host_stats_pack(const pcp_sealed_host_stats_t *m, uint8_t *p)
{
    for (size_t i = 0; i < 16; i++) pcp_put8(p + 0 + 1 * i, (uint8_t)m->payload[i]);
    pcp_put32(p + 16, (uint32_t)m->counter);
    for (size_t i = 0; i < 8; i++) pcp_put8(p + 20 + 1 * i, (uint8_t)m->tag[i]);
    return PCP_SIZE_SEALED_HOST_STATS;
}

static inline void pcp_sealed_host_stats_unpack(pcp_sealed_host_stats_t *m, const uint8_t *p)
{
    for (size_t i = 0; i < 16; i++) m->payload[i] = (uint8_t)pcp_get8(p + 0 + 1 * i);
    m->counter = (uint32_t)pcp_get32(p + 16);
    for (size_t i = 0; i < 8; i++) m->tag[i] = (uint8_t)pcp_get8(p + 20 + 1 * i);
}

static inline size_t pcp_sealed_drive_pack(const pcp_sealed_drive_t *m, uint8_t *p)
{
    for (size_t i = 0; i < 17; i++) pcp_put8(p + 0 + 1 * i, (uint8_t)m->payload[i]);
    pcp_put32(p + 17, (uint32_t)m->counter);
    for (size_t i = 0; i < 8; i++) pcp_put8(p + 21 + 1 * i, (uint8_t)m->tag[i]);
    return PCP_SIZE_SEALED_DRIVE;
}

static inline void pcp_sealed_drive_unpack(pcp_sealed_drive_t *m, const uint8_t *p)
{
    for (size_t i = 0; i < 17; i++) m->payload[i] = (uint8_t)pcp_get8(p + 0 + 1 * i);
    m->counter = (uint32_t)pcp_get32(p + 17);
    for (size_t i = 0; i < 8; i++) m->tag[i] = (uint8_t)pcp_get8(p + 21 + 1 * i);
}

static inline size_t pcp_sealed_cmd_pack(const pcp_sealed_cmd_t *m, uint8_t *p)
{
    for (size_t i = 0; i < 8; i++) pcp_put8(p + 0 + 1 * i, (uint8_t)m->payload[i]);
    pcp_put32(p + 8, (uint32_t)m->counter);
    for (size_t i = 0; i < 8; i++) pcp_put8(p + 12 + 1 * i, (uint8_t)m->tag[i]);
    return PCP_SIZE_SEALED_CMD;
}

static inline void pcp_sealed_cmd_unpack(pcp_sealed_cmd_t *m, const uint8_t *p)
{
    for (size_t i = 0; i < 8; i++) m->payload[i] = (uint8_t)pcp_get8(p + 0 + 1 * i);
    m->counter = (uint32_t)pcp_get32(p + 8);
    for (size_t i = 0; i < 8; i++) m->tag[i] = (uint8_t)pcp_get8(p + 12 + 1 * i);
}

static inline size_t pcp_sealed_out_pack(const pcp_sealed_out_t *m, uint8_t *p)
{
    for (size_t i = 0; i < 6; i++) pcp_put8(p + 0 + 1 * i, (uint8_t)m->payload[i]);
    pcp_put32(p + 6, (uint32_t)m->counter);
    for (size_t i = 0; i < 8; i++) pcp_put8(p + 10 + 1 * i, (uint8_t)m->tag[i]);
    return PCP_SIZE_SEALED_OUT;
}

static inline void pcp_sealed_out_unpack(pcp_sealed_out_t *m, const uint8_t *p)
{
    for (size_t i = 0; i < 6; i++) m->payload[i] = (uint8_t)pcp_get8(p + 0 + 1 * i);
    m->counter = (uint32_t)pcp_get32(p + 6);
    for (size_t i = 0; i < 8; i++) m->tag[i] = (uint8_t)pcp_get8(p + 10 + 1 * i);
}

static inline size_t pcp_sealed_servo_pack(const pcp_sealed_servo_t *m, uint8_t *p)
{
    for (size_t i = 0; i < 5; i++) pcp_put8(p + 0 + 1 * i, (uint8_t)m->payload[i]);
    pcp_put32(p + 5, (uint32_t)m->counter);
    for (size_t i = 0; i < 8; i++) pcp_put8(p + 9 + 1 * i, (uint8_t)m->tag[i]);
    return PCP_SIZE_SEALED_SERVO;
}

static inline void pcp_sealed_servo_unpack(pcp_sealed_servo_t *m, const uint8_t *p)
{
    for (size_t i = 0; i < 5; i++) m->payload[i] = (uint8_t)pcp_get8(p + 0 + 1 * i);
    m->counter = (uint32_t)pcp_get32(p + 5);
    for (size_t i = 0; i < 8; i++) m->tag[i] = (uint8_t)pcp_get8(p + 9 + 1 * i);
}

static inline size_t pcp_sealed_param_set_pack(const pcp_sealed_param_set_t *m, uint8_t *p)
{
    for (size_t i = 0; i < 7; i++) pcp_put8(p + 0 + 1 * i, (uint8_t)m->payload[i]);
    pcp_put32(p + 7, (uint32_t)m->counter);
    for (size_t i = 0; i < 8; i++) pcp_put8(p + 11 + 1 * i, (uint8_t)m->tag[i]);
    return PCP_SIZE_SEALED_PARAM_SET;
}

static inline void pcp_sealed_param_set_unpack(pcp_sealed_param_set_t *m, const uint8_t *p)
{
    for (size_t i = 0; i < 7; i++) m->payload[i] = (uint8_t)pcp_get8(p + 0 + 1 * i);
    m->counter = (uint32_t)pcp_get32(p + 7);
    for (size_t i = 0; i < 8; i++) m->tag[i] = (uint8_t)pcp_get8(p + 11 + 1 * i);
}

#endif
