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

enum { SOME = 64 };

/* A few particles in cells of the map, one added to each place, and the sum of what their beams fit. */
typedef struct {
    double x[SOME], y[SOME], cosine[SOME], sine[SOME], sum[SOME];
} some_t;

static void look_from(some_t *some, int32_t at, const pk_particle_t *particle, const pk_grid_t *map)
{
    const double scale = 1.0 / map->resolution_m;
    const double x = (particle->x_m - map->x_m) * scale + 1.0, y = (particle->y_m - map->y_m) * scale + 1.0;
    const int on_earth = fabs(x) < FARTHEST && fabs(y) < FARTHEST; /* no longer true of nan */
    some->x[at] = on_earth ? x : -1.0;
    some->y[at] = on_earth ? y : -1.0;
    some->cosine[at] = on_earth ? particle->cosine * scale : 0.0;
    some->sine[at] = on_earth ? particle->sine * scale : 0.0;
    some->sum[at] = 0.0;
}

/* Add what one beam fits, seen from each of the particles. The cast rounds towards zero; with the one added, all
 * before the grid has a number below 0, which is large as an unsigned one. Cells are numbered in loops of a fixed
 * length of their own, which a compiler turns into vectors. */
static void add_beam(some_t *some, int32_t count, double x, double y, const pk_grid_t *map, double log_floor)
{
    const uint32_t columns = (uint32_t)map->columns, rows = (uint32_t)map->rows;
    int32_t column[SOME], row[SOME];
    for (int32_t i = 0; i < SOME; i++) {
        column[i] = (int32_t)(some->x[i] + some->cosine[i] * x - some->sine[i] * y);
    }
    for (int32_t i = 0; i < SOME; i++) {
        row[i] = (int32_t)(some->y[i] + some->sine[i] * x + some->cosine[i] * y);
    }
    for (int32_t i = 0; i < count; i++) {
        const uint32_t c = (uint32_t)column[i] - 1u, r = (uint32_t)row[i] - 1u;
        some->sum[i] += c < columns && r < rows ? (double)map->cells[(size_t)r * columns + c] : log_floor;
    }
}

double pk_particles_weigh(const pk_particle_t *particles, int32_t count, const double *ends, int32_t end_count,
                          const pk_grid_t *log_match, double log_floor, double *weights)
{
    double most = -INFINITY;
    double sum = 0.0;
    double squares = 0.0;
    some_t some = {{0.0}, {0.0}, {0.0}, {0.0}, {0.0}};
    for (int32_t first = 0; first < count; first += SOME) {
        const int32_t these = count - first < SOME ? count - first : SOME;
        for (int32_t i = 0; i < these; i++) {
            look_from(&some, i, particles + first + i, log_match);
        }
        for (int32_t beam = 0; beam < end_count; beam++) {
            add_beam(&some, these, ends[2 * beam], ends[2 * beam + 1], log_match, log_floor);
        }
        for (int32_t i = 0; i < these; i++) {
            weights[first + i] = log(weights[first + i]) + some.sum[i];
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
