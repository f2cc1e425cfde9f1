/* Every message of PCP/1. Generated from protocol.yaml by generate.py; edit that file instead. */
#ifndef PCP_MESSAGES_H
#define PCP_MESSAGES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PCP_MAJOR 1
#define PCP_MINOR 0
#define PCP_SCHEMA 0xfd25debfu
#define PCP_MAGIC 0x52414350u
#define PCP_MAX_PAYLOAD 247

#define PCP_RANGE_NOTHING_SEEN 0xffffu
#define PCP_RANGE_TOO_CLOSE 0xfffeu
#define PCP_RANGE_BROKEN 0xfffdu

enum {
    PCP_ID_HELLO_REQUEST = 0x00,
    PCP_ID_HELLO = 0x01,
    PCP_ID_HEARTBEAT = 0x02,
    PCP_ID_ALIVE = 0x03,
    PCP_ID_LINK_STATS = 0x08,
    PCP_ID_DRIVE = 0x10,
    PCP_ID_STOP = 0x11,
    PCP_ID_CMD = 0x12,
    PCP_ID_RESP = 0x13,
    PCP_ID_ODOM = 0x20,
    PCP_ID_WHEELS = 0x21,
    PCP_ID_IMU = 0x22,
    PCP_ID_RANGES = 0x23,
    PCP_ID_SCAN = 0x24,
    PCP_ID_POWER = 0x25,
    PCP_ID_STATUS = 0x26,
    PCP_ID_EVENT = 0x50,
};

enum {
    PCP_SIZE_HELLO_REQUEST = 12,
    PCP_SIZE_HELLO = 35,
    PCP_SIZE_HEARTBEAT = 6,
    PCP_SIZE_ALIVE = 11,
    PCP_SIZE_LINK_STATS = 20,
    PCP_SIZE_DRIVE = 12,
    PCP_SIZE_STOP = 1,
    PCP_SIZE_CMD = 8,
    PCP_SIZE_RESP = 9,
    PCP_SIZE_ODOM = 22,
    PCP_SIZE_WHEELS = 36,
    PCP_SIZE_IMU = 16,
    PCP_SIZE_RANGES = 21,
    PCP_SIZE_SCAN = 191,
    PCP_SIZE_POWER = 5,
    PCP_SIZE_STATUS = 12,
    PCP_SIZE_EVENT = 12,
};

#define PCP_SEED_HELLO_REQUEST 0x00000000u
#define PCP_SEED_HELLO 0x00000000u
#define PCP_SEED_HEARTBEAT 0xbc96809cu
#define PCP_SEED_ALIVE 0xb6600763u
#define PCP_SEED_LINK_STATS 0x5fb8ea93u
#define PCP_SEED_DRIVE 0xd4e896d8u
#define PCP_SEED_STOP 0x62cf43e1u
#define PCP_SEED_CMD 0x3b7813b2u
#define PCP_SEED_RESP 0x31800d14u
#define PCP_SEED_ODOM 0xcc475a5eu
#define PCP_SEED_WHEELS 0xa2cd1b74u
#define PCP_SEED_IMU 0xe27605ffu
#define PCP_SEED_RANGES 0xccd60604u
#define PCP_SEED_SCAN 0x7761e159u
#define PCP_SEED_POWER 0x83b617fdu
#define PCP_SEED_STATUS 0x45b84484u
#define PCP_SEED_EVENT 0xe6849762u

/* Every length an encoded frame can have, without its delimiter, ascending. */
#define PCP_WIRE_LENGTHS {8, 12, 13, 15, 16, 18, 19, 23, 27, 28, 29, 42, 43, 198}
#define PCP_WIRE_LENGTH_COUNT 14

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
} pcp_command_t;

/* How the controller answered a CMD. */
typedef enum {
    PCP_RESULT_OK = 0,
    PCP_RESULT_DENIED = 1,
    PCP_RESULT_UNSUPPORTED = 2,
    PCP_RESULT_BAD_ARGUMENT = 3,
    PCP_RESULT_WRONG_SESSION = 4,
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
} pcp_event_code_t;

/* Reasons for which arming is refused, all at once. */
typedef enum {
    PCP_ARM_CHECK_STOP_LATCHED = 1,
    PCP_ARM_CHECK_BUMPER_PRESSED = 2,
    PCP_ARM_CHECK_UNDERVOLTAGE = 4,
    PCP_ARM_CHECK_WHEELS_MOVING = 8,
    PCP_ARM_CHECK_RANGES_SILENT = 16,
    PCP_ARM_CHECK_NO_SESSION = 32,
} pcp_arm_check_t;

