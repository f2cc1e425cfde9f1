/* Builtin functions about where a motion leads. What each kernel does is told in kernels.h. */
#include "calls.h"

#include <math.h>

/* arc_clearance(points, vx_mps, wz_radps, front_m, rear_m, half_width_m, horizon_m) */
PyObject *pk_py_arc_clearance(PyObject *self, PyObject *const *items, Py_ssize_t n)
{
    double v[6];
    Py_buffer points;
    if (!pk_has(self, n, 7) || !pk_numbers(items + 1, 6, v) || !pk_lend(self, items, "d", &points)) {
        return NULL;
    }
    const double free_m = pk_arc_clearance(points.buf, pk_rows(&points), v[0], v[1], v[2], v[3], v[4], v[5]);
    pk_return(&points, 1);
    return PyFloat_FromDouble(free_m);
}

/* free_ways(points, mounts, ranges, ages, vx_mps, wz_radps, front_m, rear_m, half_width_m, wider_m, horizon_m, stale_s):
 * the free ways of the rectangle with the one and with the other half width */
PyObject *pk_py_free_ways(PyObject *self, PyObject *const *items, Py_ssize_t n)
{
    double v[8], free_m[2];
    Py_buffer views[4];
    if (!pk_has(self, n, 12) || !pk_numbers(items + 4, 8, v) || !pk_lend(self, items, "dddd", views)) {
        return NULL;
    }
    int32_t sonars = pk_rows(&views[1]);
    for (size_t i = 2; i < 4; i++) {
        sonars = pk_rows(&views[i]) < sonars ? pk_rows(&views[i]) : sonars;
    }
    const pk_seen_t seen = {
        views[0].buf, views[1].buf, views[2].buf, views[3].buf, pk_rows(&views[0]), sonars, v[6], v[7],
    };
    pk_free_ways(&seen, v[0], v[1], v[2], v[3], v + 4, free_m);
    pk_return(views, 4);
    return Py_BuildValue("(dd)", free_m[0], free_m[1]);
}

/* rim_speed(vx_mps, wz_radps, front_m, rear_m, half_width_m) */
PyObject *pk_py_rim_speed(PyObject *self, PyObject *const *items, Py_ssize_t n)
{
    double v[5];
    if (!pk_has(self, n, 5) || !pk_numbers(items, 5, v)) {
        return NULL;
    }
    return PyFloat_FromDouble(pk_rim_speed(v[0], v[1], v[2], v[3], v[4]));
}

/* polygon_depth(polygon, x_m, y_m) */
PyObject *pk_py_polygon_depth(PyObject *self, PyObject *const *items, Py_ssize_t n)
{
    double v[2];
    Py_buffer polygon;
    if (!pk_has(self, n, 3) || !pk_numbers(items + 1, 2, v) || !pk_lend(self, items, "d", &polygon)) {
        return NULL;
    }
    const double depth_m = pk_polygon_depth(polygon.buf, pk_rows(&polygon), v[0], v[1]);
    pk_return(&polygon, 1);
    return PyFloat_FromDouble(depth_m);
}

/* fence_depths(x_m, y_m, count, polygons...): how deep a place lies in the shallowest of the first `count` polygons, and
 * how far outside the nearest of the others; inf without any */
PyObject *pk_py_fence_depths(PyObject *self, PyObject *const *items, Py_ssize_t n)
{
    double v[2], least_m[2] = {(double)INFINITY, (double)INFINITY};
    Py_buffer polygon;
    if (!pk_has(self, n < 3 ? n : 3, 3) || !pk_numbers(items, 2, v)) {
        return NULL;
    }
    const int32_t count = pk_whole(items[2]);
    for (Py_ssize_t i = 3; i < n; i++) {
        if (PyErr_Occurred() != NULL || !pk_lend(self, items + i, "d", &polygon)) {
            return NULL;
        }
        const int side = i - 3 < count ? 0 : 1;
        const double depth_m = pk_polygon_depth(polygon.buf, pk_rows(&polygon), v[0], v[1]);
        const double safe_m = side == 0 ? depth_m : -depth_m;
        least_m[side] = safe_m < least_m[side] ? safe_m : least_m[side];
        pk_return(&polygon, 1);
    }
    return PyErr_Occurred() == NULL ? Py_BuildValue("(dd)", least_m[0], least_m[1]) : NULL;
}

