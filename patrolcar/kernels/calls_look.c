/* Builtin functions about what was seen. What each kernel does is told in kernels.h. */
#include "calls.h"

/* carry_hits(points, out, x_m, y_m, yaw_rad) */
PyObject *pk_py_carry_hits(PyObject *self, PyObject *const *items, Py_ssize_t n)
{
    double v[3];
    Py_buffer views[2];
    if (!pk_has(self, n, 5) || !pk_numbers(items + 2, 3, v) || !pk_lend(self, items, "dD", views)) {
        return NULL;
    }
    const int32_t rows = pk_rows(&views[0]) < pk_rows(&views[1]) ? pk_rows(&views[0]) : pk_rows(&views[1]);
    const int32_t hits = pk_carry_hits(views[0].buf, rows, v[0], v[1], v[2], views[1].buf);
    pk_return(views, 2);
    return PyLong_FromLongLong(hits);
}

/* seen_hits(points, out, x_m, y_m, yaw_rad, within_m) */
PyObject *pk_py_seen_hits(PyObject *self, PyObject *const *items, Py_ssize_t n)
{
    double v[4];
    Py_buffer views[2];
    if (!pk_has(self, n, 6) || !pk_numbers(items + 2, 4, v) || !pk_lend(self, items, "dD", views)) {
        return NULL;
    }
    const int32_t rows = pk_rows(&views[0]) < pk_rows(&views[1]) ? pk_rows(&views[0]) : pk_rows(&views[1]);
    const int32_t hits = pk_seen_hits(views[0].buf, rows, v[0], v[1], v[2], v[3], views[1].buf);
    pk_return(views, 2);
    return PyLong_FromLongLong(hits);
}

/* judge_sectors(ranges, covered, first, beams_per_turn, fewest, share): how many beams saw something, and how many
 * sectors are covered */
PyObject *pk_py_judge_sectors(PyObject *self, PyObject *const *items, Py_ssize_t n)
{
    double share;
    Py_buffer views[2];
    if (!pk_has(self, n, 6) || !pk_numbers(items + 5, 1, &share)) {
        return NULL;
    }
    const int32_t first = pk_whole(items[2]), beams_per_turn = pk_whole(items[3]), fewest = pk_whole(items[4]);
    if (PyErr_Occurred() != NULL || !pk_lend(self, items, "fB", views)) {
        return NULL;
    }
    int32_t covered = 0;
    const int32_t seen = pk_judge_sectors(views[0].buf, pk_rows(&views[0]), first, beams_per_turn, fewest, share,
                                          views[1].buf, pk_rows(&views[1]), &covered);
    pk_return(views, 2);
    return Py_BuildValue("(ii)", (int)seen, (int)covered);
}

/* judge_repeats(distances, memory, fresh, x_m, y_m, yaw_rad, moved_m, turned_rad): the bits of those that do */
PyObject *pk_py_judge_repeats(PyObject *self, PyObject *const *items, Py_ssize_t n)
{
    enum { MOST = 32 }; /* bits */
    double v[5];
    Py_buffer views[2];
    if (!pk_has(self, n, 8) || !pk_numbers(items + 3, 5, v)) {
        return NULL;
    }
    const uint32_t fresh = (uint32_t)pk_whole(items[2]);
    if (PyErr_Occurred() != NULL || !pk_lend(self, items, "fD", views)) {
        return NULL;
    }
    int32_t count = pk_rows(&views[0]) < pk_rows(&views[1]) ? pk_rows(&views[0]) : pk_rows(&views[1]);
    count = count < MOST ? count : MOST;
    const uint32_t repeating = pk_judge_repeats(views[0].buf, count, fresh, v, v[3], v[4], views[1].buf);
    pk_return(views, 2);
    return PyLong_FromLongLong(repeating);
}

/* thin(points, out): as many of the points as `out` has room for, evenly from the first to the last */
PyObject *pk_py_thin(PyObject *self, PyObject *const *items, Py_ssize_t n)
{
    Py_buffer views[2];
    if (!pk_has(self, n, 2) || !pk_lend(self, items, "dD", views)) {
        return NULL;
    }
    pk_thin(views[0].buf, pk_rows(&views[0]), views[1].buf, pk_rows(&views[1]));
    pk_return(views, 2);
    return PyBool_FromLong(1);
}

/* nearest(points, first, end, x_m, y_m): the row from `first` to before `end` that is nearest, and how far it is */
PyObject *pk_py_nearest(PyObject *self, PyObject *const *items, Py_ssize_t n)
{
    double v[2], away_m;
    Py_buffer points;
    if (!pk_has(self, n, 5) || !pk_numbers(items + 3, 2, v)) {
        return NULL;
    }
    const int32_t first = pk_whole(items[1]);
    int32_t end = pk_whole(items[2]);
    if (PyErr_Occurred() != NULL || !pk_lend(self, items, "d", &points)) {
        return NULL;
    }
    end = end < pk_rows(&points) ? end : pk_rows(&points);
    const int32_t row = pk_nearest(points.buf, first, end, v[0], v[1], &away_m);
    pk_return(&points, 1);
    return Py_BuildValue("(id)", (int)row, away_m);
}

/* any_near(seen, way, count, first, end, step, x_m, y_m, near_m): whether one of the first `count` rows of `seen`
 * (x, y, when) is near a place or one of the rows first, first + step ... before `end` of `way` */
PyObject *pk_py_any_near(PyObject *self, PyObject *const *items, Py_ssize_t n)
{
    double v[3];
    Py_buffer views[2];
    if (!pk_has(self, n, 9) || !pk_numbers(items + 6, 3, v)) {
        return NULL;
    }
    int32_t count = pk_whole(items[2]), end = pk_whole(items[4]);
    const int32_t first = pk_whole(items[3]), step = pk_whole(items[5]);
    if (PyErr_Occurred() != NULL || !pk_lend(self, items, "dd", views)) {
        return NULL;
    }
    count = count < pk_rows(&views[0]) ? count : pk_rows(&views[0]);
    end = end < pk_rows(&views[1]) ? end : pk_rows(&views[1]);
    const double here[2] = {v[0], v[1]};
    const int near = pk_any_near(views[0].buf, count, here, 0, 1, 1, v[2]) ||
                     pk_any_near(views[0].buf, count, views[1].buf, first, end, step, v[2]);
    pk_return(views, 2);
    return PyBool_FromLong(near);
}
