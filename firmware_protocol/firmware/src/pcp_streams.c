/* How often each stream leaves, and that all of them together fit the line.
 *
 * The streams may use 80 % of the line; the rest is for answers, events, tags and whatever is told at once.
 * A line that is too slow for the usual rates gets slower ones at boot: round after round each stream of
 * THINNED is halved, down to its own limit, until the sum fits. When not even that fits, the lidar is
 * switched off and the rates of the others are found again from the start. */
#include "pcp_parts.h"

enum { SHARE_PERCENT = 80, STEP_MS = PCP_PERIOD_US / 1000, ID_BITS = 8 };

/* In this order a slow line thins them: what the host needs least comes first. */
static const uint8_t THINNED[] = {PCP_ID_IMU, PCP_ID_WHEELS, PCP_ID_LINE, PCP_ID_ODOM, PCP_ID_RANGES};

static bool is_fitted(const pcp_controller_t *ctl, const pcp_stream_t *stream)
{
    return stream->needs == 0 || (pcp_capabilities(ctl) & stream->needs) != 0;
}

bool pcp_stream_is_on(const pcp_controller_t *ctl, unsigned stream)
{
    return ctl->line.period_ms[stream] != 0 && is_fitted(ctl, &pcp_stream_table[stream]);
}

/* Bytes per second, frames and all, rounded up for each stream. */
static uint32_t bytes_per_s(const pcp_controller_t *ctl)
{
    uint32_t sum = 0;
    for (unsigned i = 0; i < PCP_STREAMS; i++) {
        const pcp_stream_t *stream = &pcp_stream_table[i];
        const uint32_t period_ms = ctl->line.period_ms[i];
        if (pcp_stream_is_on(ctl, i)) {
            sum += (1000u * stream->copies * (stream->size + PCP_FRAME_OVERHEAD) + period_ms - 1u) / period_ms;
        }
    }
    return sum;
}

static uint32_t budget(const pcp_controller_t *ctl)
{
    return (uint32_t)((uint64_t)ctl->config.line_bytes_per_s * SHARE_PERCENT / 100u);
}

static bool fits(const pcp_controller_t *ctl)
{
    return bytes_per_s(ctl) <= budget(ctl);
}

/* The row of a message, PCP_STREAMS for none. */
static unsigned row_of(uint32_t id)
{
    unsigned row = 0;
    while (row < PCP_STREAMS && pcp_stream_table[row].id != id) {
        row++;
    }
    return row;
}

/* Double one period, if its limit allows. */
static bool stretched(uint16_t *period_ms, const pcp_stream_t *stream)
{
    if (*period_ms == 0 || 2u * *period_ms > stream->thinned_ms) {
        return false;
    }
    *period_ms = (uint16_t)(2u * *period_ms);
    return true;
}

static void thin(pcp_controller_t *ctl)
{
    for (bool any = true; any;) {
        any = false;
        for (unsigned i = 0; i < sizeof THINNED; i++) {
            const unsigned row = row_of(THINNED[i]);
            if (fits(ctl)) {
                return;
            }
            any = stretched(&ctl->line.period_ms[row], &pcp_stream_table[row]) || any;
        }
    }
}

static void usual_rates(pcp_controller_t *ctl)
{
    for (unsigned i = 0; i < PCP_STREAMS; i++) {
        ctl->line.period_ms[i] = pcp_stream_table[i].usual_ms;
    }
}

static void start_rates(pcp_controller_t *ctl)
{
    usual_rates(ctl);
    thin(ctl);
    if (!fits(ctl)) {
        usual_rates(ctl);
        ctl->line.period_ms[PCP_SCAN_STREAM] = 0;
        thin(ctl);
    }
}

/* What waits for a long period that is over need not wait on. */
static void shorten_waits(pcp_outbox_t *line)
{
    for (unsigned i = 0; i < PCP_STREAMS; i++) {
        const uint16_t steps = (uint16_t)(line->period_ms[i] / STEP_MS);
        line->wait_steps[i] = line->wait_steps[i] > steps ? steps : line->wait_steps[i];
    }
}

/* A new owner finds the rates of the boot, whatever the last one asked for. */
static void follow_session(pcp_controller_t *ctl)
{
    if (ctl->line.session != ctl->owner.session) {
        ctl->line.session = ctl->owner.session;
        start_rates(ctl);
        shorten_waits(&ctl->line);
    }
}

void pcp_streams_init(pcp_controller_t *ctl)
{
    start_rates(ctl);
    for (unsigned i = 0; i < PCP_STREAMS; i++) {
        ctl->line.wait_steps[i] = pcp_stream_table[i].first_step;
    }
}

static bool is_allowed(const pcp_stream_t *stream, uint32_t period_ms)
{
    if (period_ms == 0) {
        return stream->may_be_off;
    }
    return period_ms >= stream->shortest_ms && period_ms <= stream->longest_ms;
}

/* Streams that are sent by steps have whole steps. */
static uint16_t in_steps(const pcp_stream_t *stream, uint32_t period_ms)
{
    return (uint16_t)(stream->send == NULL ? period_ms : (period_ms + STEP_MS - 1u) / STEP_MS * STEP_MS);
}

pcp_result_t pcp_streams_set(pcp_controller_t *ctl, int32_t argument, uint32_t *detail)
{
    const uint32_t id = (uint32_t)argument & ((1u << ID_BITS) - 1u);
    const uint32_t period_ms = (uint32_t)argument >> ID_BITS;
    const unsigned row = row_of(id);
    follow_session(ctl);
    const uint32_t before = bytes_per_s(ctl);
    *detail = before;
    if (row == PCP_STREAMS || !is_fitted(ctl, &pcp_stream_table[row]) ||
        !is_allowed(&pcp_stream_table[row], period_ms)) {
        return PCP_RESULT_BAD_ARGUMENT;
    }
    const uint16_t was_ms = ctl->line.period_ms[row];
    ctl->line.period_ms[row] = in_steps(&pcp_stream_table[row], period_ms);
    *detail = bytes_per_s(ctl);
    if (*detail > budget(ctl) && *detail > before) { /* less is always welcome, also when it is still too much */
        ctl->line.period_ms[row] = was_ms;
        return PCP_RESULT_OVER_BUDGET;
    }
    ctl->line.wait_steps[row] = 0;
    return PCP_RESULT_OK;
}

void pcp_streams_step(pcp_controller_t *ctl, const pcp_inputs_t *in)
{
    pcp_outbox_t *line = &ctl->line;
    follow_session(ctl);
    for (unsigned i = 0; i < PCP_STREAMS; i++) {
        const pcp_stream_t *stream = &pcp_stream_table[i];
        if (stream->send == NULL || !pcp_stream_is_on(ctl, i)) {
            continue;
        }
        if (line->wait_steps[i] == 0) {
            line->wait_steps[i] = (uint16_t)(line->period_ms[i] / STEP_MS);
            stream->send(ctl, in);
        }
        line->wait_steps[i]--;
    }
}
