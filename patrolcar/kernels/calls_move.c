/* Builtin functions about where the car is, and was when each beam was taken. They read Odometry (odometry.py), Wheels,
 * Imu and Scan (messages.py) by the places of their fields; what they return is of the kinds they were given. */
#include "calls.h"
#include "../../firmware_protocol/wire_native/pcp_layout.h"

#include <math.h>

#define TURN_RAD 6.283185307179586
#define LARGEST_STEP_M 0.5 /* between two WHEELS messages; more is a restart of the counters */
#define OLDEST_IMU_US 100000 /* an older turn rate says nothing about this motion */

enum { POSE, TWIST, STAMP, DISTANCE, BIAS, STANDING, TICKS, FIELDS }; /* of Odometry */
enum { WHEELS_STAMP, WHEELS_TICKS };
enum { IMU_STAMP, IMU_ACCEL, IMU_GYRO };
enum { SCAN_STAMP, SCAN_TURN, SCAN_FIRST, SCAN_BEAMS, SCAN_BEAM_US, SCAN_RANGES };
enum { X, Y, Z };

/* What is wrong leaves an exception behind, which is looked for once, when everything is read. */
static PyObject *item_at(PyObject *tuple, Py_ssize_t at)
{
    return tuple != NULL ? PyTuple_GetItem(tuple, at) : NULL;
}

static double real_at(PyObject *tuple, Py_ssize_t at)
{
    return PyFloat_AsDouble(item_at(tuple, at));
}

static int64_t whole_at(PyObject *tuple, Py_ssize_t at)
{
    return PyLong_AsLongLong(item_at(tuple, at));
}

/* The signed difference of two 32-bit counters. */
static int32_t difference(int64_t newer, int64_t older)
{
    return (int32_t)((uint32_t)newer - (uint32_t)older);
}

/* The mean turn rate of those that are not too old; nan without any. */
static double mean_rate(PyObject *imus, int64_t stamp_us)
{
    double sum = 0.0;
    int count = 0;
    for (Py_ssize_t i = 0; i < PyTuple_Size(imus); i++) {
        PyObject *imu = PyTuple_GetItem(imus, i);
        if (difference(stamp_us, whole_at(imu, IMU_STAMP)) < OLDEST_IMU_US) {
            sum += real_at(item_at(imu, IMU_GYRO), Z);
            count++;
        }
    }
    return count > 0 ? sum / count : NAN;
}

/* Whether every counter is where it was. */
static int all_stand(PyObject *ticks, PyObject *before)
{
    const Py_ssize_t n = ticks != NULL && before != NULL ? PyTuple_Size(ticks) : 0;
    int stand = n > 0 && n == PyTuple_Size(before);
    for (Py_ssize_t i = 0; stand && i < n; i++) {
        stand = whole_at(ticks, i) == whole_at(before, i);
    }
    return stand;
}

/* A tuple of the kind of another, of `n` values whose references are used up; NULL when one of them is. */
static PyObject *like(PyObject *other, PyObject **values, Py_ssize_t n)
{
    PyObject *kind = PyObject_Type(other), *tuple = PyTuple_New(n);
    bool whole = tuple != NULL;
    for (Py_ssize_t i = 0; i < n; i++) {
        whole = whole && values[i] != NULL;
        if (tuple != NULL && values[i] != NULL) {
            (void)PyTuple_SetItem(tuple, i, values[i]);
        } else if (values[i] != NULL) {
            Py_DecRef(values[i]);
        }
    }
    PyObject *made = whole ? pcp_named(kind, tuple) : NULL;
    if (!whole && tuple != NULL) {
        Py_DecRef(tuple);
    }
    Py_DecRef(kind);
    return made;
}

static PyObject *three(PyObject *other, double first, double second, double third)
{
    PyObject *values[3] = {PyFloat_FromDouble(first), PyFloat_FromDouble(second), PyFloat_FromDouble(third)};
    return like(other, values, 3);
}

static PyObject *kept(PyObject *object)
{
    Py_IncRef(object);
    return object;
}

static PyObject *whole_odometry(PyObject *before, const pk_odometry_t *now, PyObject *wheels)
{
    PyObject *values[FIELDS] = {
        [POSE] = three(PyTuple_GetItem(before, POSE), now->pose[X], now->pose[Y], now->pose[Z]),
        [TWIST] = three(PyTuple_GetItem(before, TWIST), now->v_mps, 0.0, now->w_radps),
        [STAMP] = kept(PyTuple_GetItem(wheels, WHEELS_STAMP)),
        [DISTANCE] = PyFloat_FromDouble(now->distance_m),
        [BIAS] = PyFloat_FromDouble(now->bias_radps),
        [STANDING] = PyLong_FromLongLong(now->standing_us),
        [TICKS] = kept(PyTuple_GetItem(wheels, WHEELS_TICKS)),
    };
    return like(before, values, FIELDS);
}

/* The same place and motion, counted on from other ticks. */
static PyObject *counted_from(PyObject *before, PyObject *wheels)
{
    PyObject *values[FIELDS];
    for (Py_ssize_t i = 0; i < FIELDS; i++) {
        values[i] = kept(PyTuple_GetItem(before, i));
    }
    Py_DecRef(values[STAMP]);
    Py_DecRef(values[TICKS]);
    values[STAMP] = kept(PyTuple_GetItem(wheels, WHEELS_STAMP));
    values[TICKS] = kept(PyTuple_GetItem(wheels, WHEELS_TICKS));
    return like(before, values, FIELDS);
}

