/* The host's codec as builtin functions of Python: chunks of bytes to messages, messages to frames.
 *
 * A receiver is the firmware's own (pcp_decoder.c). codec.py calls the constructors through ctypes.PyDLL, with
 * the GIL; what they return is called by Python directly. The GIL guards the state, and `busy` guards it against
 * Python code that runs in the middle of a feed (a finaliser, another thread that was let in). */
#include "pcp_layout.h"

#include <stdlib.h>

void pcp_py_sizes(size_t out[2]);
PyObject *pcp_py_decoder(PyObject *owner, const pcp_layout_t *layouts, size_t n, int to_controller);
PyObject *pcp_py_encoder(PyObject *owner, const pcp_layout_t *layouts, size_t n);

enum {
    COUNTS = 7,
    SLICE = 4096, /* so many bytes cannot wrap a 16 bit counter */
    KINDS = 256   /* places for kinds; some stay free, so every search ends */
};

_Static_assert((int)PCP_MESSAGE_COUNT < (int)KINDS, "every kind has a place and one stays free");

typedef struct {
    PyObject *owner; /* keeps the layouts alive */
    const pcp_layout_t *layouts;
    pcp_decoder_t decoder;
    pcp_frame_counts_t seen; /* the decoder's counters when they were last added to the totals */
    uint64_t totals[COUNTS];
    bool to_controller; /* which messages are delivered; the others are the receiver's own echo */
    bool busy;
    uint8_t room[PCP_MAX_BLOCK];
} receiver_t;

typedef struct {
    PyObject *owner;
    const pcp_layout_t *layouts;
    uint8_t by_kind[KINDS]; /* index of a layout plus one, by the address of its kind; 0 for none */
    uint8_t seq;
} sender_t;

static const char RECEIVER[] = "patrolcar.receiver", SENDER[] = "patrolcar.sender";

/* ---------------------------------------------------------------- receiving */

static void add_counts(receiver_t *receiver)
{
    const pcp_frame_counts_t *now = &receiver->decoder.counts, *seen = &receiver->seen;
    const uint32_t grown[COUNTS] = {
        now->frames - seen->frames,
        (uint16_t)(now->bad_crc - seen->bad_crc),
        (uint16_t)(now->bad_length - seen->bad_length),
        (uint16_t)(now->bad_cobs - seen->bad_cobs),
        (uint16_t)(now->unknown - seen->unknown),
        (uint16_t)(now->lost - seen->lost),
        (uint16_t)(now->rescued - seen->rescued),
    };
    for (size_t i = 0; i < COUNTS; i++) {
        receiver->totals[i] += grown[i];
    }
    receiver->seen = *now;
}

/* Append the frames of a complete block; false with an exception set. */
static bool append_frames(receiver_t *receiver, PyObject *messages)
{
    pcp_frame_t frame;
    while (pcp_decoder_next(&receiver->decoder, receiver->room, &frame)) {
        if (frame.to_controller != receiver->to_controller) {
            continue;
        }
        PyObject *message = pcp_message_of(&receiver->layouts[pcp_message(frame.id) - PCP_MESSAGES], frame.payload);
        const bool appended = message != NULL && PyList_Append(messages, message) == 0;
        if (message != NULL) {
            Py_DecRef(message);
        }
        if (!appended) {
            return false;
        }
    }
    return true;
}

static bool receive(receiver_t *receiver, const uint8_t *bytes, size_t n, PyObject *messages)
{
    bool going = true;
    for (size_t i = 0; i < n && going; i++) {
        if (pcp_decoder_feed(&receiver->decoder, receiver->room, bytes[i])) {
            going = append_frames(receiver, messages);
        }
        if (i % SLICE == SLICE - 1) {
            add_counts(receiver);
        }
    }
    add_counts(receiver);
    return going;
}

static receiver_t *free_receiver(PyObject *self)
{
    receiver_t *receiver = PyCapsule_GetPointer(self, RECEIVER);
    if (receiver != NULL && receiver->busy) {
        (void)PyErr_Format(PyExc_RuntimeError, "this decoder is being fed at this moment: give each thread its own");
        return NULL;
    }
    return receiver;
}

static PyObject *feed(PyObject *self, PyObject *data)
{
    char *bytes;
    Py_ssize_t n;
    receiver_t *receiver = free_receiver(self);
    if (receiver == NULL || PyBytes_AsStringAndSize(data, &bytes, &n) != 0) {
        return NULL;
    }
    receiver->busy = true;
    PyObject *messages = PyList_New(0);
    if (messages != NULL && !receive(receiver, (const uint8_t *)bytes, (size_t)n, messages)) {
        pcp_decoder_drop(&receiver->decoder); /* the rest of the data is lost: what follows begins anew */
        Py_DecRef(messages);
        messages = NULL;
    }
    receiver->busy = false;
    return messages;
}

static PyObject *drop_partial(PyObject *self, PyObject *unused)
{
    (void)unused;
    receiver_t *receiver = free_receiver(self);
    if (receiver == NULL) {
        return NULL;
    }
    pcp_decoder_drop(&receiver->decoder);
    return Py_BuildValue(""); /* None */
}

static PyObject *counts(PyObject *self, PyObject *unused)
{
    (void)unused;
    const receiver_t *receiver = PyCapsule_GetPointer(self, RECEIVER);
    PyObject *tuple = receiver != NULL ? PyTuple_New(COUNTS) : NULL;
    for (size_t i = 0; tuple != NULL && i < COUNTS; i++) {
        PyObject *count = PyLong_FromUnsignedLongLong(receiver->totals[i]);
        if (count == NULL) {
            Py_DecRef(tuple);
            return NULL;
        }
        (void)PyTuple_SetItem(tuple, (Py_ssize_t)i, count);
    }
    return tuple;
}