/* sample(grid, x_m, y_m) */
PyObject *pk_py_sample(PyObject *self, PyObject *const *items, Py_ssize_t n)
{
    double v[2];
    if (!pk_has(self, n, 3) || !pk_numbers(items + 1, 2, v)) {
        return NULL;
    }
    const pk_grid_t *grid = pk_at(items[0]);
    return PyErr_Occurred() == NULL ? PyFloat_FromDouble(pk_sample(grid, v[0], v[1])) : NULL;
}

/* descend(to_go, x_m, y_m, length_m, step_m): the length followed, and where it ends */
PyObject *pk_py_descend(PyObject *self, PyObject *const *items, Py_ssize_t n)
{
    double v[4], x_m, y_m;
    if (!pk_has(self, n, 5) || !pk_numbers(items + 1, 4, v)) {
        return NULL;
    }
    const pk_grid_t *to_go = pk_at(items[0]);
    if (PyErr_Occurred() != NULL) {
        return NULL;
    }
    const double followed_m = pk_descend(to_go, v[0], v[1], v[2], v[3], &x_m, &y_m);
    return Py_BuildValue("(ddd)", followed_m, x_m, y_m);
}

/* fan(candidates, shares, offsets, top_mps, curvature, turn_radps) */
PyObject *pk_py_fan(PyObject *self, PyObject *const *items, Py_ssize_t n)
{
    double v[3];
    Py_buffer views[3];
    if (!pk_has(self, n, 6) || !pk_numbers(items + 3, 3, v) || !pk_lend(self, items, "Ddd", views)) {
        return NULL;
    }
    int32_t made = 0;
    if (pk_rows(&views[0]) > pk_rows(&views[1]) * pk_rows(&views[2])) {
        made = pk_fan(v[0], v[1], v[2], views[1].buf, pk_rows(&views[1]), views[2].buf, pk_rows(&views[2]),
                      views[0].buf);
    }
    pk_return(views, 3);
    return PyLong_FromLongLong(made);
}

/* choose(candidates, rules, clearance, to_go, steps, the 7 numbers of a motion in their order): the five numbers
 * of the choice */
PyObject *pk_py_choose(PyObject *self, PyObject *const *items, Py_ssize_t n)
{
    double v[7];
    Py_buffer candidates;
    if (!pk_has(self, n, 12) || !pk_numbers(items + 5, 7, v)) {
        return NULL;
    }
    const pk_rollout_rules_t *rules = pk_at(items[1]);
    const pk_grid_t *clearance = pk_at(items[2]), *to_go = pk_at(items[3]);
    const int32_t steps = pk_whole(items[4]);
    if (PyErr_Occurred() != NULL || !pk_lend(self, items, "d", &candidates)) {
        return NULL;
    }
    pk_rollout_rules_t shortened = *rules;
    shortened.steps = steps < rules->steps ? steps : rules->steps;
    shortened.steps = shortened.steps < PK_MOST_STEPS ? shortened.steps : PK_MOST_STEPS;
    const pk_motion_t motion = {v[0], v[1], v[2], v[3], v[4], v[5], v[6]};
    pk_choice_t best;
    pk_choose(&shortened, clearance, to_go, &motion, candidates.buf, pk_rows(&candidates), &best);
    pk_return(&candidates, 1);
    return Py_BuildValue("(idddd)", (int)best.index, best.score, best.free_m, best.clearance_m, best.descent);
}
