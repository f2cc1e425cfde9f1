/* The reflex: motion towards something near is forbidden, turning and backing away are not. At an edge
 * everything is forbidden but driving away from it.
 *
 * One reading is not believed: a sensor is near, and far again, after two fresh ones; a cliff is seen, and
 * gone again, after two. A broken range sensor is near, and so is one that is too close to measure: what we
 * cannot see, we do not drive into. */
#include "pcp_parts.h"

enum {
    /* How far off the direction of motion a sensor may look and still count: 40 degrees. What a sensor that
     * looks further aside sees within the reflex distance lies beside the way of a car, not on it. A car
     * that drives in every direction needs every bearing guarded: 45 degrees to either side of four. */
    SECTOR_MRAD = 698,
    WIDE_SECTOR_MRAD = 786,
    QUARTER_TURN_MRAD = 1571,
    HALF_TURN_MRAD = 3142,
    DEBOUNCE = 2,
    RELEASE_MM = 50, /* so much further away before it counts as gone */
    CLIFFS_FRONT = 0x0F,
    CLIFFS_REAR = 0xF0
};

enum { FRONT = 1, REAR = 2, LEFT = 4, RIGHT = 8 };

/* The sensors that look along a direction, as a bit set. */
static uint8_t lookers(const pcp_config_t *config, int direction_mrad, int sector_mrad)
{
    unsigned looking = 0;
    for (unsigned i = 0; i < PCP_RANGES; i++) {
        const int off = config->range_bearing_mrad[i] - direction_mrad;
        const int aside = off < 0 ? -off : off;
        const int nearer = aside > HALF_TURN_MRAD ? 2 * HALF_TURN_MRAD - aside : aside;
        looking |= nearer <= sector_mrad ? 1u << i : 0u;
    }
    return (uint8_t)(looking & config->range_mask);
}

void pcp_reflex_init(pcp_reflex_t *reflex, const pcp_config_t *config)
{
    const bool slides = pcp_sideways_limit_mps(config) > 0.0f;
    const int sector_mrad = slides ? WIDE_SECTOR_MRAD : SECTOR_MRAD;
    reflex->front = lookers(config, 0, sector_mrad);
    reflex->rear = lookers(config, HALF_TURN_MRAD, sector_mrad);
    reflex->left = slides ? lookers(config, QUARTER_TURN_MRAD, sector_mrad) : 0;
    reflex->right = slides ? lookers(config, -QUARTER_TURN_MRAD, sector_mrad) : 0;
    reflex->silent = config->range_mask != 0; /* until the first reading */
}

static bool is_near(uint16_t range_mm, uint16_t reflex_mm)
{
    return range_mm < reflex_mm || range_mm == PCP_RANGE_TOO_CLOSE || range_mm == PCP_RANGE_BROKEN;
}

static bool is_far(uint16_t range_mm, uint16_t reflex_mm)
{
    const bool is_distance = range_mm != PCP_RANGE_TOO_CLOSE && range_mm != PCP_RANGE_BROKEN;
    return is_distance && range_mm > reflex_mm + RELEASE_MM;
}

static uint8_t counted(bool yes, uint8_t count)
{
    return yes ? (uint8_t)(count < DEBOUNCE ? count + 1 : DEBOUNCE) : 0;
}

static void take_reading(pcp_reflex_t *reflex, unsigned sensor, uint16_t range_mm, uint16_t reflex_mm)
{
    const uint8_t bit = (uint8_t)(1u << sensor);
    reflex->near_count[sensor] = counted(is_near(range_mm, reflex_mm), reflex->near_count[sensor]);
    reflex->far_count[sensor] = counted(is_far(range_mm, reflex_mm), reflex->far_count[sensor]);
    if (reflex->near_count[sensor] == DEBOUNCE) {
        reflex->near |= bit;
    } else if (reflex->far_count[sensor] == DEBOUNCE) {
        reflex->near &= (uint8_t)~bit;
    }
}

/* The directions in which something is near. */
static uint8_t near_directions(const pcp_reflex_t *reflex)
{
    unsigned directions = 0;
    directions |= (reflex->near & reflex->front) != 0 ? FRONT : 0u;
    directions |= (reflex->near & reflex->rear) != 0 ? REAR : 0u;
    directions |= (reflex->near & reflex->left) != 0 ? LEFT : 0u;
    directions |= (reflex->near & reflex->right) != 0 ? RIGHT : 0u;
    return (uint8_t)directions;
}

