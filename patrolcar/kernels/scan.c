/* Beams of a lidar that turns while the car drives, as places in the plane. */
#include "kernels.h"

#include <math.h>

void pk_place_beams(const float *ranges_m, int32_t count, const pk_sweep_t *sweep, double *places)
{
    for (int32_t i = 0; i < count; i++) {
        const double range_m = (double)ranges_m[i];
        if (!(range_m >= sweep->range_min_m && range_m <= sweep->range_max_m)) {
            places[2 * i] = places[2 * i + 1] = NAN;
            continue;
        }
        const double t_s = (double)i * sweep->beam_s;
        const double yaw = sweep->yaw_rad + sweep->w_radps * t_s;
        const double middle = 0.5 * (yaw + sweep->yaw_rad);
        const double way_m = sweep->v_mps * t_s;
        const double bearing = yaw + sweep->mount_yaw_rad + sweep->bearing_rad + (double)i * sweep->step_rad;
        const double c = cos(yaw), s = sin(yaw);
        places[2 * i] = sweep->x_m + way_m * cos(middle) + c * sweep->mount_x_m - s * sweep->mount_y_m
                        + range_m * cos(bearing);
        places[2 * i + 1] = sweep->y_m + way_m * sin(middle) + s * sweep->mount_x_m + c * sweep->mount_y_m
                            + range_m * sin(bearing);
    }
}

int32_t pk_carry_hits(const double *points, int32_t count, double x_m, double y_m, double yaw_rad, double *out)
{
    const double c = cos(yaw_rad), s = sin(yaw_rad);
    int32_t hits = 0;
    for (int32_t i = 0; i < count; i++) {
        const double x = points[2 * i], y = points[2 * i + 1];
        if (isnan(x)) {
            continue;
        }
        out[2 * hits] = c * x - s * y + x_m;
        out[2 * hits + 1] = s * x + c * y + y_m;
        hits++;
    }
    return hits;
}
