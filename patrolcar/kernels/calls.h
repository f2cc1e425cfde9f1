/* How the kernels that run in every turn are called by Python directly: ctypes costs more than they compute.
 *
 * Each is a builtin function whose `self` is the exception for arrays that C cannot read. What is used of
 * CPython's stable ABI beyond pcp_python.h is declared here: METH_FASTCALL since 3.10, buffers since 3.11. */
#ifndef PATROLCAR_CALLS_H
#define PATROLCAR_CALLS_H

#include "../../firmware_protocol/wire_native/pcp_python.h"
#include "kernels.h"

#include <stdbool.h>

typedef PyObject *(*pk_fast_t)(PyObject *self, PyObject *const *items, Py_ssize_t n);

enum { METH_FASTCALL = 0x80 };
enum { PyBUF_WRITABLE = 0x1, PyBUF_FORMAT = 0x4, PyBUF_C_CONTIGUOUS = 0x38 };

/* Py_buffer of the stable ABI. */
typedef struct {
    void *buf;
    PyObject *obj;
    Py_ssize_t len, itemsize;
    int readonly, ndim;
    char *format;
    Py_ssize_t *shape, *strides, *suboffsets;
    void *internal;
} Py_buffer;

int PyObject_GetBuffer(PyObject *object, Py_buffer *view, int flags);
void PyBuffer_Release(Py_buffer *view);
PyObject *PyBool_FromLong(long value);

/* Whether `n` arguments are `wanted`; false with an exception set. */
bool pk_has(PyObject *self, Py_ssize_t n, Py_ssize_t wanted);

/* Read `count` numbers; false with an exception set. */
bool pk_numbers(PyObject *const *items, size_t count, double *out);

/* Read a whole number, or an address that Python keeps; -1 with an exception set. */
int32_t pk_whole(PyObject *item);
const void *pk_at(PyObject *item);

/* Lend arrays, one for each letter of `kinds`: d of doubles, f of floats, i of int32, b of bools; large letters to be
 * written, U of uint8 and S of int16, too.
 * All in one piece in C order. False with an exception set and nothing lent. */
bool pk_lend(PyObject *self, PyObject *const *items, const char *kinds, Py_buffer *views);
void pk_return(Py_buffer *views, size_t count);

/* How many rows an array has. */
int32_t pk_rows(const Py_buffer *view);

/* The functions in calls_fold.c, calls_drive.c, calls_look.c, calls_move.c, calls_window.c and calls_locate.c, each named as Python knows it. */
PyObject *pk_py_arc_clearance(PyObject *self, PyObject *const *items, Py_ssize_t n);
PyObject *pk_py_free_ways(PyObject *self, PyObject *const *items, Py_ssize_t n);
PyObject *pk_py_fold(PyObject *self, PyObject *const *items, Py_ssize_t n);
PyObject *pk_py_odometry_step(PyObject *self, PyObject *const *items, Py_ssize_t n);
PyObject *pk_py_rim_speed(PyObject *self, PyObject *const *items, Py_ssize_t n);
PyObject *pk_py_polygon_depth(PyObject *self, PyObject *const *items, Py_ssize_t n);
PyObject *pk_py_fence_depths(PyObject *self, PyObject *const *items, Py_ssize_t n);
PyObject *pk_py_sample(PyObject *self, PyObject *const *items, Py_ssize_t n);
PyObject *pk_py_descend(PyObject *self, PyObject *const *items, Py_ssize_t n);
PyObject *pk_py_fan(PyObject *self, PyObject *const *items, Py_ssize_t n);
PyObject *pk_py_choose(PyObject *self, PyObject *const *items, Py_ssize_t n);
PyObject *pk_py_composed(PyObject *self, PyObject *const *items, Py_ssize_t n);
PyObject *pk_py_place_piece(PyObject *self, PyObject *const *items, Py_ssize_t n);
PyObject *pk_py_carry_hits(PyObject *self, PyObject *const *items, Py_ssize_t n);
PyObject *pk_py_seen_hits(PyObject *self, PyObject *const *items, Py_ssize_t n);
PyObject *pk_py_judge_sectors(PyObject *self, PyObject *const *items, Py_ssize_t n);
PyObject *pk_py_judge_repeats(PyObject *self, PyObject *const *items, Py_ssize_t n);
PyObject *pk_py_thin(PyObject *self, PyObject *const *items, Py_ssize_t n);
PyObject *pk_py_nearest(PyObject *self, PyObject *const *items, Py_ssize_t n);
PyObject *pk_py_any_near(PyObject *self, PyObject *const *items, Py_ssize_t n);
PyObject *pk_py_march_room(PyObject *self, PyObject *const *items, Py_ssize_t n);
PyObject *pk_py_cost_to_go(PyObject *self, PyObject *const *items, Py_ssize_t n);
PyObject *pk_py_flood(PyObject *self, PyObject *const *items, Py_ssize_t n);
PyObject *pk_py_window_clearance(PyObject *self, PyObject *const *items, Py_ssize_t n);
PyObject *pk_py_clearance_cost(PyObject *self, PyObject *const *items, Py_ssize_t n);
PyObject *pk_py_window_fill(PyObject *self, PyObject *const *items, Py_ssize_t n);
PyObject *pk_py_remember(PyObject *self, PyObject *const *items, Py_ssize_t n);
PyObject *pk_py_path_reached(PyObject *self, PyObject *const *items, Py_ssize_t n);
PyObject *pk_py_particles_move(PyObject *self, PyObject *const *items, Py_ssize_t n);
PyObject *pk_py_particles_weigh(PyObject *self, PyObject *const *items, Py_ssize_t n);
PyObject *pk_py_particles_face(PyObject *self, PyObject *const *items, Py_ssize_t n);
PyObject *pk_py_particles_resample(PyObject *self, PyObject *const *items, Py_ssize_t n);
PyObject *pk_py_particles_mean(PyObject *self, PyObject *const *items, Py_ssize_t n);
PyObject *pk_py_count_fits(PyObject *self, PyObject *const *items, Py_ssize_t n);

/* The builtin functions; `refusal` is the exception for arrays that do not fit. NULL with an exception set. */
PyObject *pk_functions(PyObject *refusal);

#endif
