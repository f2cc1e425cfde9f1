#include "pcp_layout.h"

#include <math.h>
#include <string.h>

/* Results of the way to the wire that are no error yet: Python may know better. */
typedef enum { DONE, NOT_OURS } outcome_t;

static size_t size_of(const pcp_column_t *column)
{
    return (size_t)column->width * (column->count > 0 ? column->count : 1u);
}

static bool fits(const pcp_layout_t *layout, const pcp_message_t *message)
{
    size_t size = 0;
    for (size_t i = 0; i < layout->column_count; i++) {
        size += size_of(&layout->columns[i]);
    }
    return layout->id == message->id && layout->size == message->size && layout->seed == message->seed &&
           layout->to_controller == message->to_controller && size == message->size;
}

bool pcp_layouts_fit(const pcp_layout_t *layouts, size_t n)
{
    bool all = n == PCP_MESSAGE_COUNT;
    for (size_t i = 0; all && i < n; i++) {
        all = fits(&layouts[i], &PCP_MESSAGES[i]);
    }
    return all;
}

/* ---------------------------------------------------------------- wire to host */

static int64_t raw_of(const pcp_column_t *column, const uint8_t *p)
{
    if (column->width == 1) {
        return column->is_signed ? (int8_t)p[0] : p[0];
    }
    if (column->width == 2) {
        return column->is_signed ? (int16_t)pcp_get16(p) : pcp_get16(p);
    }
    return column->is_signed ? (int32_t)pcp_get32(p) : (int64_t)pcp_get32(p);
}

static PyObject *number_of(const pcp_column_t *column, const uint8_t *p)
{
    const int64_t raw = raw_of(column, p);
    return column->scale != 0.0 ? PyFloat_FromDouble((double)raw * column->scale) : PyLong_FromLongLong(raw);
}

static PyObject *tuple_of(const pcp_column_t *column, const uint8_t *p)
{
    PyObject *tuple = PyTuple_New(column->count);
    for (size_t i = 0; tuple != NULL && i < column->count; i++) {
        PyObject *item = number_of(column, p + column->width * i);
        if (item == NULL) {
            Py_DecRef(tuple);
            return NULL;
        }
        (void)PyTuple_SetItem(tuple, (Py_ssize_t)i, item);
    }
    return tuple;
}

/* Metres, REP-117. Twin: _RANGE_M in messages.py. */
static float metres_of(uint16_t code)
{
    switch (code) {
    case PCP_RANGE_NOTHING_SEEN:
        return INFINITY;
    case PCP_RANGE_TOO_CLOSE:
        return -INFINITY;
    case PCP_RANGE_BROKEN:
        return NAN;
    default:
        return (float)(code * 0.001);
    }
}

static PyObject *distances_of(const pcp_layout_t *layout, const pcp_column_t *column, const uint8_t *p)
{
    float metres[UINT8_MAX];
    for (size_t i = 0; i < column->count; i++) {
        metres[i] = metres_of(pcp_get16(p + 2 * i));
    }
    PyObject *bytes = PyBytes_FromStringAndSize((const char *)metres, (Py_ssize_t)(column->count * sizeof *metres));
    if (bytes == NULL) {
        return NULL;
    }
    PyObject *distances = PyObject_CallFunctionObjArgs(layout->distances, bytes, NULL);
    Py_DecRef(bytes);
    return distances;
}

static PyObject *value_of(const pcp_layout_t *layout, const pcp_column_t *column, const uint8_t *p)
{
    if (column->is_distances) {
        return distances_of(layout, column, p);
    }
    if (column->is_bytes) {
        return PyBytes_FromStringAndSize((const char *)p, column->count);
    }
    return column->count > 0 ? tuple_of(column, p) : number_of(column, p);
}

PyObject *pcp_named(PyObject *kind, PyObject *values)
{
    const newfunc new_tuple = (newfunc)PyType_GetSlot(&PyTuple_Type, Py_tp_new);
    PyObject *arguments = PyTuple_New(1);
    if (arguments == NULL) {
        Py_DecRef(values);
        return NULL;
    }
    (void)PyTuple_SetItem(arguments, 0, values);
    PyObject *message = new_tuple(kind, arguments, NULL);
    Py_DecRef(arguments);
    return message;
}

PyObject *pcp_message_of(const pcp_layout_t *layout, const uint8_t *payload)
{
    PyObject *values = PyTuple_New(layout->column_count);
    for (size_t i = 0; values != NULL && i < layout->column_count; i++) {
        PyObject *value = value_of(layout, &layout->columns[i], payload);
        if (value == NULL) {
            Py_DecRef(values);
            return NULL;
        }
        (void)PyTuple_SetItem(values, (Py_ssize_t)i, value);
        payload += size_of(&layout->columns[i]);
    }
    return values != NULL ? pcp_named(layout->kind, values) : NULL;
}

/* ---------------------------------------------------------------- host to wire */

static bool is_exactly(PyObject *object, const PyTypeObject *type)
{
    PyObject *found = PyObject_Type(object);
    Py_DecRef(found); /* the object keeps its type alive */
    return (const void *)found == (const void *)type;
}

