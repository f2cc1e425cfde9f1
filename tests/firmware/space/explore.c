/* Breadth first: every event in every state, until no event leads to a state that was not seen before.
 *
 * Prints one line of JSON. A broken law ends it with the shortest way there on stderr, and exit code 1. */
#include <stdio.h>
#include <stdlib.h>

#include "space.h"

enum { MOST_STATES = 1 << 21, SLOTS = 1 << 23 };

typedef struct {
    state_t state;
    uint32_t parent;
    uint16_t event, depth;
} node_t;

typedef struct {
    node_t *nodes;
    mark_t *keys;
    uint32_t *slots; /* index of a node + 1, open addressing by the hash of its key */
    uint32_t count;
    uint32_t armed, stopped, braking, moving; /* states of each kind */
} space_t;

static pcp_controller_t blank; /* decoder and line as they are between two events */
static uint32_t sealed;        /* checksum of the configuration */

static uint8_t aged(uint32_t now_us, uint32_t since_us, uint32_t limit_us)
{
    const uint32_t age_us = now_us - since_us;
    return (uint8_t)((age_us < limit_us ? age_us : limit_us) / STEP_US);
}

/* The same for a long time with one limit on the way: between them all ages but the last are one. */
static uint8_t aged_long(uint32_t now_us, uint32_t since_us, uint32_t early_us, uint32_t limit_us)
{
    const uint32_t age_us = now_us - since_us;
    return aged(age_us <= early_us || age_us + STEP_US >= limit_us ? age_us : early_us + STEP_US, 0, limit_us);
}

static int8_t sign(float value)
{
    return (int8_t)((value > 0.0f) - (value < 0.0f));
}

/* What is noted and matters after its step; the rest is judged anew in each one. */
#define KEEPING                                                                                            \
    (1u << PCP_CAUSE_BUMPER | 1u << PCP_CAUSE_UNDERVOLTAGE | 1u << PCP_CAUSE_TILT | 1u << PCP_CAUSE_CHARGING | \
     1u << PCP_CAUSE_BATTERY_SENSOR | 1u << PCP_CAUSE_MEMORY | 1u << PCP_CAUSE_RANGE_SILENT |                 \
     1u << PCP_CAUSE_IMU_SILENT)
static const uint8_t effects[] = PCP_EFFECTS;

/* Zero, or up to which multiple of a step: enough to tell speeding up from slowing down. */
static int8_t level(float value, float step)
{
    const int8_t whole = (int8_t)(value / step);
    return (float)whole * step == value ? whole : (int8_t)(whole + sign(value));
}

/* How many steps long a belief has been contradicted; the first of them counts a microsecond. */
static uint8_t believed(const pcp_belief_t *belief)
{
    return belief->against_us == 0 ? 0 : (uint8_t)(1u + aged(belief->against_us, 0, 1000000));
}

mark_t space_key(const view_t *view)
{
    const pcp_controller_t *car = &view->car;
    const pcp_safety_t *safety = &car->safety;
    const bool is_armed = safety->state == PCP_STATE_ARMED;
    const bool is_leased = car->order.lease_valid;
    const unsigned flags = (safety->braking ? 1u : 0u) | (is_leased ? 2u : 0u) | (car->motion.at_rest ? 4u : 0u) |
                           (car->owner.session != 0 ? 8u : 0u) | (car->stepped ? 16u : 0u) | (safety->shorted ? 32u : 0u);
    const unsigned protections = (safety->bumpers != 0 ? 1u : 0u) | (car->imu.silent ? 2u : 0u) |
                                 (car->memory.crc != sealed ? 4u : 0u) | (car->reflex.silent ? 8u : 0u) |
                                 (car->reflex.near != 0 ? 16u : 0u) | (car->memory.damaged ? 32u : 0u);
    const uint32_t now_us = car->now_us, silent_us = 1000u * HOST_SILENT_MS;
    return (mark_t){
        .lasting = safety->lasting & KEEPING,
        .state = safety->state,
        .effect = safety->braking ? effects[safety->cause] : 0,
        .flags = (uint8_t)flags,
        .protections = (uint8_t)protections,
        .lease_age = is_leased ? aged(now_us, car->order.lease_from_us, 1000u * LEASE_MS) : 0,
        .host_age = is_armed ? aged_long(now_us, safety->owner_heard_us, silent_us, silent_us + BRAKE_LIMIT_US) : 0,
        .brake_age = safety->braking ? aged_long(now_us, safety->brake_from_us, SHORT_US, BRAKE_LIMIT_US) : 0,
        .rest_age = car->motion.at_rest ? 0 : aged(now_us, car->motion.moved_us, REST_US),
        .range_age = car->reflex.silent || car->config.range_mask == 0 ? 0 : aged(now_us, car->reflex.heard_us, 1000u * RANGE_SILENT_MS),
        .battery_age = believed(&safety->battery_low),
        .charger_age = believed(&safety->charging),
        .sense_age = believed(&safety->battery_untrue),
        .near_count = car->reflex.near_count[FRONT_SENSOR],
        .far_count = car->reflex.far_count[FRONT_SENSOR],
        .imu_age = car->imu.silent || car->config.range_mask != 0 ? 0 : aged(now_us, car->imu.heard_us, IMU_SILENT_US),
        .tilt_age = aged(car->imu.tilted_us, 0, 1000u * TILT_MS),
        .shaken_age = aged(car->imu.implausible_left_us, 0, SHAKEN_US),
        .cliffs = (uint8_t)((car->reflex.cliffs != 0 ? 1u : 0u) | (car->reflex.cliffs_seen != 0 ? 2u : 0u)),
        .wish_vx = is_leased ? sign(car->order.twist.vx_mps) : 0,
        .wish_wz = is_leased ? sign(car->order.twist.wz_radps) : 0,
        .set_vx = level(car->motion.set.vx_mps, 0.1f),
        .set_wz = level(car->motion.set.wz_radps, 0.5f),
    };
}

