/* The calls of every control period as builtin functions of Python: through ctypes they cost as much as they do.
 * Everything but bytes and numbers goes by address. METH_FASTCALL is part of the stable ABI since 3.10. */
#include "../../firmware_protocol/wire_native/pcp_python.h"
#include "sim_damage.h"
#include "sim_lockstep.h"

#include <string.h>

typedef PyObject *(*fast_t)(PyObject *self, PyObject *const *items, Py_ssize_t n);

enum { METH_FASTCALL = 0x80 };

PyObject *sim_functions(void);

static void *at(PyObject *address)
{
    return (void *)(intptr_t)PyLong_AsLongLong(address);
}

static bool has(Py_ssize_t n, Py_ssize_t wanted)
{
    if (n != wanted) {
        (void)PyErr_Format(PyExc_TypeError, "this takes %zd arguments, not %zd", wanted, n);
    }
    return n == wanted;
}

/* plant_step(plant, step, now_us): sim_plant_step(). */
static PyObject *plant_step(PyObject *self, PyObject *const *items, Py_ssize_t n)
{
    (void)self;
    if (!has(n, 3)) {
        return NULL;
    }
    sim_plant_t *plant = at(items[0]);
    const int64_t step = PyLong_AsLongLong(items[1]), now_us = PyLong_AsLongLong(items[2]); /* which wraps */
    if (PyErr_Occurred() != NULL) {
        return NULL;
    }
    sim_plant_step(plant, step, (uint32_t)now_us);
    return Py_BuildValue("");
}

/* run_periods(lockstep, step, now_us, booted_us, periods, received, capacity): what the controller sends meanwhile,
 * see sim_periods(). */
static PyObject *run_periods(PyObject *self, PyObject *const *items, Py_ssize_t n)
{
    char *received;
    Py_ssize_t size;
    (void)self;
    if (!has(n, 7) || PyBytes_AsStringAndSize(items[5], &received, &size) != 0) {
        return NULL;
    }
    sim_lockstep_t *lockstep = at(items[0]);
    const int64_t step = PyLong_AsLongLong(items[1]), now_us = PyLong_AsLongLong(items[2]);
    const int64_t booted_us = PyLong_AsLongLong(items[3]), periods = PyLong_AsLongLong(items[4]);
    const size_t capacity = (size_t)PyLong_AsLongLong(items[6]);
    if (PyErr_Occurred() != NULL) {
        return NULL;
    }
    const size_t sent = sim_periods(lockstep, step, now_us, booted_us, (int)periods, (const uint8_t *)received,
                                    (size_t)size, capacity);
    return PyBytes_FromStringAndSize((const char *)lockstep->room, (Py_ssize_t)sent);
}

/* controller_step(controller, inputs, outputs, received, room, capacity): what it sends; at most `capacity` bytes,
 * for which there is room. */
static PyObject *controller_step(PyObject *self, PyObject *const *items, Py_ssize_t n)
{
    char *received;
    Py_ssize_t size;
    (void)self;
    if (!has(n, 6) || PyBytes_AsStringAndSize(items[3], &received, &size) != 0) {
        return NULL;
    }
    pcp_controller_t *controller = at(items[0]);
    const pcp_inputs_t *inputs = at(items[1]);
    pcp_outputs_t *outputs = at(items[2]);
    uint8_t *room = at(items[4]);
    const size_t capacity = (size_t)PyLong_AsLongLong(items[5]);
    if (PyErr_Occurred() != NULL) {
        return NULL;
    }
    const size_t sent = sim_control(controller, inputs, outputs, (const uint8_t *)received, (size_t)size, room, capacity);
    return PyBytes_FromStringAndSize((const char *)room, (Py_ssize_t)sent);
}

/* controller_scan(controller, scan): pcp_controller_scan(). */
static PyObject *controller_scan(PyObject *self, PyObject *const *items, Py_ssize_t n)
{
    (void)self;
    if (!has(n, 2)) {
        return NULL;
    }
    pcp_controller_t *controller = at(items[0]);
    const pcp_scan_t *scan = at(items[1]);
    if (PyErr_Occurred() != NULL) {
        return NULL;
    }
    pcp_controller_scan(controller, scan);
    return Py_BuildValue("");
}

