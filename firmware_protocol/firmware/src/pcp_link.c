/* What keeps the link itself in order: the time, what arrived, and what was lost. */
#include "pcp_parts.h"

void pcp_link_obey_time_request(pcp_controller_t *ctl, const uint8_t *payload, uint32_t now_us)
{
    uint8_t answer[PCP_SIZE_TIME];
    pcp_time_request_t request;
    pcp_time_request_unpack(&request, payload);
    const pcp_time_t time = {.cookie = request.cookie, .received_us = now_us, .sent_us = now_us};
    (void)pcp_time_pack(&time, answer);
    (void)pcp_line_send(ctl, PCP_ID_TIME, answer, PCP_RANK_ANSWER);
}

void pcp_link_obey_event_ack(pcp_controller_t *ctl, const uint8_t *payload, uint32_t now_us)
{
    pcp_event_ack_t ack;
    (void)now_us;
    pcp_event_ack_unpack(&ack, payload);
    if (!pcp_is_owner(ctl, ack.session) || !pcp_events_acknowledge(ctl, ack.event_count)) {
        ctl->line.refused++;
    }
}

void pcp_link_obey_host_stats(pcp_controller_t *ctl, const uint8_t *payload, uint32_t now_us)
{
    pcp_host_stats_t stats;
    (void)now_us;
    pcp_host_stats_unpack(&stats, payload);
    if (!pcp_is_owner(ctl, stats.session)) {
        ctl->line.refused++;
        return;
    }
    ctl->owner.lost = stats.lost;
    ctl->owner.rejected = stats.rejected;
}
