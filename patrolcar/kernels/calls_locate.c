/* Builtin functions about where the car is. What each kernel does is told in kernels.h. */
#include "calls.h"

/* How many particles an array holds, or as many weights; -1 with an exception set when its rows are none. */
static int32_t particles_in(PyObject *self, const Py_buffer *particles, const Py_buffer *weights)
{
    const int32_t rows = pk_rows(particles), others = pk_rows(weights);
    if (particles->len != (Py_ssize_t)rows * (Py_ssize_t)sizeof(pk_particle_t)) {
        (void)PyErr_Format(self, "a particle has 5 numbers: x, y, yaw, and the cosine and sine of it");
        return -1;
    }
    return rows < others ? rows : others;
}

/* particles_face(particles): how many there are */
PyObject *pk_py_particles_face(PyObject *self, PyObject *const *items, Py_ssize_t n)
{
    Py_buffer particles;
    if (!pk_has(self, n, 1) || !pk_lend(self, items, "D", &particles)) {
        return NULL;
    }
    const int32_t count = particles_in(self, &particles, &particles);
    pk_particles_face(particles.buf, count);
    pk_return(&particles, 1);
    return count >= 0 ? PyLong_FromLongLong(count) : NULL;
}

/* particles_move(particles, normals, dx_m, dy_m, dyaw_rad, sigma_forward_m, sigma_side_m, sigma_yaw_rad): how many
 * there are; `normals` has three in a row */
PyObject *pk_py_particles_move(PyObject *self, PyObject *const *items, Py_ssize_t n)
{
    double v[6];
    Py_buffer views[2];
    if (!pk_has(self, n, 8) || !pk_numbers(items + 2, 6, v) || !pk_lend(self, items, "Dd", views)) {
        return NULL;
    }
    const int32_t count = particles_in(self, &views[0], &views[1]);
    pk_particles_move(views[0].buf, count, v[0], v[1], v[2], views[1].buf, v[3], v[4], v[5]);
    pk_return(views, 2);
    return count >= 0 ? PyLong_FromLongLong(count) : NULL;
}

/* particles_weigh(particles, weights, ends, log_match, log_floor): the effective sample size */
PyObject *pk_py_particles_weigh(PyObject *self, PyObject *const *items, Py_ssize_t n)
{
    double log_floor;
    Py_buffer views[3];
    if (!pk_has(self, n, 5) || !pk_numbers(items + 4, 1, &log_floor)) {
        return NULL;
    }
    const pk_grid_t *log_match = pk_at(items[3]);
    if (PyErr_Occurred() != NULL || !pk_lend(self, items, "dDd", views)) {
        return NULL;
    }
    const int32_t count = particles_in(self, &views[0], &views[1]);
    const double effective = pk_particles_weigh(views[0].buf, count, views[2].buf, pk_rows(&views[2]), log_match,
                                                log_floor, views[1].buf);
    pk_return(views, 3);
    return count >= 0 ? PyFloat_FromDouble(effective) : NULL;
}

/* particles_resample(particles, weights, drawn, offset): how many there are */
PyObject *pk_py_particles_resample(PyObject *self, PyObject *const *items, Py_ssize_t n)
{
    double offset;
    Py_buffer views[3];
    if (!pk_has(self, n, 4) || !pk_numbers(items + 3, 1, &offset) || !pk_lend(self, items, "dDD", views)) {
        return NULL;
    }
    int32_t count = particles_in(self, &views[0], &views[1]);
    const int32_t room = count < 0 ? -1 : particles_in(self, &views[2], &views[1]);
    count = room < count ? room : count;
    if (count > 0) {
        pk_particles_resample(views[0].buf, views[1].buf, count, offset, views[2].buf);
    }
    pk_return(views, 3);
    return count >= 0 ? PyLong_FromLongLong(count) : NULL;
}

/* particles_mean(particles, weights): x, y, yaw, spread, spread of the yaw */
PyObject *pk_py_particles_mean(PyObject *self, PyObject *const *items, Py_ssize_t n)
{
    double mean[5];
    Py_buffer views[2];
    if (!pk_has(self, n, 2) || !pk_lend(self, items, "dd", views)) {
        return NULL;
    }
    const int32_t count = particles_in(self, &views[0], &views[1]);
    pk_particles_mean(views[0].buf, views[1].buf, count, mean);
    pk_return(views, 2);
    return count >= 0 ? Py_BuildValue("(ddddd)", mean[0], mean[1], mean[2], mean[3], mean[4]) : NULL;
}

/* count_fits(fits, ends, resolution_m, x_m, y_m of the grid, x_m, y_m, yaw_rad of the pose) */
PyObject *pk_py_count_fits(PyObject *self, PyObject *const *items, Py_ssize_t n)
{
    double v[6];
    Py_buffer views[2];
    if (!pk_has(self, n, 8) || !pk_numbers(items + 2, 6, v) || !pk_lend(self, items, "bd", views)) {
        return NULL;
    }
    const int32_t rows = pk_rows(&views[0]);
    const int32_t columns = rows > 0 ? (int32_t)(views[0].len / rows) : 0;
    const int32_t fits = pk_count_fits(views[0].buf, rows, columns, v[0], v[1], v[2], views[1].buf,
                                       pk_rows(&views[1]), v[3], v[4], v[5]);
    pk_return(views, 2);
    return PyLong_FromLongLong(fits);
}
