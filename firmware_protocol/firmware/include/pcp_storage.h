/* Values that survive a power cycle: a log of records in two areas of flash.
 *
 * Saving appends a record and erases nothing, so it never makes the control loop wait for an erase. The
 * newest whole record wins. A cut of the power between any two words, or within one, leaves the record
 * before or the new one, never a mix. Areas are erased by pcp_storage_open() only, that is at boot.
 *
 * A record, in words of 32 bits: PCP_STORAGE_MAGIC, number (one more than the record before), hash of the
 * parameter table, count of values, the values, and the CRC-32 of all words before it, each taken as four
 * little-endian bytes. */
#ifndef PCP_STORAGE_H
#define PCP_STORAGE_H

#include <stdbool.h>
#include <stdint.h>

#define PCP_STORAGE_MAGIC 0x53524150u /* the letters PARS */
#define PCP_STORAGE_BLANK 0xFFFFFFFFu /* what an erased word reads as */

enum {
    PCP_STORAGE_AREAS = 2,
    PCP_STORAGE_MOST_VALUES = 64,
    PCP_STORAGE_EXTRA_WORDS = 5 /* of a record, besides its values */
};

/* The memory, as a board offers it. It must stay valid as long as the storage is used. An area is one or more
 * whole pages or sectors that nothing else lies in; it must hold at least two records.
 * program() is called for a word that reads blank, never twice for one word; erase() makes a whole area blank.
 * Both return only when it is done; false says that it went wrong. They may take long: program() up to 0.2 ms,
 * erase() as long as it takes, for it is called before the control loop runs. */
typedef struct {
    const volatile uint32_t *area[PCP_STORAGE_AREAS]; /* to read: flash is in the address space */
    uint32_t area_words;
    bool (*program)(void *port, unsigned area, uint32_t word, uint32_t value);
    bool (*erase)(void *port, unsigned area);
    void *port; /* handed back to program() and erase() */
} pcp_flash_t;

/* Where the log stands. The caller owns it; its fields are private. */
typedef struct {
    const pcp_flash_t *flash;
    uint32_t number;   /* of the newest record, 0 for none */
    uint32_t record;   /* word at which it begins */
    uint32_t next;     /* first word that is free for the next one */
    uint8_t area;      /* in which both lie */
    bool spare_blank;  /* the other area can be written */
    bool any_words;    /* something was written before this boot */
} pcp_storage_t;

typedef enum {
    PCP_STORED = 0,
    PCP_STORED_NOTHING = -1, /* nothing was ever saved */
    PCP_STORED_DAMAGED = -2, /* something was, but no record is whole */
    PCP_STORED_OTHER = -3    /* the newest record is of another table */
} pcp_stored_t;

/* Find the newest record, and erase the area that does not hold it unless it is blank. */
void pcp_storage_open(pcp_storage_t *storage, const pcp_flash_t *flash);

/* Copy the values of the newest record, if it has `count` of them and is of this table. */
pcp_stored_t pcp_storage_load(const pcp_storage_t *storage, uint32_t table, uint32_t *values, uint32_t count);

/* Append a record and read it back. Writes nothing when the newest record says the same. False when there is no
 * room until the next boot, or when the memory did not keep what was written: then the record before still holds. */
bool pcp_storage_save(pcp_storage_t *storage, uint32_t table, const uint32_t *values, uint32_t count);

#endif