/* What holds at this moment. */
typedef enum {
    PCP_STATUS_FLAG_LEASE_VALID = 1,
    PCP_STATUS_FLAG_REFLEX_FRONT = 2,
    PCP_STATUS_FLAG_REFLEX_REAR = 4,
    PCP_STATUS_FLAG_MOVING = 8,
    PCP_STATUS_FLAG_SLOWING = 16,
} pcp_status_flag_t;

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
    uint8_t max_frame; /* longest payload it accepts, for information */
    uint8_t uid[12]; /* unique id of the chip */
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

/* What the controller's receiver counted since boot; all counters wrap. */
typedef struct {
    uint32_t frames; /* whole frames accepted */
    uint16_t bad_crc; /* blocks with the id and the length of a message whose checksum failed */
    uint16_t bad_length; /* blocks shorter than 6 bytes after COBS, of a known id with another length, or longer than 254 bytes */
    uint16_t bad_cobs; /* blocks that are not COBS */
    uint16_t unknown; /* blocks whose id nobody knows (their CRC cannot be checked), and sound frames with an id that only a controller sends */
    uint16_t lost; /* frames missing by their sequence numbers, modulo 256, since the first frame after boot */
    uint16_t rescued; /* frames cut out of a damaged block; they count in frames too */
    uint16_t refused; /* sound frames not obeyed: wrong session, stale count, value out of range */
    uint16_t tx_dropped; /* telemetry frames dropped because the line was full */
} pcp_link_stats_t;

/* The wanted motion, absolute, newest wins. Obeyed only when armed, in the owner's session, and while its lease lasts. */
typedef struct {
    uint16_t session; /* session of the sender */
    uint16_t count; /* grows by one per DRIVE; a count that is not newer (modulo 65536) is refused */
    uint16_t lease_ms; /* how long this command may be obeyed, 100 to 500; others are refused */
    int16_t vx_mmps; /* forward speed, base_link */
    int16_t vy_mmps; /* speed to the left, base_link; 0 for cars that cannot */
    int16_t wz_mradps; /* turn rate, counter-clockwise */
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
    int32_t argument; /* CLEAR_STOP: stop_count of STATUS that is to be cleared; else 0 */
} pcp_cmd_t;

/* Answers one CMD. */
typedef struct {
    uint16_t session; /* session of the CMD */
    uint8_t transaction; /* transaction of the CMD */
    uint8_t command; /* command of the CMD */
    uint8_t result; /* how it went */
    uint32_t detail; /* ARM denied: bit set of ArmCheck; else 0 */
} pcp_resp_t;

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
} pcp_status_t;

/* Something happened. */
typedef struct {
    uint32_t stamp_us; /* controller time */
    uint16_t event_count; /* grows by one per event, so a lost one is noticed */
    uint8_t severity; /* how loud */
    uint8_t code; /* what happened */
    int32_t argument; /* see the code */
} pcp_event_t;

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
}

static inline size_t pcp_drive_pack(const pcp_drive_t *m, uint8_t *p)
{
    pcp_put16(p + 0, (uint16_t)m->session);
    pcp_put16(p + 2, (uint16_t)m->count);
    pcp_put16(p + 4, (uint16_t)m->lease_ms);
    pcp_put16(p + 6, (uint16_t)m->vx_mmps);
    pcp_put16(p + 8, (uint16_t)m->vy_mmps);
    pcp_put16(p + 10, (uint16_t)m->wz_mradps);
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
    return PCP_SIZE_WHEELS;
}

static inline void pcp_wheels_unpack(pcp_wheels_t *m, const uint8_t *p)
{
    m->stamp_us = (uint32_t)pcp_get32(p + 0);
    for (size_t i = 0; i < 4; i++) m->ticks[i] = (int32_t)pcp_get32(p + 4 + 4 * i);
    for (size_t i = 0; i < 4; i++) m->speed_mmps[i] = (int16_t)pcp_get16(p + 20 + 2 * i);
    for (size_t i = 0; i < 4; i++) m->pwm_permille[i] = (int16_t)pcp_get16(p + 28 + 2 * i);
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
    return PCP_SIZE_POWER;
}

