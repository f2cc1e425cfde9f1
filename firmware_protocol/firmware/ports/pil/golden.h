/* The same closed loop on every processor, as one number. */
#ifndef PCP_GOLDEN_H
#define PCP_GOLDEN_H

#include "pcp_controller.h"

/* The memory of one run; all of it is private. */
typedef struct {
    pcp_controller_t car;
    pcp_decoder_t host;
    uint8_t heard[PCP_MAX_BLOCK]; /* its room */
    pcp_status_t status; /* the newest the host has seen */
    uint32_t chance;
    uint32_t hash;
    uint32_t loop_count;
    uint16_t drive_count;
    uint8_t transaction, seq;
    uint8_t bumper_left, low_left; /* steps */
    uint32_t causes;               /* bit set by pcp_cause_t: seen so far */
    float speed_mps[PCP_WHEELS];
    float way_ticks[PCP_WHEELS];
    pcp_inputs_t in;
} pcp_golden_t;

/* Run `steps` control periods of a driven, damaged and interrupted drive, a quarter with each chassis, and return
 * the CRC-32 of all duties and steering angles and of all bytes that the controller sent. */
uint32_t pcp_golden(pcp_golden_t *run, uint32_t steps);

/* What the run has seen, as a bit set by pcp_cause_t: whether it visited everything. */
uint32_t pcp_golden_causes(const pcp_golden_t *run);

/* Bytes of memory that a run needs. */
uint32_t pcp_golden_size(void);

#endif