static uint32_t slot_of(const space_t *space, const mark_t *key)
{
    uint64_t hash = 14695981039346656037u; /* FNV-1a */
    for (size_t i = 0; i < sizeof *key; i++) {
        hash = (hash ^ ((const uint8_t *)key)[i]) * 1099511628211u;
    }
    uint32_t slot = (uint32_t)(hash >> 20) % SLOTS;
    while (space->slots[slot] != 0 && memcmp(&space->keys[space->slots[slot] - 1], key, sizeof *key) != 0) {
        slot = (slot + 1) % SLOTS;
    }
    return slot;
}

static void opened(const state_t *state, view_t *view)
{
    view->car = blank;
    memcpy((uint8_t *)&view->car + offsetof(pcp_controller_t, owner), state->memory, sizeof state->memory);
    view->outputs = state->outputs;
    memcpy(view->ticks, state->ticks, sizeof view->ticks);
}

static void add(space_t *space, const view_t *view, uint32_t parent, uint16_t event)
{
    const mark_t key = space_key(view);
    const uint32_t slot = slot_of(space, &key);
    if (space->slots[slot] != 0) {
        return;
    }
    if (space->count == MOST_STATES) {
        (void)fprintf(stderr, "more than %d states: the key tells too many apart\n", MOST_STATES);
        exit(2);
    }
    node_t *node = &space->nodes[space->count];
    memcpy(node->state.memory, (const uint8_t *)&view->car + offsetof(pcp_controller_t, owner), sizeof node->state.memory);
    node->state.outputs = view->outputs;
    memcpy(node->state.ticks, view->ticks, sizeof node->state.ticks);
    node->parent = parent;
    node->event = event;
    node->depth = space->count == 0 ? 0 : (uint16_t)(space->nodes[parent].depth + 1);
    space->keys[space->count] = key;
    space->slots[slot] = ++space->count;
    space->armed += key.state == PCP_STATE_ARMED;
    space->stopped += key.state == PCP_STATE_STOPPED;
    space->braking += key.flags & 1u;
    space->moving += key.set_vx != 0 || key.set_wz != 0;
}

static void tell_way(const space_t *space, uint32_t index)
{
    if (space->nodes[index].depth > 0) {
        tell_way(space, space->nodes[index].parent);
        (void)fprintf(stderr, "  %s\n", EVENTS[space->nodes[index].event].name);
    }
}

static void judge(const space_t *space, uint32_t index, const view_t *before, const view_t *after, const event_t *event)
{
    for (size_t i = 0; i < LAW_COUNT; i++) {
        if (!LAWS[i].holds(before, after, event)) {
            (void)fprintf(stderr, "broken: %s\nafter\n", LAWS[i].sentence);
            tell_way(space, index);
            (void)fprintf(stderr, "  %s\n", event->name);
            exit(1);
        }
    }
}

int main(int argc, char **argv)
{
    const world_t world = argc > 1 && strcmp(argv[1], "body") == 0 ? WORLD_BODY : WORLD_RANGES;
    space_t space = {
        .nodes = calloc(MOST_STATES, sizeof(node_t)),
        .keys = calloc(MOST_STATES, sizeof(mark_t)),
        .slots = calloc(SLOTS, sizeof(uint32_t)),
    };
    view_t before, after;
    uint64_t transitions = 0;
    size_t events = 0;
    if (space.nodes == NULL || space.keys == NULL || space.slots == NULL) {
        return 2;
    }
    for (size_t event = 0; event < EVENT_COUNT; event++) {
        events += (EVENTS[event].worlds & world) != 0;
    }
    space_start(&before, world);
    blank = before.car;
    sealed = blank.memory.crc;
    blank.line.used = PCP_TX_RING; /* what it says leads nowhere: let it be dropped at once */
    add(&space, &before, 0, 0);
    for (uint32_t index = 0; index < space.count; index++) {
        opened(&space.nodes[index].state, &before);
        for (uint16_t event = 0; event < EVENT_COUNT; event++) {
            if ((EVENTS[event].worlds & world) == 0) {
                continue;
            }
            after = before;
            EVENTS[event].happen(&after, EVENTS[event].argument);
            judge(&space, index, &before, &after, &EVENTS[event]);
            add(&space, &after, index, event);
            transitions++;
        }
    }
    (void)printf("{\"states\": %u, \"transitions\": %llu, \"events\": %zu, \"laws\": %zu, \"longest_way\": %u, "
                 "\"armed\": %u, \"stopped\": %u, \"braking\": %u, \"moving\": %u}\n",
                 space.count, (unsigned long long)transitions, events, LAW_COUNT,
                 space.nodes[space.count - 1].depth, space.armed, space.stopped, space.braking, space.moving);
    return 0;
}
