/* How the fields of a message lie in its payload, and the way between payloads and Python's messages. */
#ifndef PCP_LAYOUT_H
#define PCP_LAYOUT_H

#include "pcp_frame.h"
#include "pcp_python.h"

/* One field. Twin: Column in codec.py, and Column of messages.py for the meaning. */
typedef struct {
    double scale;  /* of the host's value; 0 for a plain integer */
    uint8_t width; /* 1, 2 or 4 bytes */
    uint8_t count; /* of an array; 0 for a single value */
    bool is_signed;
    bool is_bytes; /* an array of u8 is `bytes` on the host */
    bool is_distances; /* an array of codes in millimetres is metres there */
    bool wraps;    /* too large a value starts again at 0: an angle */
} pcp_column_t;

/* One message. Twin: Layout in codec.py, which owns all of it. */
typedef struct {
    PyObject *kind;      /* its class, a NamedTuple */
    PyObject *distances; /* makes an array of the bytes of floats */
    const pcp_column_t *columns;
    uint32_t seed;
    uint8_t column_count;
    uint8_t id, size;
    bool to_controller;
} pcp_layout_t;

/* Whether the layouts are those of PCP_MESSAGES, in its order, and their columns fill the payloads exactly. */
bool pcp_layouts_fit(const pcp_layout_t *layouts, size_t n);

/* An instance of a NamedTuple, from the tuple of its values, which is used up: tuple.__new__(kind, values), so that
 * each Python fills in whatever else its tuples hold (since 3.14 a hash). NULL with an exception set. */
PyObject *pcp_named(PyObject *kind, PyObject *values);

/* The message in a payload: a new reference, or NULL with an exception set. */
PyObject *pcp_message_of(const pcp_layout_t *layout, const uint8_t *payload);

/* Write the payload of a message. What C does not convert itself (a distances array, a number that is not
 * exactly `int` or `float`, a value that does not fit) goes through the message's own pack(), which also
 * words the error. False with an exception set. */
bool pcp_payload_of(const pcp_layout_t *layout, PyObject *message, uint8_t *payload);

#endif
