/* The reflex: motion towards something near is forbidden, turning and backing away are not.
 *
 * One echo is not believed: a sensor is near, and far again, after two fresh readings. A broken sensor
 * is near, and so is one that is too close to measure: what we cannot see, we do not drive into. */
#include "pcp_parts.h"

enum {
    /* How far off the direction of motion a sensor may look and still count: 40 degrees. What a sensor that
     * looks further aside sees within the reflex distance lies beside the way of a car, not on it. */
    SECTOR_MRAD = 698,
    HALF_TURN_MRAD = 3142,
    DEBOUNCE = 2,
    RELEASE_MM = 50 /* so much further away before it counts as gone */
};

enum { FRONT = 1, REAR = 2 };

void pcp_reflex_init(pcp_reflex_t *reflex, const pcp_config_t *config)
{
    for (unsigned i = 0; i < PCP_RANGES; i++) {
        const int signed_bearing = config->range_bearing_mrad[i];
        const int bearing = signed_bearing < 0 ? -signed_bearing : signed_bearing;
        const uint8_t bit = (uint8_t)(config->range_mask & 1u << i);
        reflex->front |= bearing <= SECTOR_MRAD ? bit : 0u;
        reflex->rear |= bearing >= HALF_TURN_MRAD - SECTOR_MRAD ? bit : 0u;
    }
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
    reflex->reported &= (uint8_t)(((reflex->near & reflex->front) != 0 ? FRONT : 0) |
                                  ((reflex->near & reflex->rear) != 0 ? REAR : 0));
}

/* The near sensors in the way of a forward speed. */
static uint8_t in_the_way(const pcp_reflex_t *reflex, float vx_mps)
{
    const uint8_t lookers = vx_mps > 0.0f ? reflex->front : (vx_mps < 0.0f ? reflex->rear : 0);
    return lookers & reflex->near;
}

bool pcp_reflex_forbids(const pcp_reflex_t *reflex, float vx_mps)
{
    return in_the_way(reflex, vx_mps) != 0;
}

pcp_twist_t pcp_reflex_allowed(pcp_controller_t *ctl, pcp_twist_t wanted)
{
    pcp_reflex_t *reflex = &ctl->reflex;
    const float vx_mps = pcp_reflex_forbids(reflex, wanted.vx_mps) ? wanted.vx_mps : ctl->motion.set.vx_mps;
    const uint8_t sensors = in_the_way(reflex, vx_mps);
    const uint8_t direction = vx_mps > 0.0f ? FRONT : REAR;
    reflex->holding = sensors != 0;
    if (reflex->holding && (reflex->reported & direction) == 0) {
        reflex->reported |= direction;
        pcp_line_event(ctl, PCP_SEVERITY_CAUTION, PCP_EVENT_CODE_REFLEX, sensors, ctl->now_us);
    }
    if (pcp_reflex_forbids(reflex, wanted.vx_mps)) {
        wanted.vx_mps = 0.0f;
    }
    return wanted;
}
