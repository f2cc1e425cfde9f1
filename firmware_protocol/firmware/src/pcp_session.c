/* The host's frames: who owns the car, and what it asks for.
 *
 * A session is a number the host chose. Its owner alone may drive and command; STOP is for everyone. */
#include "pcp_parts.h"

static void refuse(pcp_controller_t *ctl)
{
    ctl->line.refused++;
}

bool pcp_is_owner(const pcp_controller_t *ctl, uint16_t session)
{
    return session != 0 && session == ctl->owner.session;
}

/* An owner that still drives keeps the car; one that fell silent does not. */
static bool is_free(const pcp_controller_t *ctl, uint32_t now_us)
{
    const bool is_silent = !ctl->order.lease_valid &&
                           now_us - ctl->safety.owner_heard_us >= 1000u * ctl->config.host_silent_ms;
    return ctl->owner.session == 0 || ctl->safety.state != PCP_STATE_ARMED || is_silent;
}

static void open_session(pcp_controller_t *ctl, uint16_t session, uint32_t now_us)
{
    pcp_disarm(ctl, PCP_CAUSE_NONE, now_us);
    if (ctl->safety.state == PCP_STATE_DISARMED) {
        ctl->safety.cause = PCP_CAUSE_NONE;
    }
    ctl->owner = (pcp_owner_t){.session = session};
    ctl->order = (pcp_order_t){0};
    pcp_events_hurry(ctl, now_us);
    pcp_line_event(ctl, PCP_SEVERITY_INFO, PCP_EVENT_CODE_SESSION_OPENED, session, now_us);
}

static void answer_hello_request(pcp_controller_t *ctl, const uint8_t *payload, uint32_t now_us)
{
    (void)payload;
    (void)now_us;
    pcp_line_hello(ctl);
}

static void obey_hello_request(pcp_controller_t *ctl, const uint8_t *payload, uint32_t now_us)
{
    pcp_hello_request_t hello;
    pcp_hello_request_unpack(&hello, payload);
    const bool is_ours = hello.magic == PCP_MAGIC && hello.major == PCP_MAJOR && hello.session != 0;
    if (is_ours && !pcp_is_owner(ctl, hello.session) && is_free(ctl, now_us)) {
        open_session(ctl, hello.session, now_us);
    }
    pcp_line_hello(ctl);
}

/* A count that stands still is a loop that stands still: somebody else repeats its last words. */
static void obey_heartbeat(pcp_controller_t *ctl, const uint8_t *payload, uint32_t now_us)
{
    pcp_heartbeat_t heartbeat;
    pcp_owner_t *owner = &ctl->owner;
    pcp_heartbeat_unpack(&heartbeat, payload);
    if (!pcp_is_owner(ctl, heartbeat.session) || (owner->any_loop_count && heartbeat.loop_count == owner->loop_count)) {
        refuse(ctl);
        return;
    }
    owner->any_loop_count = true;
    owner->loop_count = heartbeat.loop_count;
    ctl->safety.owner_heard_us = now_us;
}

/* A date in the past or a little ahead. Without one nobody knows how long the command lay in a queue. */
static bool is_timely(const pcp_drive_t *drive, uint32_t now_us)
{
    const int32_t age_us = pcp_ticks_since((int32_t)now_us, (int32_t)drive->made_us);
    return (drive->flags & PCP_DRIVE_FLAG_DATED) == 0 ||
           (age_us >= -PCP_EARLY_US && age_us < 1000 * (int32_t)drive->lease_ms);
}

/* When the lease began: a date ahead of our clock gives nobody more time. */
static uint32_t lease_from(const pcp_drive_t *drive, uint32_t now_us)
{
    const bool is_past = pcp_ticks_since((int32_t)now_us, (int32_t)drive->made_us) > 0;
    return (drive->flags & PCP_DRIVE_FLAG_DATED) != 0 && is_past ? drive->made_us : now_us;
}

