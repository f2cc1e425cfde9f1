/* The builtin function that takes in the messages of a turn: what each changes stands in a table of Python's. */
#include "calls.h"

extern PyObject *PyExc_KeyError;
Py_ssize_t PySequence_Size(PyObject *sequence);
PyObject *PySequence_GetItem(PyObject *sequence, Py_ssize_t at); /* a new reference */
PyObject *PyList_GetItem(PyObject *list, Py_ssize_t at); /* a borrowed reference */
PyObject *PySequence_Concat(PyObject *first, PyObject *second);
int PyList_SetItem(PyObject *list, Py_ssize_t at, PyObject *item); /* takes the reference, also when it fails */
PyObject *PyDict_GetItemWithError(PyObject *dict, PyObject *key); /* borrowed; NULL without an exception for none */
int PyDict_SetItem(PyObject *dict, PyObject *key, PyObject *item);
int PyObject_IsTrue(PyObject *object);

enum { NAME, AT, MEANING, GATHERS }; /* of a rule */

/* The rule for a kind of message: borrowed, NULL with an exception set. */
static PyObject *rule_for(PyObject *rules, PyObject *message)
{
    PyObject *kind = PyObject_Type(message);
    PyObject *rule = PyDict_GetItemWithError(rules, kind);
    if (rule == NULL && PyErr_Occurred() == NULL) {
        (void)PyErr_Format(PyExc_KeyError, "no rule says what %R changes", kind);
    }
    Py_DecRef(kind);
    return rule;
}

/* What a place holds after a message: the message, or those before it and it. A new reference, NULL with an exception
 * set. */
static PyObject *newest(PyObject *fields, int32_t at, PyObject *message, PyObject *gathers)
{
    if (gathers == NULL) {
        return NULL;
    }
    if (PyObject_IsTrue(gathers) == 0) {
        Py_IncRef(message);
        return message;
    }
    PyObject *before = PyList_GetItem(fields, at);
    PyObject *one = before != NULL ? PyTuple_New(1) : NULL;
    if (one == NULL) {
        return NULL;
    }
    Py_IncRef(message);
    (void)PyTuple_SetItem(one, 0, message);
    PyObject *all = PySequence_Concat(before, one);
    Py_DecRef(one);
    return all;
}

/* Note the arrival, keep the message as the newest, let its meaning work. False with an exception set. */
static bool taken(PyObject *message, PyObject *rule, PyObject *const *items)
{
    PyObject *fields = items[2], *meaning = PyTuple_GetItem(rule, MEANING);
    const int32_t at = meaning != NULL ? pk_whole(PyTuple_GetItem(rule, AT)) : -1;
    if (PyErr_Occurred() != NULL || PyDict_SetItem(items[3], PyTuple_GetItem(rule, NAME), items[4]) != 0) {
        return false;
    }
    if (at >= 0) {
        PyObject *kept = newest(fields, at, message, PyTuple_GetItem(rule, GATHERS));
        if (kept == NULL || PyList_SetItem(fields, at, kept) != 0) {
            return false;
        }
    }
    if (PyObject_IsTrue(meaning) == 0) {
        return true;
    }
    PyObject *nothing = PyObject_CallFunctionObjArgs(meaning, fields, message, items[5], NULL);
    if (nothing != NULL) {
        Py_DecRef(nothing);
    }
    return nothing != NULL;
}

/* fold(messages, rules, fields, arrived, now_ns, context): for each message in its order, by the rule of its kind
 * (name, place or -1, meaning or None, gathers): arrived[name] = now_ns, fields[place] = message, or += (message,)
 * where it gathers, and meaning(fields, message, context) */
PyObject *pk_py_fold(PyObject *self, PyObject *const *items, Py_ssize_t n)
{
    if (!pk_has(self, n, 6)) {
        return NULL;
    }
    const Py_ssize_t count = PySequence_Size(items[0]); /* -1 with an exception for anything else */
    for (Py_ssize_t i = 0; i < count; i++) {
        PyObject *message = PySequence_GetItem(items[0], i);
        PyObject *rule = message != NULL ? rule_for(items[1], message) : NULL;
        const bool done = rule != NULL && taken(message, rule, items);
        if (message != NULL) {
            Py_DecRef(message);
        }
        if (!done) {
            return NULL;
        }
    }
    return count >= 0 ? Py_BuildValue("") : NULL;
}
