/* What the port hands over when it has it: pieces of a scan, environment readings, tags, and lines for people. */
#include "pcp_parts.h"

enum { TAG_EVERY_US = 200000, TAG_GAP_US = 50000, TAG_BYTES = 10, TEXT_BYTES = 48 };

void pcp_controller_scan(pcp_controller_t *ctl, const pcp_scan_t *scan)
{
    uint8_t payload[PCP_SIZE_SCAN];
    if (ctl->ready && pcp_stream_is_on(ctl, PCP_SCAN_STREAM)) {
        (void)pcp_scan_pack(scan, payload);
        (void)pcp_line_send(ctl, PCP_ID_SCAN, payload, PCP_RANK_TELEMETRY);
    }
}

/* The slot of a sensor, a free one, or NULL when all are taken by others. */
static pcp_reading_t *slot_of(pcp_outbox_t *line, uint8_t quantity, uint8_t place)
{
    for (unsigned i = 0; i < PCP_ENVS; i++) {
        pcp_reading_t *reading = &line->readings[i];
        if (!reading->used || (reading->quantity == quantity && reading->place == place)) {
            return reading;
        }
    }
    return NULL;
}

void pcp_controller_env(pcp_controller_t *ctl, pcp_quantity_t quantity, uint8_t place, int32_t value)
{
    pcp_reading_t *reading = slot_of(&ctl->line, (uint8_t)quantity, place);
    if (reading != NULL) {
        *reading = (pcp_reading_t){value, ctl->now_us, (uint8_t)quantity, place, true, true};
    }
}

void pcp_readings_send_env(pcp_controller_t *ctl, const pcp_inputs_t *in)
{
    (void)in;
    for (unsigned i = 0; i < PCP_ENVS; i++) {
        uint8_t payload[PCP_SIZE_ENV];
        pcp_reading_t *reading = &ctl->line.readings[i];
        const pcp_env_t env = {reading->stamp_us, reading->quantity, reading->place, reading->value};
        (void)pcp_env_pack(&env, payload);
        if (reading->fresh && pcp_line_send(ctl, PCP_ID_ENV, payload, PCP_RANK_TELEMETRY)) {
            reading->fresh = false;
        }
    }
}

static bool is_same_tag(const pcp_tag_t *a, const pcp_tag_t *b)
{
    bool same = a->kind == b->kind && a->size == b->size;
    for (unsigned i = 0; i < TAG_BYTES; i++) {
        same = same && a->tag[i] == b->tag[i];
    }
    return same;
}

/* Another tag is told at once, but two that take turns must not fill the line. */
void pcp_controller_tag(pcp_controller_t *ctl, pcp_tag_kind_t kind, uint8_t reader, const uint8_t *tag, uint8_t size)
{
    if (reader >= PCP_READERS || size > TAG_BYTES) {
        return;
    }
    pcp_reader_t *seen = &ctl->line.readers[reader];
    pcp_tag_t now = {.stamp_us = ctl->now_us, .kind = (uint8_t)kind, .reader = reader, .size = size};
    for (unsigned i = 0; i < size; i++) {
        now.tag[i] = tag[i];
    }
    const uint32_t wait_us = is_same_tag(&now, &seen->tag) ? TAG_EVERY_US : TAG_GAP_US;
    if (!seen->any || ctl->now_us - seen->sent_us >= wait_us) {
        *seen = (pcp_reader_t){.tag = now, .sent_us = ctl->now_us, .fresh = true, .any = true};
    }
}

void pcp_readings_send_tags(pcp_controller_t *ctl)
{
    for (unsigned i = 0; i < PCP_READERS; i++) {
        uint8_t payload[PCP_SIZE_TAG];
        pcp_reader_t *reader = &ctl->line.readers[i];
        (void)pcp_tag_pack(&reader->tag, payload);
        if (reader->fresh && pcp_line_send(ctl, PCP_ID_TAG, payload, PCP_RANK_TELEMETRY)) {
            reader->fresh = false;
        }
    }
}

static size_t length_of(const char *text)
{
    size_t n = 0;
    while (text[n] != '\0') {
        n++;
    }
    return n;
}

/* Bytes that fit one message; a character of UTF-8 is not cut: its later bytes begin with the bits 10. */
static size_t fitting(const char *text, size_t n)
{
    if (n <= TEXT_BYTES) {
        return n;
    }
    n = TEXT_BYTES;
    while (n > 0 && ((uint8_t)text[n] & 0xC0u) == 0x80u) {
        n--;
    }
    return n;
}

void pcp_controller_text(pcp_controller_t *ctl, pcp_severity_t severity, const char *text)
{
    uint8_t payload[PCP_SIZE_TEXT];
    pcp_text_t line = {.stamp_us = ctl->now_us, .severity = (uint8_t)severity};
    if (!ctl->ready) {
        return;
    }
    line.size = (uint8_t)fitting(text, length_of(text));
    for (unsigned i = 0; i < line.size; i++) {
        line.text[i] = (uint8_t)text[i];
    }
    (void)pcp_text_pack(&line, payload);
    (void)pcp_line_send(ctl, PCP_ID_TEXT, payload, PCP_RANK_TELEMETRY);
}

/* In the order of the bits of pcp_capability_t; empty: not something that is fitted. */
static const char FITTED[][12] = {"IMU",  "ranges", "lidar",   "bumpers", "cliffs",  "steering", "charger", "storage",
                                  "",     "key",    "line",    "climate", "inputs",  "outputs",  "servos",  "tags"};

/* A text that grows. What does not fit begins the next line. */
typedef struct {
    char text[TEXT_BYTES + 1];
    uint8_t used;
} sentence_t;

static void add(pcp_controller_t *ctl, sentence_t *sentence, const char *word)
{
    const size_t n = length_of(word);
    if (sentence->used + 1u + n > TEXT_BYTES) {
        pcp_controller_text(ctl, PCP_SEVERITY_INFO, sentence->text);
        *sentence = (sentence_t){.text = "fitted:", .used = 7};
    }
    sentence->text[sentence->used++] = ' ';
    for (size_t i = 0; i < n; i++) {
        sentence->text[sentence->used++] = word[i];
    }
    sentence->text[sentence->used] = '\0';
}

void pcp_readings_introduce(pcp_controller_t *ctl)
{
    sentence_t sentence = {.text = "firmware", .used = 8};
    const uint32_t capabilities = pcp_capabilities(ctl);
    add(ctl, &sentence, PCP_FIRMWARE_TEXT);
    pcp_controller_text(ctl, PCP_SEVERITY_INFO, sentence.text);
    sentence = (sentence_t){.text = "fitted:", .used = 7};
    for (unsigned i = 0; i < sizeof FITTED / sizeof FITTED[0]; i++) {
        if ((capabilities >> i & 1u) != 0 && FITTED[i][0] != '\0') {
            add(ctl, &sentence, FITTED[i]);
        }
    }
    pcp_controller_text(ctl, PCP_SEVERITY_INFO, sentence.text);
    if ((capabilities & PCP_CAPABILITY_LIDAR) != 0 && !pcp_stream_is_on(ctl, PCP_SCAN_STREAM)) {
        pcp_controller_text(ctl, PCP_SEVERITY_CAUTION, "the line is too slow for the lidar: it is off");
    }
}