/* ---------------------------------------------------------------- sending */

/* Where a kind is, or where it would be put: the first place that is its own or free, from its address on. */
static uint8_t place_of(const sender_t *sender, const PyObject *kind)
{
    uint8_t place = (uint8_t)((uintptr_t)kind >> 4 ^ (uintptr_t)kind >> 12); /* objects lie 16 bytes apart */
    while (sender->by_kind[place] != 0 && sender->layouts[sender->by_kind[place] - 1].kind != kind) {
        place++;
    }
    return place;
}

static const pcp_layout_t *layout_of(const sender_t *sender, PyObject *message)
{
    PyObject *kind = PyObject_Type(message);
    const uint8_t found = sender->by_kind[place_of(sender, kind)];
    if (found == 0) {
        (void)PyErr_Format(PyExc_TypeError, "a message of the catalogue is needed, not %R", kind);
    }
    Py_DecRef(kind);
    return found != 0 ? &sender->layouts[found - 1] : NULL;
}

static PyObject *encode(PyObject *self, PyObject *message)
{
    uint8_t frame[PCP_MAX_FRAME];
    uint8_t *payload = frame + 3;
    sender_t *sender = PyCapsule_GetPointer(self, SENDER);
    const pcp_layout_t *layout = sender != NULL ? layout_of(sender, message) : NULL;
    if (layout == NULL || !pcp_payload_of(layout, message, payload)) {
        return NULL;
    }
    const size_t n = pcp_frame_encode(layout->id, sender->seq, payload, layout->size, layout->seed, frame);
    PyObject *bytes = PyBytes_FromStringAndSize((const char *)frame, (Py_ssize_t)n);
    if (bytes != NULL) {
        sender->seq++;
    }
    return bytes;
}

/* ---------------------------------------------------------------- making them */

static void free_receiver_memory(PyObject *capsule)
{
    receiver_t *receiver = PyCapsule_GetPointer(capsule, RECEIVER);
    Py_DecRef(receiver->owner);
    free(receiver);
}

static void free_sender_memory(PyObject *capsule)
{
    sender_t *sender = PyCapsule_GetPointer(capsule, SENDER);
    Py_DecRef(sender->owner);
    free(sender);
}

static bool is_fitting(const pcp_layout_t *layouts, size_t n)
{
    const bool fitting = pcp_layouts_fit(layouts, n);
    if (!fitting) {
        (void)PyErr_Format(PyExc_ImportError, "the compiled part of patrolcar was built from another protocol.yaml; "
                                              "build it with: python -m firmware_protocol.build_native");
    }
    return fitting;
}

/* Sizes of pcp_layout_t and pcp_column_t, so that codec.py can check its own before it hands them over. */
void pcp_py_sizes(size_t out[2])
{
    out[0] = sizeof(pcp_layout_t);
    out[1] = sizeof(pcp_column_t);
}

/* The functions feed, counts and drop_partial of a new receiver. `owner` is what `layouts` lies in. */
PyObject *pcp_py_decoder(PyObject *owner, const pcp_layout_t *layouts, size_t n, int to_controller)
{
    static PyMethodDef functions[] = {
        {"feed", feed, METH_O, "Return the messages that these bytes complete."},
        {"counts", counts, METH_NOARGS, "Return frames, the four rejects, lost, rescued."},
        {"drop_partial", drop_partial, METH_NOARGS, "Forget a frame that began on a connection that is gone."},
    };
    enum { FUNCTIONS = sizeof functions / sizeof functions[0] };
    if (!is_fitting(layouts, n)) {
        return NULL;
    }
    receiver_t *receiver = calloc(1, sizeof *receiver);
    if (receiver == NULL) {
        return PyErr_NoMemory();
    }
    receiver->owner = owner;
    receiver->layouts = layouts;
    receiver->to_controller = to_controller != 0;
    pcp_decoder_init(&receiver->decoder, PCP_MAX_BLOCK);
    PyObject *capsule = PyCapsule_New(receiver, RECEIVER, free_receiver_memory);
    if (capsule == NULL) {
        free(receiver);
        return NULL;
    }
    Py_IncRef(owner);
    PyObject *tuple = PyTuple_New(FUNCTIONS);
    for (size_t i = 0; tuple != NULL && i < FUNCTIONS; i++) {
        PyObject *function = PyCFunction_NewEx(&functions[i], capsule, NULL);
        if (function == NULL) {
            Py_DecRef(tuple);
            tuple = NULL;
        } else {
            (void)PyTuple_SetItem(tuple, (Py_ssize_t)i, function);
        }
    }
    Py_DecRef(capsule);
    return tuple;
}

/* The function encode of a new sender. */
PyObject *pcp_py_encoder(PyObject *owner, const pcp_layout_t *layouts, size_t n)
{
    static PyMethodDef function = {"encode", encode, METH_O, "Return a message as the next frame."};
    if (!is_fitting(layouts, n)) {
        return NULL;
    }
    sender_t *sender = calloc(1, sizeof *sender);
    if (sender == NULL) {
        return PyErr_NoMemory();
    }
    sender->owner = owner;
    sender->layouts = layouts;
    for (uint8_t i = 0; i < n; i++) {
        sender->by_kind[place_of(sender, layouts[i].kind)] = (uint8_t)(i + 1);
    }
    PyObject *capsule = PyCapsule_New(sender, SENDER, free_sender_memory);
    if (capsule == NULL) {
        free(sender);
        return NULL;
    }
    Py_IncRef(owner);
    PyObject *encoding = PyCFunction_NewEx(&function, capsule, NULL);
    Py_DecRef(capsule);
    return encoding;
}
