/* Builtin functions about what can be reached and for which cost. What each kernel does is told in kernels.h. */
#include "calls.h"

/* The sides of a grid, and how many values it has; a refusal when it is not a grid. */
typedef struct {
    int32_t rows, columns;
    Py_ssize_t cells;
} sides_t;

static sides_t sides_of(PyObject *self, const Py_buffer *grid)
{
    if (grid->ndim != 2) {
        (void)PyErr_Format(self, "a grid has 2 dimensions, not %d", grid->ndim);
        return (sides_t){0, 0, 0};
    }
    return (sides_t){(int32_t)grid->shape[0], (int32_t)grid->shape[1], grid->shape[0] * grid->shape[1]};
}

static bool is_as_long(PyObject *self, const Py_buffer *view, size_t bytes)
{
    if (view->len < 0 || (size_t)view->len < bytes) {
        (void)PyErr_Format(self, "an array of %zd bytes is too short for this grid", view->len);
        return false;
    }
    return true;
}

static bool is_cell(PyObject *self, int64_t cell, Py_ssize_t cells)
{
    if (cell < 0 || cell >= cells) {
        (void)PyErr_Format(self, "the grid has no cell %zd", (Py_ssize_t)cell);
        return false;
    }
    return true;
}

/* march_room(rows, columns): how many bytes cost_to_go works in */
PyObject *pk_py_march_room(PyObject *self, PyObject *const *items, Py_ssize_t n)
{
    if (!pk_has(self, n, 2)) {
        return NULL;
    }
    const int32_t rows = pk_whole(items[0]), columns = pk_whole(items[1]);
    return PyErr_Occurred() == NULL ? PyLong_FromLongLong((long long)pk_march_room(rows, columns)) : NULL;
}

/* cost_to_go(cost, seeds, values, room, to_go, stop, beyond): how many seeds there were */
PyObject *pk_py_cost_to_go(PyObject *self, PyObject *const *items, Py_ssize_t n)
{
    double beyond;
    Py_buffer views[5];
    if (!pk_has(self, n, 7) || !pk_numbers(items + 6, 1, &beyond)) {
        return NULL;
    }
    const int32_t stop = pk_whole(items[5]);
    if (PyErr_Occurred() != NULL || !pk_lend(self, items, "fidUF", views)) {
        return NULL;
    }
    const sides_t sides = sides_of(self, &views[0]);
    const int32_t *seeds = views[1].buf;
    int32_t count = pk_rows(&views[1]) < pk_rows(&views[2]) ? pk_rows(&views[1]) : pk_rows(&views[2]);
    bool is_sound = PyErr_Occurred() == NULL && is_as_long(self, &views[4], (size_t)views[0].len) &&
                    is_as_long(self, &views[3], pk_march_room(sides.rows, sides.columns)) &&
                    (stop < 0 || is_cell(self, stop, sides.cells));
    for (int32_t i = 0; i < count && is_sound; i++) {
        is_sound = is_cell(self, seeds[i], sides.cells);
    }
    if (is_sound) {
        pk_cost_to_go(views[0].buf, sides.rows, sides.columns, seeds, views[2].buf, count, views[3].buf, stop, beyond,
                      views[4].buf);
    }
    pk_return(views, 5);
    return is_sound ? PyLong_FromLongLong(count) : NULL;
}

/* flood(cost, reached, queue, start): how many cells were reached; `reached` must not hold any */
PyObject *pk_py_flood(PyObject *self, PyObject *const *items, Py_ssize_t n)
{
    Py_buffer views[3];
    if (!pk_has(self, n, 4)) {
        return NULL;
    }
    const int32_t start = pk_whole(items[3]);
    if (PyErr_Occurred() != NULL || !pk_lend(self, items, "fBI", views)) {
        return NULL;
    }
    const sides_t sides = sides_of(self, &views[0]);
    int32_t cells = -1;
    if (PyErr_Occurred() == NULL && is_cell(self, start, sides.cells) &&
        is_as_long(self, &views[1], (size_t)sides.cells) && is_as_long(self, &views[2], (size_t)views[0].len)) {
        cells = pk_flood(views[0].buf, sides.rows, sides.columns, start, views[1].buf, views[2].buf);
    }
    pk_return(views, 3);
    return cells >= 0 ? PyLong_FromLongLong(cells) : NULL;
}
