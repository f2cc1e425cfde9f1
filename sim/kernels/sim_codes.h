/* How the controller's port writes ranges: millimetres, and codes for what is none. */
#ifndef SIM_CODES_H
#define SIM_CODES_H

#include <stdint.h>

enum { NOTHING_SEEN = 0xFFFF, TOO_CLOSE = 0xFFFE, LONGEST_MM = 0xFFFC };

static inline uint16_t code_of(double seen_m, double min_m) {
    if (seen_m < min_m) return TOO_CLOSE;
    return (uint16_t)(seen_m < 0.001 * LONGEST_MM ? seen_m * 1000.0 + 0.5 : LONGEST_MM);
}

#endif