static bool is_sound(const pcp_controller_t *ctl, const pcp_drive_t *drive)
{
    const uint16_t ahead = (uint16_t)(drive->count - ctl->order.count);
    const bool is_newer = !ctl->order.any_count || (ahead != 0 && ahead < 0x8000u);
    return pcp_is_owner(ctl, drive->session) && is_newer && drive->lease_ms >= PCP_LEASE_MIN_MS &&
           drive->lease_ms <= PCP_LEASE_MAX_MS;
}

static void obey_drive(pcp_controller_t *ctl, const uint8_t *payload, uint32_t now_us)
{
    pcp_drive_t drive;
    pcp_order_t *order = &ctl->order;
    pcp_drive_unpack(&drive, payload);
    if (!is_sound(ctl, &drive) || !is_timely(&drive, now_us)) {
        refuse(ctl);
        return;
    }
    order->any_count = true;
    order->count = drive.count;
    ctl->safety.owner_heard_us = now_us;
    if (ctl->safety.state != PCP_STATE_ARMED) {
        return;
    }
    order->obeyed_count = drive.count;
    order->lease_valid = true;
    order->lease_from_us = lease_from(&drive, now_us);
    order->lease_us = 1000u * drive.lease_ms;
    order->twist.vx_mps = pcp_clamped((float)drive.vx_mmps * 0.001f, ctl->config.max_speed_mps);
    order->twist.vy_mps = pcp_clamped((float)drive.vy_mmps * 0.001f, pcp_sideways_limit_mps(&ctl->config));
    order->twist.wz_radps = pcp_clamped((float)drive.wz_mradps * 0.001f, ctl->config.max_turn_radps);
}

static void obey_stop(pcp_controller_t *ctl, const uint8_t *payload, uint32_t now_us)
{
    pcp_stop_t stop;
    pcp_stop_unpack(&stop, payload);
    ctl->safety.stop_source = stop.reason;
    pcp_stop(ctl, PCP_CAUSE_HOST_STOP, now_us);
}

static void answer(pcp_controller_t *ctl, const pcp_resp_t *resp)
{
    uint8_t payload[PCP_SIZE_RESP];
    (void)pcp_resp_pack(resp, payload);
    (void)pcp_line_send(ctl, PCP_ID_RESP, payload, PCP_RANK_ANSWER);
}

/* The answer this transaction already got, or NULL. */
static const pcp_resp_t *earlier_answer(const pcp_owner_t *owner, uint8_t transaction)
{
    for (unsigned i = 0; i < PCP_TRANSACTIONS; i++) {
        if (owner->answers[i].transaction == transaction) {
            return &owner->answers[i];
        }
    }
    return NULL;
}

static pcp_result_t execute_arm(pcp_controller_t *ctl, uint32_t *detail, uint32_t now_us)
{
    *detail = pcp_arm(ctl, now_us);
    return *detail == 0 ? PCP_RESULT_OK : PCP_RESULT_DENIED;
}

static pcp_result_t execute(pcp_controller_t *ctl, const pcp_cmd_t *cmd, uint32_t *detail, uint32_t now_us)
{
    if (cmd->command == PCP_COMMAND_CLEAR_STOP) {
        return pcp_clear_stop(ctl, cmd->argument, now_us);
    }
    if (cmd->command == PCP_COMMAND_SET_STREAM) {
        return pcp_streams_set(ctl, cmd->argument, detail);
    }
    if (cmd->command == PCP_COMMAND_APPLY_PARAMETERS) {
        return pcp_parameters_apply(ctl, cmd->argument, detail, now_us);
    }
    if (cmd->command < PCP_COMMAND_ARM || cmd->command > PCP_COMMAND_SAVE_PARAMETERS) {
        return PCP_RESULT_UNSUPPORTED;
    }
    if (cmd->argument != 0) {
        return PCP_RESULT_BAD_ARGUMENT;
    }
    if (cmd->command == PCP_COMMAND_ARM) {
        return execute_arm(ctl, detail, now_us);
    }
    if (cmd->command >= PCP_COMMAND_DISCARD_PARAMETERS) {
        return pcp_parameters_command(ctl, (pcp_command_t)cmd->command, now_us);
    }
    if (cmd->command == PCP_COMMAND_DISARM) {
        pcp_disarm(ctl, PCP_CAUSE_NONE, now_us);
    } else {
        pcp_odometry_reset(&ctl->odometry);
    }
    return PCP_RESULT_OK;
}

