/* The heavy half of Monte Carlo localisation. Chance comes in as drawn numbers.
 *
 * Source: Thrun, Burgard, Fox (2005), "Probabilistic Robotics", tables 6.3 (likelihood field) and 4.4
 * (low-variance resampling).
 */
#include "kernels.h"

#include <math.h>

void pk_particles_face(pk_particle_t *particles, int32_t count)
{
    for (int32_t i = 0; i < count; i++) {
        particles[i].cosine = cos(particles[i].yaw_rad);
        particles[i].sine = sin(particles[i].yaw_rad);
    }
}

void pk_particles_move(pk_particle_t *particles, int32_t count, double dx_m, double dy_m, double dyaw_rad,
                       const double *normals, double sigma_forward_m, double sigma_side_m,
                       double sigma_yaw_rad)
{
    for (int32_t i = 0; i < count; i++) {
        pk_particle_t *p = particles + i;
        const double *n = normals + 3 * (size_t)i;
        double forward = dx_m + sigma_forward_m * n[0];
        double side = dy_m + sigma_side_m * n[1];
        p->x_m += p->cosine * forward - p->sine * side;
        p->y_m += p->sine * forward + p->cosine * side;
        p->yaw_rad += dyaw_rad + sigma_yaw_rad * n[2];
    }
    pk_particles_face(particles, count);
}

#define FARTHEST 1e9 /* cells from the map at which a particle is nowhere; whole numbers hold twice as much */

/* Particles that are kept at hand, beams whose cells are numbered at once, and beams that are kept: whole lanes. */
enum { SOME = 64, LANES = 20, BEAMS = 3 * LANES };

_Static_assert(BEAMS % LANES == 0, "the last lanes of the beams that are kept are read whole");

/* Some beams, in metres; what is not one is 0, and numbered with the last ones. */
typedef struct {
    double x[BEAMS], y[BEAMS];
    int32_t count;
} fan_t;

static fan_t fan_of(const double *ends, int32_t count)
{
    fan_t fan = {{0.0}, {0.0}, count < BEAMS ? count : BEAMS};
    for (int32_t i = 0; i < fan.count; i++) {
        fan.x[i] = ends[2 * i];
        fan.y[i] = ends[2 * i + 1];
    }
    return fan;
}

/* Where a particle is and looks, in cells of the map, with one added to its place. */
typedef struct {
    double x, y, cosine, sine;
} view_t;

static view_t view_of(const pk_particle_t *particle, const pk_grid_t *map)
{
    const double scale = 1.0 / map->resolution_m;
    const double x = (particle->x_m - map->x_m) * scale + 1.0, y = (particle->y_m - map->y_m) * scale + 1.0;
    if (fabs(x) < FARTHEST && fabs(y) < FARTHEST) { /* not true of nan */
        return (view_t){x, y, particle->cosine * scale, particle->sine * scale};
    }
    return (view_t){-1.0, -1.0, 0.0, 0.0};
}

/* Add the matches of `count` cells to a sum; a cell off the map counts `log_floor`. */
static inline double with_matches(double sum, const pk_grid_t *map, const uint32_t *column, const uint32_t *row,
                                  int32_t count, double log_floor)
{
    const uint32_t columns = (uint32_t)map->columns, rows = (uint32_t)map->rows;
    for (int32_t i = 0; i < count; i++) {
        const int on_map = column[i] < columns && row[i] < rows;
        sum += on_map ? (double)map->cells[(size_t)row[i] * columns + column[i]] : log_floor;
    }
    return sum;
}

/* Add what beams fit, seen from one particle. The cast rounds towards zero; with the one that was added, all before
 * the grid has a number below 0, which is large as an unsigned one. Cells are numbered in loops of a fixed length,
 * which a compiler turns into vectors. */
static double with_beams(double sum, const view_t *view, const fan_t *fan, const pk_grid_t *map, double log_floor)
{
    for (int32_t first = 0; first < fan->count; first += LANES) {
        const double *x = fan->x + first, *y = fan->y + first;
        uint32_t column[LANES], row[LANES];
        for (int32_t i = 0; i < LANES; i++) {
            column[i] = (uint32_t)(int32_t)(view->x + view->cosine * x[i] - view->sine * y[i]) - 1u;
        }
        for (int32_t i = 0; i < LANES; i++) {
            row[i] = (uint32_t)(int32_t)(view->y + view->sine * x[i] + view->cosine * y[i]) - 1u;
        }
        const int32_t left = fan->count - first;
        sum = left >= LANES ? with_matches(sum, map, column, row, LANES, log_floor)
                            : with_matches(sum, map, column, row, left, log_floor);
    }
    return sum;
}

