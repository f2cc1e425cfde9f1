/* The log of records in flash. What a record is, and what it promises: pcp_storage.h.
 *
 * Nothing but the words themselves says how far the log has come, so no cut of the power can make the two
 * disagree: a record is found by its magic word wherever it begins, and free is what follows the last word
 * that is not blank. A torn record is stepped over. */
#include "pcp_frame.h"
#include "pcp_storage.h"

enum { MAGIC_AT = 0, NUMBER_AT, TABLE_AT, COUNT_AT, VALUES_AT };

static uint32_t crc_of_word(uint32_t crc, uint32_t word)
{
    uint8_t bytes[4];
    pcp_put32(bytes, word);
    return pcp_crc32(bytes, sizeof bytes, crc);
}

static bool is_whole(const volatile uint32_t *words, uint32_t room)
{
    if (room < PCP_STORAGE_EXTRA_WORDS || words[MAGIC_AT] != PCP_STORAGE_MAGIC) {
        return false;
    }
    const uint32_t count = words[COUNT_AT];
    if (count > PCP_STORAGE_MOST_VALUES || count + PCP_STORAGE_EXTRA_WORDS > room) {
        return false;
    }
    uint32_t crc = 0;
    for (uint32_t i = 0; i < VALUES_AT + count; i++) {
        crc = crc_of_word(crc, words[i]);
    }
    return words[VALUES_AT + count] == crc;
}

/* The first word behind everything that was ever written to an area. */
static uint32_t end_of(const pcp_flash_t *flash, unsigned area)
{
    uint32_t end = flash->area_words;
    while (end > 0 && flash->area[area][end - 1] == PCP_STORAGE_BLANK) {
        end--;
    }
    return end;
}

static void look_through(pcp_storage_t *storage, unsigned area)
{
    const pcp_flash_t *flash = storage->flash;
    const uint32_t end = end_of(flash, area);
    storage->any_words = storage->any_words || end > 0;
    for (uint32_t at = 0; at < end; at++) {
        const volatile uint32_t *words = flash->area[area] + at;
        if (is_whole(words, flash->area_words - at) && words[NUMBER_AT] > storage->number) {
            storage->number = words[NUMBER_AT];
            storage->record = at;
            storage->area = (uint8_t)area;
        }
    }
}

/* Behind the newest record and all that was begun after it; the record itself may end in blank words. */
static uint32_t first_free(const pcp_storage_t *storage)
{
    const uint32_t end = end_of(storage->flash, storage->area);
    const volatile uint32_t *record = storage->flash->area[storage->area] + storage->record;
    const uint32_t record_end = storage->record + (storage->number == 0 ? 0 : record[COUNT_AT] + PCP_STORAGE_EXTRA_WORDS);
    return end > record_end ? end : record_end;
}

void pcp_storage_open(pcp_storage_t *storage, const pcp_flash_t *flash)
{
    *storage = (pcp_storage_t){.flash = flash};
    for (unsigned area = 0; area < PCP_STORAGE_AREAS; area++) {
        look_through(storage, area);
    }
    const unsigned spare = 1u - storage->area;
    storage->next = first_free(storage);
    storage->spare_blank = end_of(flash, spare) == 0;
    if (!storage->spare_blank && flash->erase(flash->port, spare)) {
        storage->spare_blank = end_of(flash, spare) == 0;
    }
}

pcp_stored_t pcp_storage_load(const pcp_storage_t *storage, uint32_t table, uint32_t *values, uint32_t count)
{
    const volatile uint32_t *record = storage->flash->area[storage->area] + storage->record;
    if (storage->number == 0) {
        return storage->any_words ? PCP_STORED_DAMAGED : PCP_STORED_NOTHING;
    }
    if (record[TABLE_AT] != table || record[COUNT_AT] != count) {
        return PCP_STORED_OTHER;
    }
    for (uint32_t i = 0; i < count; i++) {
        values[i] = record[VALUES_AT + i];
    }
    return PCP_STORED;
}

static bool says_the_same(const pcp_storage_t *storage, uint32_t table, const uint32_t *values, uint32_t count)
{
    const volatile uint32_t *record = storage->flash->area[storage->area] + storage->record;
    bool same = storage->number != 0 && record[TABLE_AT] == table && record[COUNT_AT] == count;
    for (uint32_t i = 0; same && i < count; i++) {
        same = record[VALUES_AT + i] == values[i];
    }
    return same;
}

/* Where a record of so many words can go: behind the last one, else at the start of the other area. */
static bool make_room(pcp_storage_t *storage, uint32_t words, unsigned *area, uint32_t *at)
{
    *area = storage->area;
    *at = storage->next;
    if (words <= storage->flash->area_words - storage->next) {
        return true;
    }
    *area = 1u - storage->area;
    *at = 0;
    return storage->spare_blank && words <= storage->flash->area_words;
}

/* The words from `at` on are used up now, whatever becomes of them. */
static void use_up(pcp_storage_t *storage, unsigned area, uint32_t end)
{
    if (area != storage->area) {
        storage->spare_blank = false;
    } else {
        storage->next = end;
    }
}

/* A blank value needs no programming, and reads back as what it should be. */
static bool put(const pcp_flash_t *flash, unsigned area, uint32_t at, uint32_t value)
{
    const bool programmed = value == PCP_STORAGE_BLANK || flash->program(flash->port, area, at, value);
    return programmed && flash->area[area][at] == value;
}

static bool write_record(const pcp_flash_t *flash, unsigned area, uint32_t at, const uint32_t head[VALUES_AT],
                         const uint32_t *values, uint32_t count)
{
    uint32_t crc = 0;
    bool kept = true;
    for (uint32_t i = 0; kept && i < VALUES_AT + count; i++) {
        const uint32_t word = i < VALUES_AT ? head[i] : values[i - VALUES_AT];
        crc = crc_of_word(crc, word);
        kept = put(flash, area, at + i, word);
    }
    return kept && put(flash, area, at + VALUES_AT + count, crc);
}

bool pcp_storage_save(pcp_storage_t *storage, uint32_t table, const uint32_t *values, uint32_t count)
{
    const uint32_t words = count + PCP_STORAGE_EXTRA_WORDS;
    const uint32_t head[VALUES_AT] = {PCP_STORAGE_MAGIC, storage->number + 1u, table, count};
    unsigned area;
    uint32_t at;
    if (says_the_same(storage, table, values, count)) {
        return true;
    }
    if (count > PCP_STORAGE_MOST_VALUES || !make_room(storage, words, &area, &at)) {
        return false;
    }
    use_up(storage, area, at + words);
    if (!write_record(storage->flash, area, at, head, values, count)) {
        return false;
    }
    storage->number++;
    storage->area = (uint8_t)area;
    storage->record = at;
    storage->next = at + words;
    return true;
}
