/* Arguments of the builtin functions in calls.c, from Python's objects to numbers and memory. */
#include "calls.h"

#include <string.h>

bool pk_has(PyObject *self, Py_ssize_t n, Py_ssize_t wanted)
{
    if (n != wanted) {
        (void)PyErr_Format(self, "a kernel takes %zd arguments, not %zd", wanted, n);
    }
    return n == wanted;
}

bool pk_numbers(PyObject *const *items, size_t count, double *out)
{
    for (size_t i = 0; i < count; i++) {
        out[i] = PyFloat_AsDouble(items[i]);
        if (out[i] == -1.0 && PyErr_Occurred() != NULL) {
            return false;
        }
    }
    return true;
}

int32_t pk_whole(PyObject *item)
{
    return (int32_t)PyLong_AsLongLong(item);
}

const void *pk_at(PyObject *item)
{
    return (const void *)(intptr_t)PyLong_AsLongLong(item);
}

/* An array that a kernel takes: letter of pk_lend, of the buffer protocol, and what Python calls it. */
typedef struct {
    char letter;
    const char *format, *name;
    bool is_written;
} kind_t;

static const kind_t KINDS[] = {
    {'d', "d", "float64", false}, {'D', "d", "float64", true}, {'f', "f", "float32", false},
    {'F', "f", "float32", true},  {'b', "?", "bool", false},    {'B', "?", "bool", true},
    {'U', "B", "uint8", true},    {'S', "h", "int16", true},
    {'i', "i", "int32", false},   {'I', "i", "int32", true},
};

static const kind_t *kind_of(char letter)
{
    const kind_t *kind = KINDS;
    while (kind->letter != letter) {
        kind++;
    }
    return kind;
}

static bool lend(PyObject *self, PyObject *array, const kind_t *kind, Py_buffer *view)
{
    const int flags = PyBUF_C_CONTIGUOUS | PyBUF_FORMAT | (kind->is_written ? PyBUF_WRITABLE : 0);
    if (PyObject_GetBuffer(array, view, flags) == 0) {
        if (view->ndim > 0 && strcmp(view->format, kind->format) == 0) {
            return true;
        }
        PyBuffer_Release(view);
    }
    PyErr_Clear();
    (void)PyErr_Format(self, "a kernel needs a C-ordered array of %s, without strides%s", kind->name,
                       kind->is_written ? ", to write in" : "");
    return false;
}

bool pk_lend(PyObject *self, PyObject *const *items, const char *kinds, Py_buffer *views)
{
    for (size_t i = 0; kinds[i] != '\0'; i++) {
        if (!lend(self, items[i], kind_of(kinds[i]), &views[i])) {
            pk_return(views, i);
            return false;
        }
    }
    return true;
}

void pk_return(Py_buffer *views, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        PyBuffer_Release(&views[i]);
    }
}

int32_t pk_rows(const Py_buffer *view)
{
    return (int32_t)view->shape[0];
}
