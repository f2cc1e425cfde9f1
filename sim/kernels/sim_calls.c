/* The two calls of every control period as builtin functions of Python: through ctypes they cost as much as they do.
 * METH_FASTCALL is part of the stable ABI since 3.10. */
#include "../../firmware_protocol/wire_native/pcp_python.h"
#include "pcp_controller.h"
#include "sim_plant.h"

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

/* plant_step(plant, step): sim_plant_step(). */
static PyObject *plant_step(PyObject *self, PyObject *const *items, Py_ssize_t n)
{
    (void)self;
    if (!has(n, 2)) {
        return NULL;
    }
    sim_plant_t *plant = at(items[0]);
    const int64_t step = PyLong_AsLongLong(items[1]);
    if (PyErr_Occurred() != NULL) {
        return NULL;
    }
    sim_plant_step(plant, step);
    return Py_BuildValue("");
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
    pcp_controller_receive(controller, (const uint8_t *)received, (size_t)size, inputs->now_us);
    pcp_controller_step(controller, inputs, outputs);
    const size_t sent = pcp_controller_transmit(controller, room, capacity);
    return PyBytes_FromStringAndSize((const char *)room, (Py_ssize_t)sent);
}

static PyMethodDef FUNCTIONS[] = {
    {"plant_step", (PyCFunction)(void (*)(void))plant_step, METH_FASTCALL, NULL},
    {"controller_step", (PyCFunction)(void (*)(void))controller_step, METH_FASTCALL, NULL},
};

/* The two functions, in this order. */
PyObject *sim_functions(void)
{
    PyObject *tuple = PyTuple_New(2);
    for (Py_ssize_t i = 0; tuple != NULL && i < 2; i++) {
        PyObject *function = PyCFunction_NewEx(&FUNCTIONS[i], NULL, NULL);
        if (function == NULL) {
            Py_DecRef(tuple);
            return NULL;
        }
        (void)PyTuple_SetItem(tuple, i, function);
    }
    return tuple;
}
