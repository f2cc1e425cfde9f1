/* The heavy half of Monte Carlo localisation. Chance comes in as drawn numbers.
 *
 * Source: Thrun, Burgard, Fox (2005), "Probabilistic Robotics", tables 6.3 (likelihood field) and 4.4
 * (low-variance resampling).
 */
#include "kernels.h"

#include <math.h>
#include <string.h>

void pk_particles_move(double *particles, int32_t count, double dx_m, double dy_m, double dyaw_rad,
                       const double *normals, double sigma_forward_m, double sigma_side_m,
                       double sigma_yaw_rad)
{
    for (int32_t i = 0; i < count; i++) {
        double *p = particles + 3 * (size_t)i;
        const double *n = normals + 3 * (size_t)i;
        double forward = dx_m + sigma_forward_m * n[0];
        double side = dy_m + sigma_side_m * n[1];
        double cosine = cos(p[2]);
        double sine = sin(p[2]);
        p[0] += cosine * forward - sine * side;
        p[1] += sine * forward + cosine * side;
        p[2] += dyaw_rad + sigma_yaw_rad * n[2];
    }
}

static double log_fit(const double *particle, const double *ends, int32_t end_count, const pk_grid_t *log_match,
                      double log_floor)
{
    double scale = 1.0 / log_match->resolution_m;
    double cosine = cos(particle[2]) * scale;
    double sine = sin(particle[2]) * scale;
    double x0 = (particle[0] - log_match->x_m) * scale;
    double y0 = (particle[1] - log_match->y_m) * scale;
    double sum = 0.0;
    for (int32_t i = 0; i < end_count; i++) {
        double u = x0 + cosine * ends[2 * i] - sine * ends[2 * i + 1];
        double v = y0 + sine * ends[2 * i] + cosine * ends[2 * i + 1];
        if (u >= 0.0 && v >= 0.0 && u < log_match->columns && v < log_match->rows) {
            sum += (double)log_match->cells[(int32_t)v * log_match->columns + (int32_t)u];
        } else {
            sum += log_floor;
        }
    }
    return sum;
}

double pk_particles_weigh(const double *particles, int32_t count, const double *ends, int32_t end_count,
                          const pk_grid_t *log_match, double log_floor, double *weights)
{
    double most = -INFINITY;
    double sum = 0.0;
    double squares = 0.0;
    for (int32_t i = 0; i < count; i++) {
        weights[i] = log(weights[i]) + log_fit(particles + 3 * (size_t)i, ends, end_count, log_match, log_floor);
        most = weights[i] > most ? weights[i] : most;
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

void pk_particles_resample(const double *particles, double *weights, int32_t count, double offset, double *drawn)
{
    double step = 1.0 / count;
    double sum = weights[0];
    int32_t from = 0;
    for (int32_t i = 0; i < count; i++) {
        double pointer = (i + offset) * step;
        while (pointer > sum && from < count - 1) {
            sum += weights[++from];
        }
        memcpy(drawn + 3 * (size_t)i, particles + 3 * (size_t)from, 3 * sizeof(double));
    }
    for (int32_t i = 0; i < count; i++) {
        weights[i] = step;
    }
}

void pk_particles_mean(const double *particles, const double *weights, int32_t count, double *mean)
{
    double x = 0.0;
    double y = 0.0;
    double cosine = 0.0;
    double sine = 0.0;
    double square = 0.0;
    for (int32_t i = 0; i < count; i++) {
        const double *p = particles + 3 * (size_t)i;
        x += weights[i] * p[0];
        y += weights[i] * p[1];
        cosine += weights[i] * cos(p[2]);
        sine += weights[i] * sin(p[2]);
    }
    for (int32_t i = 0; i < count; i++) {
        double dx = particles[3 * (size_t)i] - x;
        double dy = particles[3 * (size_t)i + 1] - y;
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
