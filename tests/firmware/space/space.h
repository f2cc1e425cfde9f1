/* The real controller as a graph: states that matter to safety, events, and laws.
 *
 * Two worlds: a car with range sensors and bumpers, and one with an IMU, cliff sensors, a charger and encoders
 * that may lie. A state is the controller's own memory, without its decoder and its outgoing line: nothing there
 * comes back into what it decides. Two states with the same key are taken for one. The key holds everything that
 * a safety decision reads: times as their age in steps, no older than the limit they are compared with, and how
 * fast the wheels are told to turn in levels of 0.1 m/s; the laws judge the numbers themselves. The key leaves
 * out which number a counter has (transactions, DRIVE, STOP: events count on from it), the speed loops below the
 * ramp, odometry, and how long a wheel has misbehaved: every step forgets that (test_wheel_faults.py). */
#ifndef SPACE_H
#define SPACE_H

#include <string.h>

#include "pcp_controller.h"

enum {
    STEP_US = 50000, /* the longest step that is not late */
    LATE_US = 2 * STEP_US, /* all ages are whole steps */
    LEASE_MS = 100,
    HOST_SILENT_MS = 500,
    RANGE_SILENT_MS = 100,
    UNDERVOLTAGE_MS = 50,
    TILT_MS = 100,
    IMU_SILENT_US = 100000,
    SHAKEN_US = 200000,
    SHORT_US = 500000,
    BRAKE_LIMIT_US = 1500000,
    REST_US = 100000,
    FRONT_SENSOR = 0
};

/* Everything of a controller that outlives a moment, and what it last told its motors. */
typedef struct {
    uint8_t memory[sizeof(pcp_controller_t) - offsetof(pcp_controller_t, owner)];
    pcp_outputs_t outputs;
    int32_t ticks[2]; /* left, right */
} state_t;

/* What the laws look at; the controller's own memory, opened. */
typedef struct {
    pcp_controller_t car;
    pcp_outputs_t outputs;
    int32_t ticks[2];
} view_t;

/* What makes two states one. Bytes only: it is hashed and compared as it lies. */
typedef struct {
    uint32_t lasting;
    uint8_t state, effect, flags, protections;
    uint8_t lease_age, host_age, brake_age, rest_age, range_age, battery_age, charger_age, sense_age;
    uint8_t near_count, far_count;
    uint8_t imu_age, tilt_age, shaken_age, cliffs;
    uint8_t spare[2]; /* zero */
    int8_t wish_vx, wish_wz, set_vx, set_wz;
} mark_t;

/* What an event is, for the laws. */
typedef enum {
    KIND_STEP = 1,
    KIND_LATE = 2,
    KIND_STOP = 4,
    KIND_ARM = 8,
    KIND_CLEAR = 16,
    KIND_DISARM = 32,
    KIND_POWERLESS = 64, /* foreign, stale, repeated or malformed: it must change nothing */
    KIND_HELLO = 128,
    KIND_OLD = 256
} kind_t;

/* The sensors a car may have; together they would make a space too large to walk through. */
typedef enum {
    WORLD_RANGES = 1, /* range sensors and bumpers */
    WORLD_BODY = 2,   /* IMU, cliffs, charger, encoders and what the controller knows of itself */
    WORLD_ANY = 3
} world_t;

typedef struct {
    unsigned worlds;
    const char *name;
    unsigned kind;
    void (*happen)(view_t *view, int argument);
    int argument;
} event_t;

typedef struct {
    const char *sentence;
    bool (*holds)(const view_t *before, const view_t *after, const event_t *event);
} law_t;

extern const event_t EVENTS[];
extern const size_t EVENT_COUNT;
extern const law_t LAWS[];
extern const size_t LAW_COUNT;

/* A car that was just switched on. */
void space_start(view_t *view, world_t world);
mark_t space_key(const view_t *view);

#endif