/* next_scan(lidar, booted_us, scan): sim_next_scan(). */
static PyObject *next_scan(PyObject *self, PyObject *const *items, Py_ssize_t n)
{
    (void)self;
    if (!has(n, 3)) {
        return NULL;
    }
    sim_lidar_t *lidar = at(items[0]);
    const int64_t booted_us = PyLong_AsLongLong(items[1]);
    pcp_scan_t *scan = at(items[2]);
    if (PyErr_Occurred() != NULL) {
        return NULL;
    }
    return PyLong_FromLongLong(sim_next_scan(lidar, booted_us, scan));
}

/* people_walk(lockstep): sim_walk(). */
static PyObject *people_walk(PyObject *self, PyObject *const *items, Py_ssize_t n)
{
    (void)self;
    if (!has(n, 1)) {
        return NULL;
    }
    sim_lockstep_t *lockstep = at(items[0]);
    if (PyErr_Occurred() != NULL) {
        return NULL;
    }
    sim_walk(lockstep);
    return Py_BuildValue("");
}

/* people_near(lockstep): sim_list_near(). */
static PyObject *people_near(PyObject *self, PyObject *const *items, Py_ssize_t n)
{
    (void)self;
    if (!has(n, 1)) {
        return NULL;
    }
    sim_lockstep_t *lockstep = at(items[0]);
    if (PyErr_Occurred() != NULL) {
        return NULL;
    }
    sim_list_near(lockstep);
    return Py_BuildValue("");
}

/* Return bytes that may be written to, with room for so many times what `sent` holds, which they begin with. */
static PyObject *copied(PyObject *sent, Py_ssize_t times, char **bytes, Py_ssize_t *size)
{
    char *from;
    Py_ssize_t room;
    if (PyBytes_AsStringAndSize(sent, &from, size) != 0) {
        return NULL;
    }
    PyObject *copy = PyBytes_FromStringAndSize(NULL, times * *size);
    if (copy != NULL) {
        (void)PyBytes_AsStringAndSize(copy, bytes, &room);
        memcpy(*bytes, from, (size_t)*size);
    }
    return copy;
}

/* line_flip(chance, bytes, share): the bytes after sim_flip(). */
static PyObject *line_flip(PyObject *self, PyObject *const *items, Py_ssize_t n)
{
    char *bytes;
    Py_ssize_t size;
    (void)self;
    PyObject *arrived = has(n, 3) ? copied(items[1], 1, &bytes, &size) : NULL;
    if (arrived != NULL) {
        sim_flip(at(items[0]), PyFloat_AsDouble(items[2]), (size_t)size, (uint8_t *)bytes);
    }
    return arrived;
}

/* line_lose(chance, bytes, share, twice): what is left of the bytes after sim_lose(), and with the chance `twice` the
 * same once more. */
static PyObject *line_lose(PyObject *self, PyObject *const *items, Py_ssize_t n)
{
    char *bytes;
    Py_ssize_t size;
    (void)self;
    PyObject *arrived = has(n, 4) ? copied(items[1], 2, &bytes, &size) : NULL;
    if (arrived == NULL) {
        return NULL;
    }
    const sim_chance_t *chance = at(items[0]);
    const size_t kept = sim_lose(chance, PyFloat_AsDouble(items[2]), (size_t)size, (uint8_t *)bytes);
    const bool again = chance->next_double(chance->state) < PyFloat_AsDouble(items[3]);
    memcpy(bytes + kept, bytes, again ? kept : 0);
    PyObject *left = PyBytes_FromStringAndSize(bytes, (Py_ssize_t)(again ? 2 * kept : kept));
    Py_DecRef(arrived);
    return left;
}

#define FUNCTION(name) {#name, (PyCFunction)(void (*)(void))name, METH_FASTCALL, NULL}

static PyMethodDef FUNCTIONS[] = {
    FUNCTION(run_periods), FUNCTION(plant_step),  FUNCTION(controller_step), FUNCTION(controller_scan), FUNCTION(next_scan),
    FUNCTION(people_walk), FUNCTION(people_near), FUNCTION(line_flip),       FUNCTION(line_lose),
};

enum { COUNT = sizeof FUNCTIONS / sizeof FUNCTIONS[0] };

/* The functions, in this order. */
PyObject *sim_functions(void)
{
    PyObject *tuple = PyTuple_New(COUNT);
    for (size_t i = 0; tuple != NULL && i < COUNT; i++) {
        PyObject *function = PyCFunction_NewEx(&FUNCTIONS[i], NULL, NULL);
        if (function == NULL) {
            Py_DecRef(tuple);
            return NULL;
        }
        (void)PyTuple_SetItem(tuple, (Py_ssize_t)i, function);
    }
    return tuple;
}