static void obey_cmd(pcp_controller_t *ctl, const uint8_t *payload, uint32_t now_us)
{
    pcp_cmd_t cmd;
    pcp_owner_t *owner = &ctl->owner;
    pcp_cmd_unpack(&cmd, payload);
    pcp_resp_t resp = {.session = cmd.session, .transaction = cmd.transaction, .command = cmd.command};
    if (!pcp_is_owner(ctl, cmd.session)) {
        refuse(ctl);
        resp.result = PCP_RESULT_WRONG_SESSION;
        answer(ctl, &resp);
        return;
    }
    if (cmd.transaction == 0) {
        refuse(ctl);
        resp.result = PCP_RESULT_BAD_ARGUMENT;
        answer(ctl, &resp);
        return;
    }
    const pcp_resp_t *earlier = earlier_answer(owner, cmd.transaction);
    if (earlier != NULL) {
        answer(ctl, earlier);
        return;
    }
    ctl->safety.owner_heard_us = now_us;
    resp.result = (uint8_t)execute(ctl, &cmd, &resp.detail, now_us);
    owner->answers[owner->next_answer] = resp;
    owner->next_answer = (uint8_t)((owner->next_answer + 1) % PCP_TRANSACTIONS);
    answer(ctl, &resp);
}

typedef void (*obey_t)(pcp_controller_t *ctl, const uint8_t *payload, uint32_t now_us);

/* One message of the host: what is done with it, and what when its sender has not shown the key that the
 * car wants. NULL: it is refused. */
typedef struct {
    uint8_t id;
    obey_t trusted;
    obey_t anyone;
} request_t;

static const request_t REQUESTS[] = {
    {PCP_ID_HELLO_REQUEST, obey_hello_request, answer_hello_request},
    {PCP_ID_HEARTBEAT, obey_heartbeat, NULL},
    {PCP_ID_TIME_REQUEST, pcp_link_obey_time_request, pcp_link_obey_time_request},
    {PCP_ID_EVENT_ACK, pcp_link_obey_event_ack, NULL},
    {PCP_ID_HOST_STATS, pcp_link_obey_host_stats, NULL},
    {PCP_ID_DRIVE, obey_drive, NULL},
    {PCP_ID_STOP, obey_stop, obey_stop},
    {PCP_ID_CMD, obey_cmd, NULL},
    {PCP_ID_OUT, pcp_outputs_obey_out, NULL},
    {PCP_ID_SERVO, pcp_outputs_obey_servo, NULL},
    {PCP_ID_PARAM_GET, pcp_parameters_obey_get, pcp_parameters_obey_get},
    {PCP_ID_PARAM_SET, pcp_parameters_obey_set, NULL},
};

static const request_t *request_of(uint8_t id)
{
    for (size_t i = 0; i < sizeof REQUESTS / sizeof REQUESTS[0]; i++) {
        if (REQUESTS[i].id == id) {
            return &REQUESTS[i];
        }
    }
    return NULL;
}

/* A car without a key trusts every line; with one it trusts what is sealed with it. */
static bool is_trusted(pcp_controller_t *ctl, const pcp_frame_t *frame, uint32_t now_us)
{
    const bool is_sealed = (frame->id & PCP_SEALED) != 0;
    return is_sealed ? pcp_seal_accepted(ctl, frame, now_us) : ctl->config.has_key == 0;
}

void pcp_session_obey(pcp_controller_t *ctl, const pcp_frame_t *frame, uint32_t now_us)
{
    const request_t *request = request_of((uint8_t)(frame->id & ~(unsigned)PCP_SEALED));
    if (request == NULL) { /* sound, but meant for the host */
        ctl->line.misdirected++;
        return;
    }
    const obey_t obey = is_trusted(ctl, frame, now_us) ? request->trusted : request->anyone;
    if (obey == NULL) {
        refuse(ctl);
        return;
    }
    obey(ctl, frame->payload, now_us);
}
