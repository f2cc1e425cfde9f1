/* The kernels that run in every turn, as builtin functions of Python. */
#include "calls.h"

#define FUNCTION(name) {#name, (PyCFunction)(void (*)(void))pk_py_##name, METH_FASTCALL, NULL}

static PyMethodDef FUNCTIONS[] = {
    FUNCTION(fold),
    FUNCTION(odometry_step),
    FUNCTION(arc_clearance),
    FUNCTION(free_ways),
    FUNCTION(rim_speed),
    FUNCTION(polygon_depth),
    FUNCTION(fence_depths),
    FUNCTION(sample),
    FUNCTION(descend),
    FUNCTION(fan),
    FUNCTION(choose),
    FUNCTION(composed),
    FUNCTION(place_piece),
    FUNCTION(carry_hits),
    FUNCTION(seen_hits),
    FUNCTION(judge_sectors),
    FUNCTION(judge_repeats),
    FUNCTION(thin),
    FUNCTION(nearest),
    FUNCTION(any_near),
    FUNCTION(march_room),
    FUNCTION(cost_to_go),
    FUNCTION(flood),
    FUNCTION(window_clearance),
    FUNCTION(clearance_cost),
    FUNCTION(window_fill),
    FUNCTION(remember),
    FUNCTION(path_reached),
    FUNCTION(particles_move),
    FUNCTION(particles_weigh),
    FUNCTION(particles_face),
    FUNCTION(particles_resample),
    FUNCTION(particles_mean),
    FUNCTION(count_fits),
};

enum { COUNT = sizeof FUNCTIONS / sizeof FUNCTIONS[0] };

PyObject *pk_functions(PyObject *refusal)
{
    PyObject *tuple = PyTuple_New(COUNT);
    for (size_t i = 0; tuple != NULL && i < COUNT; i++) {
        PyObject *function = PyCFunction_NewEx(&FUNCTIONS[i], refusal, NULL);
        if (function == NULL) {
            Py_DecRef(tuple);
            return NULL;
        }
        (void)PyTuple_SetItem(tuple, (Py_ssize_t)i, function);
    }
    return tuple;
}
