/* Events: told at once, and kept until the owner says that it has them.
 *
 * The newest PCP_EVENTS are kept. While somebody owns the car, the oldest of them are told again until
 * they are acknowledged; while nobody does, they wait for whoever comes. `older` says how many that were
 * before an event are still kept, so that a host knows which ones are gone for good. */
#include "pcp_parts.h"

enum {
    AGAIN_EVERY_US = 200000,
    AGAIN_AT_ONCE = 4 /* 88 bytes: what is told again must not fill a slow line */
};

static void tell(pcp_controller_t *ctl, uint8_t index, pcp_rank_t rank)
{
    uint8_t payload[PCP_SIZE_EVENT];
    pcp_event_t event = ctl->events.kept[(ctl->events.first + index) % PCP_EVENTS];
    event.older = index;
    (void)pcp_event_pack(&event, payload);
    (void)pcp_line_send(ctl, PCP_ID_EVENT, payload, rank);
}

static void drop_oldest(pcp_events_t *events)
{
    events->first = (uint8_t)((events->first + 1) % PCP_EVENTS);
    events->used--;
}

void pcp_line_event(pcp_controller_t *ctl, pcp_severity_t severity, pcp_event_code_t code, int32_t argument,
                    uint32_t now_us)
{
    pcp_events_t *events = &ctl->events;
    if (events->used == PCP_EVENTS) {
        drop_oldest(events);
    }
    if (events->used == 0) {
        events->told_us = now_us;
    }
    events->kept[(events->first + events->used) % PCP_EVENTS] = (pcp_event_t){
        .stamp_us = now_us,
        .event_count = ++ctl->line.event_count,
        .severity = (uint8_t)severity,
        .code = (uint8_t)code,
        .argument = argument,
    };
    tell(ctl, events->used++, PCP_RANK_ANSWER);
}

bool pcp_events_acknowledge(pcp_controller_t *ctl, uint16_t event_count)
{
    pcp_events_t *events = &ctl->events;
    if ((uint16_t)(ctl->line.event_count - event_count) >= 0x8000u) {
        return false; /* it has not happened yet */
    }
    while (events->used > 0 && (uint16_t)(event_count - events->kept[events->first].event_count) < 0x8000u) {
        drop_oldest(events);
    }
    return true;
}

void pcp_events_hurry(pcp_controller_t *ctl, uint32_t now_us)
{
    ctl->events.told_us = now_us - AGAIN_EVERY_US;
}

void pcp_events_step(pcp_controller_t *ctl, uint32_t now_us)
{
    pcp_events_t *events = &ctl->events;
    if (ctl->owner.session == 0 || events->used == 0 || now_us - events->told_us < AGAIN_EVERY_US) {
        return;
    }
    events->told_us = now_us;
    for (uint8_t i = 0; i < events->used && i < AGAIN_AT_ONCE; i++) {
        tell(ctl, i, PCP_RANK_REPORT);
    }
}
