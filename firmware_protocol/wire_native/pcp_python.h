/* The few functions of CPython's stable ABI that the codec calls.
 *
 * patrolcar is compiled on boards without Python's headers, so they are declared here, as "Stable Application
 * Binary Interface" in the Python/C API manual lists them (all since 3.2; PyType_GetSlot() on `tuple` since
 * 3.10). Objects stay opaque: nothing here depends on how an interpreter lays them out. The interpreter that
 * loads the library resolves the names; a program that never calls the codec needs none of them. */
#ifndef PCP_PYTHON_H
#define PCP_PYTHON_H

#include <stddef.h>

typedef struct pcp_opaque_object PyObject;
typedef struct pcp_opaque_type PyTypeObject;
typedef ptrdiff_t Py_ssize_t;
typedef PyObject *(*PyCFunction)(PyObject *self, PyObject *argument);
typedef PyObject *(*newfunc)(PyObject *type, PyObject *arguments, PyObject *names);

typedef struct {
    const char *name;
    PyCFunction function;
    int flags;
    const char *text;
} PyMethodDef;

enum { METH_NOARGS = 4, METH_O = 8 };
enum { Py_tp_new = 65 };

extern PyTypeObject PyTuple_Type, PyLong_Type, PyFloat_Type;
extern PyObject *PyExc_RuntimeError, *PyExc_TypeError, *PyExc_ImportError;

void Py_IncRef(PyObject *object);
void Py_DecRef(PyObject *object);
PyObject *PyObject_Type(PyObject *object); /* a new reference */
PyObject *PyObject_CallMethod(PyObject *object, const char *name, const char *format, ...);
PyObject *PyObject_CallFunctionObjArgs(PyObject *callable, ...);
void *PyType_GetSlot(PyTypeObject *type, int slot);
PyObject *PyCFunction_NewEx(PyMethodDef *definition, PyObject *self, PyObject *module);

PyObject *PyCapsule_New(void *pointer, const char *name, void (*destructor)(PyObject *capsule));
void *PyCapsule_GetPointer(PyObject *capsule, const char *name);

PyObject *PyLong_FromLongLong(long long value);
PyObject *PyLong_FromUnsignedLongLong(unsigned long long value);
long long PyLong_AsLongLong(PyObject *object);
PyObject *PyFloat_FromDouble(double value);
double PyFloat_AsDouble(PyObject *object);
PyObject *PyBytes_FromStringAndSize(const char *bytes, Py_ssize_t n);
int PyBytes_AsStringAndSize(PyObject *object, char **bytes, Py_ssize_t *n);
PyObject *PyTuple_New(Py_ssize_t n);
Py_ssize_t PyTuple_Size(PyObject *tuple);
PyObject *PyTuple_GetItem(PyObject *tuple, Py_ssize_t at); /* a borrowed reference */
int PyTuple_SetItem(PyObject *tuple, Py_ssize_t at, PyObject *item); /* takes the reference, also when it fails */
PyObject *PyList_New(Py_ssize_t n);
int PyList_Append(PyObject *list, PyObject *item);

PyObject *Py_BuildValue(const char *format, ...);

PyObject *PyErr_Occurred(void);
void PyErr_Clear(void);
PyObject *PyErr_NoMemory(void);
PyObject *PyErr_Format(PyObject *kind, const char *format, ...);

#endif