/* odometry_step(odometry, wheels, imus, track_m, metres_per_tick): the odometry after one WHEELS message and the
 * turn rates since the one before */
PyObject *pk_py_odometry_step(PyObject *self, PyObject *const *items, Py_ssize_t n)
{
    double v[2];
    if (!pk_has(self, n, 5) || !pk_numbers(items + 3, 2, v)) {
        return NULL;
    }
    PyObject *before = items[0], *wheels = items[1];
    PyObject *ticks = PyTuple_GetItem(wheels, WHEELS_TICKS), *old = PyTuple_GetItem(before, TICKS);
    PyObject *pose = PyTuple_GetItem(before, POSE), *twist = PyTuple_GetItem(before, TWIST);
    const int64_t stamp_us = whole_at(wheels, WHEELS_STAMP);
    pk_odometry_t now = {{real_at(pose, X), real_at(pose, Y), real_at(pose, Z)}, real_at(twist, X), real_at(twist, Z),
                         real_at(before, DISTANCE), real_at(before, BIAS), whole_at(before, STANDING)};
    const pk_rims_t rims = {difference(whole_at(ticks, 0), whole_at(old, 0)) * v[1],
                            difference(whole_at(ticks, 1), whole_at(old, 1)) * v[1], v[0],
                            mean_rate(items[2], stamp_us), difference(stamp_us, whole_at(before, STAMP)),
                            all_stand(ticks, old)};
    if (PyErr_Occurred() != NULL) {
        return NULL;
    }
    if (rims.dt_us <= 0) {
        return kept(before);
    }
    if (fabs(rims.left_m + rims.right_m) / 2.0 > LARGEST_STEP_M) {
        return counted_from(before, wheels);
    }
    pk_odometry_step(&now, &rims);
    return whole_odometry(before, &now, wheels);
}

/* Seconds from the newest WHEELS to a stamp; 0 before the first, when there is no stamp but None. */
static double since_s(PyObject *odometry, int64_t stamp_us)
{
    PyObject *newest = PyTuple_GetItem(odometry, STAMP);
    PyObject *kind = newest != NULL ? PyObject_Type(newest) : NULL;
    if (kind == NULL) {
        return 0.0;
    }
    Py_DecRef(kind); /* the stamp keeps its type alive */
    return (const void *)kind == (const void *)&PyLong_Type
               ? difference(stamp_us, PyLong_AsLongLong(newest)) * 1e-6 : 0.0;
}

/* place_piece(scan, odometry, mount, range_min_m, range_max_m, places): write where the beams of a piece of a lidar
 * turn ended, each in its row of `places`, and return how many of the piece belong to its turn */
PyObject *pk_py_place_piece(PyObject *self, PyObject *const *items, Py_ssize_t n)
{
    double v[2];
    Py_buffer views[2];
    if (!pk_has(self, n, 6) || !pk_numbers(items + 3, 2, v)) {
        return NULL;
    }
    PyObject *scan = items[0], *pose = PyTuple_GetItem(items[1], POSE), *twist = PyTuple_GetItem(items[1], TWIST);
    PyObject *mount = items[2], *arrays[2] = {PyTuple_GetItem(scan, SCAN_RANGES), items[5]};
    const int64_t first = whole_at(scan, SCAN_FIRST), beams = whole_at(scan, SCAN_BEAMS);
    const double step_rad = beams > 0 ? TURN_RAD / (double)beams : 0.0;
    const pk_sweep_t sweep = {real_at(pose, X), real_at(pose, Y), real_at(pose, Z), real_at(twist, X), real_at(twist, Z),
                              since_s(items[1], whole_at(scan, SCAN_STAMP)),
                              (double)whole_at(scan, SCAN_BEAM_US) * 1e-6, real_at(mount, X), real_at(mount, Y),
                              real_at(mount, Z), step_rad * (double)first, step_rad, v[0], v[1]};
    if (PyErr_Occurred() != NULL || !pk_lend(self, arrays, "fD", views)) {
        return NULL;
    }
    const int64_t rows = pk_rows(&views[1]) < beams ? pk_rows(&views[1]) : beams;
    const int64_t left = first >= 0 && first < rows ? rows - first : 0;
    const int32_t count = pk_rows(&views[0]) < left ? pk_rows(&views[0]) : (int32_t)left;
    if (count > 0) {
        pk_place_beams(views[0].buf, count, &sweep, (double *)views[1].buf + 2 * first);
    }
    pk_return(views, 2);
    return PyLong_FromLongLong(count);
}

/* composed(outer, inner): a pose given in another, in the frame the other is given in */
PyObject *pk_py_composed(PyObject *self, PyObject *const *items, Py_ssize_t n)
{
    double v[6];
    if (!pk_has(self, n, 2)) {
        return NULL;
    }
    for (Py_ssize_t i = 0; i < 6; i++) {
        v[i] = real_at(items[i / 3], i % 3);
    }
    if (PyErr_Occurred() != NULL) {
        return NULL;
    }
    const double c = cos(v[Z]), s = sin(v[Z]);
    return three(items[0], v[X] + c * v[3 + X] - s * v[3 + Y], v[Y] + s * v[3 + X] + c * v[3 + Y],
                 pk_wrapped(v[Z] + v[3 + Z]));
}