/* Rounded to the nearest, halves to even, as Python's round(). `value` is well inside an int64_t. */
static int64_t rounded(double value)
{
    const int64_t whole = (int64_t)value;
    const double rest = value - (double)whole; /* exact */
    if (rest > 0.5 || (rest == 0.5 && whole % 2 != 0)) {
        return whole + 1;
    }
    if (rest < -0.5 || (rest == -0.5 && whole % 2 != 0)) {
        return whole - 1;
    }
    return whole;
}

/* The wire integer of a value with a scale: round(value / scale). */
static outcome_t scaled(PyObject *item, const pcp_column_t *column, int64_t *out)
{
    if (!is_exactly(item, &PyFloat_Type) && !is_exactly(item, &PyLong_Type)) {
        return NOT_OURS;
    }
    const double value = PyFloat_AsDouble(item); /* -1 with an exception when it is too long an integer */
    const double steps = value / column->scale;
    if (!(steps > -9e15 && steps < 9e15) || (value == -1.0 && PyErr_Occurred() != NULL)) {
        return NOT_OURS; /* nan too */
    }
    *out = rounded(steps);
    return DONE;
}

/* Write an integer, if it is in the range of the column. */
static outcome_t put_raw(int64_t value, const pcp_column_t *column, uint8_t *p)
{
    const unsigned bits = 8u * column->width;
    const uint64_t offset = column->is_signed ? (uint64_t)1 << (bits - 1) : 0;
    if (column->wraps) {
        value &= ((int64_t)1 << bits) - 1;
    }
    if (((uint64_t)value + offset) >> bits != 0) {
        return NOT_OURS;
    }
    if (bits == 8) {
        p[0] = (uint8_t)value;
    } else if (bits == 16) {
        pcp_put16(p, (uint16_t)value);
    } else {
        pcp_put32(p, (uint32_t)value);
    }
    return DONE;
}

static outcome_t put(PyObject *item, const pcp_column_t *column, uint8_t *p)
{
    int64_t value = 0;
    if (column->scale != 0.0) {
        return scaled(item, column, &value) == DONE ? put_raw(value, column, p) : NOT_OURS;
    }
    value = PyLong_AsLongLong(item); /* -1 with an exception when it is no integer */
    return value != -1 || PyErr_Occurred() == NULL ? put_raw(value, column, p) : NOT_OURS;
}

static outcome_t put_bytes(PyObject *item, const pcp_column_t *column, uint8_t *p)
{
    char *bytes;
    Py_ssize_t n;
    if (PyBytes_AsStringAndSize(item, &bytes, &n) != 0 || n != column->count) {
        return NOT_OURS;
    }
    memcpy(p, bytes, (size_t)n);
    return DONE;
}

static outcome_t put_array(PyObject *items, const pcp_column_t *column, uint8_t *p)
{
    if (!is_exactly(items, &PyTuple_Type) || PyTuple_Size(items) != column->count) {
        return NOT_OURS;
    }
    for (size_t i = 0; i < column->count; i++) {
        if (put(PyTuple_GetItem(items, (Py_ssize_t)i), column, p + column->width * i) != DONE) {
            return NOT_OURS;
        }
    }
    return DONE;
}

static outcome_t put_value(PyObject *item, const pcp_column_t *column, uint8_t *p)
{
    if (column->is_distances) {
        return NOT_OURS;
    }
    if (column->is_bytes) {
        return put_bytes(item, column, p);
    }
    return column->count > 0 ? put_array(item, column, p) : put(item, column, p);
}

/* Every field in C. The caller has checked that `message` is of the layout's kind. */
static outcome_t put_message(const pcp_layout_t *layout, PyObject *message, uint8_t *p)
{
    if (PyTuple_Size(message) != layout->column_count) {
        return NOT_OURS;
    }
    for (size_t i = 0; i < layout->column_count; i++) {
        if (put_value(PyTuple_GetItem(message, (Py_ssize_t)i), &layout->columns[i], p) != DONE) {
            return NOT_OURS;
        }
        p += size_of(&layout->columns[i]);
    }
    return DONE;
}

static bool packed_by_python(const pcp_layout_t *layout, PyObject *message, uint8_t *payload)
{
    char *bytes;
    Py_ssize_t n;
    PyObject *packed = PyObject_CallMethod(message, "pack", NULL);
    if (packed == NULL) {
        return false;
    }
    bool done = PyBytes_AsStringAndSize(packed, &bytes, &n) == 0;
    if (done && n != layout->size) {
        (void)PyErr_Format(PyExc_TypeError, "pack() made %zd bytes, this message has %d", n, (int)layout->size);
        done = false;
    }
    if (done) {
        memcpy(payload, bytes, (size_t)n);
    }
    Py_DecRef(packed);
    return done;
}

bool pcp_payload_of(const pcp_layout_t *layout, PyObject *message, uint8_t *payload)
{
    if (put_message(layout, message, payload) == DONE) {
        return true;
    }
    PyErr_Clear();
    return packed_by_python(layout, message, payload);
}