/* The directions into which a motion leads. */
static uint8_t directions_of(const pcp_twist_t *twist)
{
    unsigned directions = 0;
    directions |= twist->vx_mps > 0.0f ? FRONT : (twist->vx_mps < 0.0f ? REAR : 0u);
    directions |= twist->vy_mps > 0.0f ? LEFT : (twist->vy_mps < 0.0f ? RIGHT : 0u);
    return (uint8_t)directions;
}

static uint8_t sensors_of(const pcp_reflex_t *reflex, unsigned directions)
{
    unsigned sensors = 0;
    sensors |= (directions & FRONT) != 0 ? reflex->front : 0u;
    sensors |= (directions & REAR) != 0 ? reflex->rear : 0u;
    sensors |= (directions & LEFT) != 0 ? reflex->left : 0u;
    sensors |= (directions & RIGHT) != 0 ? reflex->right : 0u;
    return (uint8_t)(sensors & reflex->near);
}

static void watch_cliffs(pcp_reflex_t *reflex, uint8_t cliffs)
{
    const unsigned twice = cliffs & reflex->cliffs_seen;
    const unsigned once = cliffs | reflex->cliffs_seen;
    reflex->cliffs = (uint8_t)(twice | (reflex->cliffs & once));
    reflex->cliffs_seen = cliffs;
}

void pcp_reflex_watch(pcp_controller_t *ctl, const pcp_inputs_t *in)
{
    pcp_reflex_t *reflex = &ctl->reflex;
    const uint8_t fresh = in->range_fresh & ctl->config.range_mask;
    for (unsigned i = 0; i < PCP_RANGES; i++) {
        if ((fresh >> i & 1u) != 0) {
            take_reading(reflex, i, in->range_mm[i], ctl->config.reflex_mm);
        }
    }
    if (fresh != 0) {
        reflex->heard_us = in->now_us;
        reflex->silent = false;
    } else if (ctl->config.range_mask != 0 && in->now_us - reflex->heard_us >= 1000u * ctl->config.range_silent_ms) {
        reflex->silent = true;
    }
    reflex->reported &= near_directions(reflex);
    watch_cliffs(reflex, in->cliffs);
}

unsigned pcp_reflex_forbids(const pcp_reflex_t *reflex, const pcp_twist_t *twist)
{
    const unsigned blocked = directions_of(twist) & near_directions(reflex);
    unsigned axes = 0;
    axes |= (blocked & (FRONT | REAR)) != 0 ? PCP_AXIS_FORWARD : 0u;
    axes |= (blocked & (LEFT | RIGHT)) != 0 ? PCP_AXIS_SIDEWAYS : 0u;
    return axes;
}

bool pcp_reflex_is_over_edge(const pcp_reflex_t *reflex, const pcp_twist_t *twist)
{
    const bool is_off_front = (reflex->cliffs & CLIFFS_FRONT) == 0 || (twist->vx_mps < 0.0f && twist->vy_mps == 0.0f);
    const bool is_off_rear = (reflex->cliffs & CLIFFS_REAR) == 0 || (twist->vx_mps > 0.0f && twist->vy_mps == 0.0f);
    return !pcp_is_standing(twist) && !(is_off_front && is_off_rear);
}

static void report(pcp_controller_t *ctl, unsigned blocked)
{
    pcp_reflex_t *reflex = &ctl->reflex;
    const unsigned unreported = blocked & ~(unsigned)reflex->reported;
    if (unreported != 0) {
        reflex->reported = (uint8_t)(reflex->reported | unreported);
        pcp_line_event(ctl, PCP_SEVERITY_CAUTION, PCP_EVENT_CODE_REFLEX, sensors_of(reflex, unreported), ctl->now_us);
    }
}

pcp_twist_t pcp_reflex_allowed(pcp_controller_t *ctl, pcp_twist_t wanted)
{
    pcp_reflex_t *reflex = &ctl->reflex;
    const unsigned axes = pcp_reflex_forbids(reflex, &wanted);
    const unsigned under_way = directions_of(&wanted) | directions_of(&ctl->motion.set);
    const unsigned blocked = under_way & near_directions(reflex);
    reflex->holding = blocked != 0;
    report(ctl, blocked);
    if ((axes & PCP_AXIS_FORWARD) != 0) {
        wanted.vx_mps = 0.0f;
    }
    if ((axes & PCP_AXIS_SIDEWAYS) != 0) {
        wanted.vy_mps = 0.0f;
    }
    reflex->holding_at_cliff = pcp_reflex_is_over_edge(reflex, &wanted);
    return reflex->holding_at_cliff ? (pcp_twist_t){0.0f, 0.0f, 0.0f} : wanted;
}
