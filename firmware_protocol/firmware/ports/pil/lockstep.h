/* The emulator's car, one control period at a time and only when told: time is a count of periods. */
#ifndef PCP_LOCKSTEP_H
#define PCP_LOCKSTEP_H

#include "pcp_controller.h"

/* Boot the controller, with pil/car.c for a car. */
void pcp_lockstep_start(void);

/* One control period with the n bytes that arrived in it; `out` is what the motors are told. */
void pcp_lockstep_step(const uint8_t *received, size_t n, pcp_outputs_t *out);

/* Take at most `capacity` bytes for the host. Returns how many; 0 when there are no more. */
size_t pcp_lockstep_said(uint8_t *bytes, size_t capacity);

#endif