double pk_particles_weigh(const pk_particle_t *particles, int32_t count, const double *ends, int32_t end_count,
                          const pk_grid_t *log_match, double log_floor, double *weights)
{
    double most = -INFINITY;
    double sum = 0.0;
    double squares = 0.0;
    for (int32_t first = 0; first < count; first += SOME) {
        const int32_t these = count - first < SOME ? count - first : SOME;
        view_t views[SOME];
        double fits[SOME];
        for (int32_t i = 0; i < these; i++) {
            views[i] = view_of(particles + first + i, log_match);
            fits[i] = 0.0;
        }
        for (int32_t beam = 0; beam < end_count; beam += BEAMS) {
            const fan_t fan = fan_of(ends + 2 * (size_t)beam, end_count - beam);
            for (int32_t i = 0; i < these; i++) {
                fits[i] = with_beams(fits[i], &views[i], &fan, log_match, log_floor);
            }
        }
        for (int32_t i = 0; i < these; i++) {
            weights[first + i] = log(weights[first + i]) + fits[i];
            most = weights[first + i] > most ? weights[first + i] : most;
        }
    }
    for (int32_t i = 0; i < count; i++) {
        weights[i] = exp(weights[i] - most);
        sum += weights[i];
    }
    for (int32_t i = 0; i < count; i++) {
        weights[i] /= sum;
        squares += weights[i] * weights[i];
    }
    return 1.0 / squares;
}

void pk_particles_resample(const pk_particle_t *particles, double *weights, int32_t count, double offset,
                           pk_particle_t *drawn)
{
    double step = 1.0 / count;
    double sum = weights[0];
    int32_t from = 0;
    for (int32_t i = 0; i < count; i++) {
        double pointer = (i + offset) * step;
        while (pointer > sum && from < count - 1) {
            sum += weights[++from];
        }
        drawn[i] = particles[from];
    }
    for (int32_t i = 0; i < count; i++) {
        weights[i] = step;
    }
}

void pk_particles_mean(const pk_particle_t *particles, const double *weights, int32_t count, double *mean)
{
    double x = 0.0;
    double y = 0.0;
    double cosine = 0.0;
    double sine = 0.0;
    double square = 0.0;
    for (int32_t i = 0; i < count; i++) {
        x += weights[i] * particles[i].x_m;
        y += weights[i] * particles[i].y_m;
        cosine += weights[i] * particles[i].cosine;
        sine += weights[i] * particles[i].sine;
    }
    for (int32_t i = 0; i < count; i++) {
        double dx = particles[i].x_m - x;
        double dy = particles[i].y_m - y;
        square += weights[i] * (dx * dx + dy * dy);
    }
    double length = sqrt(cosine * cosine + sine * sine);
    mean[0] = x;
    mean[1] = y;
    mean[2] = atan2(sine, cosine);
    mean[3] = sqrt(square);
    mean[4] = length > 1e-6 ? sqrt(-2.0 * log(length < 1.0 ? length : 1.0)) : 3.141592653589793;
}

int32_t pk_count_fits(const uint8_t *fits, int32_t rows, int32_t columns, double resolution_m, double x_m, double y_m,
                      const double *ends, int32_t end_count, double pose_x_m, double pose_y_m, double pose_yaw_rad)
{
    const double cosine = cos(pose_yaw_rad), sine = sin(pose_yaw_rad);
    int32_t count = 0;
    for (int32_t i = 0; i < end_count; i++) {
        const double x = cosine * ends[2 * i] - sine * ends[2 * i + 1] + pose_x_m;
        const double y = sine * ends[2 * i] + cosine * ends[2 * i + 1] + pose_y_m;
        const double u = (x - x_m) / resolution_m, v = (y - y_m) / resolution_m;
        if (u >= 0.0 && v >= 0.0 && u < columns && v < rows) {
            count += fits[(int32_t)v * columns + (int32_t)u];
        }
    }
    return count;
}