static inline void pcp_power_unpack(pcp_power_t *m, const uint8_t *p)
{
    m->battery_mv = (uint16_t)pcp_get16(p + 0);
    m->current_ma = (int16_t)pcp_get16(p + 2);
    m->charge_percent = (uint8_t)pcp_get8(p + 4);
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
}

static inline size_t pcp_event_pack(const pcp_event_t *m, uint8_t *p)
{
    pcp_put32(p + 0, (uint32_t)m->stamp_us);
    pcp_put16(p + 4, (uint16_t)m->event_count);
    pcp_put8(p + 6, (uint8_t)m->severity);
    pcp_put8(p + 7, (uint8_t)m->code);
    pcp_put32(p + 8, (uint32_t)m->argument);
    return PCP_SIZE_EVENT;
}

static inline void pcp_event_unpack(pcp_event_t *m, const uint8_t *p)
{
    m->stamp_us = (uint32_t)pcp_get32(p + 0);
    m->event_count = (uint16_t)pcp_get16(p + 4);
    m->severity = (uint8_t)pcp_get8(p + 6);
    m->code = (uint8_t)pcp_get8(p + 7);
    m->argument = (int32_t)pcp_get32(p + 8);
}

/* Whether the id exists; if so, its payload size, its CRC seed and its direction. */
static inline bool pcp_message_known(
    uint8_t id, uint8_t *size, uint32_t *seed, bool *to_controller)
{
    switch (id) {
    case PCP_ID_HELLO_REQUEST:
        *size = PCP_SIZE_HELLO_REQUEST;
        *seed = PCP_SEED_HELLO_REQUEST;
        *to_controller = true;
        return true;
    case PCP_ID_HELLO:
        *size = PCP_SIZE_HELLO;
        *seed = PCP_SEED_HELLO;
        *to_controller = false;
        return true;
    case PCP_ID_HEARTBEAT:
        *size = PCP_SIZE_HEARTBEAT;
        *seed = PCP_SEED_HEARTBEAT;
        *to_controller = true;
        return true;
    case PCP_ID_ALIVE:
        *size = PCP_SIZE_ALIVE;
        *seed = PCP_SEED_ALIVE;
        *to_controller = false;
        return true;
    case PCP_ID_LINK_STATS:
        *size = PCP_SIZE_LINK_STATS;
        *seed = PCP_SEED_LINK_STATS;
        *to_controller = false;
        return true;
    case PCP_ID_DRIVE:
        *size = PCP_SIZE_DRIVE;
        *seed = PCP_SEED_DRIVE;
        *to_controller = true;
        return true;
    case PCP_ID_STOP:
        *size = PCP_SIZE_STOP;
        *seed = PCP_SEED_STOP;
        *to_controller = true;
        return true;
    case PCP_ID_CMD:
        *size = PCP_SIZE_CMD;
        *seed = PCP_SEED_CMD;
        *to_controller = true;
        return true;
    case PCP_ID_RESP:
        *size = PCP_SIZE_RESP;
        *seed = PCP_SEED_RESP;
        *to_controller = false;
        return true;
    case PCP_ID_ODOM:
        *size = PCP_SIZE_ODOM;
        *seed = PCP_SEED_ODOM;
        *to_controller = false;
        return true;
    case PCP_ID_WHEELS:
        *size = PCP_SIZE_WHEELS;
        *seed = PCP_SEED_WHEELS;
        *to_controller = false;
        return true;
    case PCP_ID_IMU:
        *size = PCP_SIZE_IMU;
        *seed = PCP_SEED_IMU;
        *to_controller = false;
        return true;
    case PCP_ID_RANGES:
        *size = PCP_SIZE_RANGES;
        *seed = PCP_SEED_RANGES;
        *to_controller = false;
        return true;
    case PCP_ID_SCAN:
        *size = PCP_SIZE_SCAN;
        *seed = PCP_SEED_SCAN;
        *to_controller = false;
        return true;
    case PCP_ID_POWER:
        *size = PCP_SIZE_POWER;
        *seed = PCP_SEED_POWER;
        *to_controller = false;
        return true;
    case PCP_ID_STATUS:
        *size = PCP_SIZE_STATUS;
        *seed = PCP_SEED_STATUS;
        *to_controller = false;
        return true;
    case PCP_ID_EVENT:
        *size = PCP_SIZE_EVENT;
        *seed = PCP_SEED_EVENT;
        *to_controller = false;
        return true;
    default:
        return false;
    }
}

#endif
