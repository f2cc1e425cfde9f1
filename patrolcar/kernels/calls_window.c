/* Builtin functions about the windows that move with the car. What each kernel does is told in kernels.h. */
#include "calls.h"

#include <string.h>

/* window_clearance(fixed, window, resolution_m, x_m, y_m): how many rows the window has; it is a square */
PyObject *pk_py_window_clearance(PyObject *self, PyObject *const *items, Py_ssize_t n)
{
    double v[3];
    Py_buffer window;
    if (!pk_has(self, n, 5) || !pk_numbers(items + 2, 3, v)) {
        return NULL;
    }
    const pk_grid_t *fixed = pk_at(items[0]);
    if (PyErr_Occurred() != NULL || !pk_lend(self, items + 1, "F", &window)) {
        return NULL;
    }
    const int32_t side = pk_rows(&window);
    const bool is_square = window.ndim == 2 && window.shape[1] == side;
    if (is_square) {
        pk_window_clearance(fixed, window.buf, side, side, v[0], v[1], v[2]);
    } else {
        (void)PyErr_Format(self, "a window is a square of cells");
    }
    pk_return(&window, 1);
    return is_square ? PyLong_FromLongLong(side) : NULL;
}

/* clearance_cost(clearance, cost, solid_m, need_m, prefer_m, weight, tight): how many cells have a price now */
PyObject *pk_py_clearance_cost(PyObject *self, PyObject *const *items, Py_ssize_t n)
{
    double v[5];
    Py_buffer views[2];
    if (!pk_has(self, n, 7) || !pk_numbers(items + 2, 5, v) || !pk_lend(self, items, "fF", views)) {
        return NULL;
    }
    const Py_ssize_t bytes = views[0].len < views[1].len ? views[0].len : views[1].len;
    const int32_t cells = (int32_t)(bytes / (Py_ssize_t)sizeof(float));
    pk_clearance_cost(views[0].buf, cells, v[0], v[1], v[2], v[3], v[4], views[1].buf);
    pk_return(views, 2);
    return PyLong_FromLongLong(cells);
}

/* Mark the cells of a window that hold a point of an array of shape (N, 2 or more); -1 with an exception set. */
static int32_t marked(PyObject *self, PyObject *const *array, uint8_t *blocked, int32_t side, const double *v)
{
    Py_buffer points;
    if (!pk_lend(self, array, "d", &points)) {
        return -1;
    }
    const int32_t rows = pk_rows(&points), stride = points.ndim == 2 ? (int32_t)points.shape[1] : 0;
    int32_t inside = -1;
    if (stride < 2) {
        (void)PyErr_Format(self, "a kernel needs points of shape (N, 2 or more)");
    } else {
        inside = pk_window_mark(points.buf, rows, stride, blocked, side, side, v[0], v[1], v[2]);
    }
    pk_return(&points, 1);
    return inside;
}

/* Whether arrays hold a square of so many rows, and `scratch` what pk_window_merge needs besides. */
static bool has_room(PyObject *self, int32_t side, const Py_buffer *views)
{
    const Py_ssize_t cells = (Py_ssize_t)side * side;
    const Py_ssize_t needed[4] = {cells, cells, cells, cells + 4 * (Py_ssize_t)side + PK_WINDOW_SPARE};
    for (size_t i = 0; i < 4; i++) {
        if (views[i].len < needed[i] * views[i].itemsize) {
            (void)PyErr_Format(self, "an array of a window of %d rows is too short", (int)side);
            return false;
        }
    }
    return true;
}

/* window_fill(window, fixed, blocked, scratch, resolution_m, x_m, y_m, points...): how many of the points lie inside.
 * The first three hold a square of cells. */
PyObject *pk_py_window_fill(PyObject *self, PyObject *const *items, Py_ssize_t n)
{
    double v[3];
    Py_buffer views[4];
    if ((n < 7 && !pk_has(self, n, 7)) || !pk_numbers(items + 4, 3, v) || !pk_lend(self, items, "FfUS", views)) {
        return NULL;
    }
    const int32_t side = pk_rows(&views[0]);
    int32_t inside = has_room(self, side, views) ? 0 : -1;
    memset(views[2].buf, 0, (size_t)views[2].len);
    for (Py_ssize_t i = 7; i < n && inside >= 0; i++) {
        const int32_t more = marked(self, items + i, views[2].buf, side, v);
        inside = more < 0 ? -1 : inside + more;
    }
    if (inside > 0) {
        pk_window_merge(views[2].buf, views[1].buf, views[0].buf, side, side, v[0], views[3].buf);
    } else if (inside == 0) {
        memcpy(views[0].buf, views[1].buf, (size_t)side * (size_t)side * sizeof(float));
    }
    pk_return(views, 4);
    return inside >= 0 ? PyLong_FromLongLong(inside) : NULL;
}

/* remember(memory, fresh, profile, count, fixed, apart_m, x_m and y_m of the sensor, now_s, keep_s, hidden_s): how
 * many points are remembered now */
PyObject *pk_py_remember(PyObject *self, PyObject *const *items, Py_ssize_t n)
{
    double v[6];
    Py_buffer views[3];
    if (!pk_has(self, n, 11) || !pk_numbers(items + 5, 6, v)) {
        return NULL;
    }
    const int32_t count = pk_whole(items[3]);
    const pk_grid_t *fixed = pk_at(items[4]);
    if (PyErr_Occurred() != NULL || !pk_lend(self, items, "DdF", views)) {
        return NULL;
    }
    int32_t kept = -1;
    if (pk_rows(&views[2]) < PK_PROFILE) {
        (void)PyErr_Format(self, "a profile has %d bins", (int)PK_PROFILE);
    } else {
        kept = pk_remember(views[0].buf, count, pk_rows(&views[0]), views[1].buf, pk_rows(&views[1]), fixed, v[0],
                           v[1], v[2], v[3], v[4], v[5], views[2].buf);
    }
    pk_return(views, 3);
    return kept >= 0 ? PyLong_FromLongLong(kept) : NULL;
}

/* path_reached(reached, path, resolution_m, x_m, y_m, rim, first): how many rows lie inside, the first that is closed
 * and the last that is not */
PyObject *pk_py_path_reached(PyObject *self, PyObject *const *items, Py_ssize_t n)
{
    double v[3];
    Py_buffer views[2];
    if (!pk_has(self, n, 7) || !pk_numbers(items + 2, 3, v)) {
        return NULL;
    }
    const int32_t rim = pk_whole(items[5]), first = pk_whole(items[6]);
    if (PyErr_Occurred() != NULL || !pk_lend(self, items, "bd", views)) {
        return NULL;
    }
    int32_t closed = 0, last = 0;
    const int32_t inside = pk_path_reached(views[0].buf, pk_rows(&views[0]), v[0], v[1], v[2], rim, views[1].buf,
                                           first, pk_rows(&views[1]), &closed, &last);
    pk_return(views, 2);
    return Py_BuildValue("(iii)", (int)inside, (int)closed, (int)last);
}
