/* The plant: everything of the car that moves and looks, in one control period. */
#include "sim_plant.h"

#include <stddef.h>

/* What of the car's sensors is optional. */
static void step_extras(sim_plant_t *plant, int64_t step, int32_t row) {
    const double *pose = plant->car->body.pose;
    const sim_floor_t *floor = plant->world->floor;
    if (plant->infrared != NULL) {
        *plant->range_fresh |= sim_infrared_step(plant->infrared, plant->world, plant->n_discs, plant->discs, pose, step,
                                                 row, plant->range_mm);
    }
    if (plant->cliffs != NULL) *plant->cliff_bits = sim_cliff_step(plant->cliffs, floor, pose);
    if (plant->line != NULL) sim_line_step(plant->line, floor, pose, row, plant->line_levels);
    if (plant->charger != NULL) *plant->plugged = sim_charger_step(plant->charger, pose, &plant->car->battery);
}

void sim_plant_step(sim_plant_t *plant, int64_t step, uint32_t now_us) {
    const int32_t row = (int32_t)(step % plant->noise_rows), n = plant->n_discs;
    const sim_body_t *body = &plant->car->body;
    *plant->now_us = now_us;
    sim_car_step(plant->car, plant->world, n, plant->discs, plant->duty_permille, plant->steer_mrad, plant->enable,
                 plant->period_s, plant->ticks, plant->bumpers);
    sim_imu_step(plant->imu, body, row, plant->accel_mmps2, plant->gyro_500urad);
    *plant->range_fresh =
        sim_sonar_step(plant->sonars, plant->world, n, plant->discs, body->pose, step, row, plant->range_mm);
    step_extras(plant, step, row);
    sim_gauge_step(plant->gauge, &plant->car->battery, row, plant->battery_mv, plant->current_ma, plant->charge_percent);
    if (plant->lidar != NULL) {
        sim_lidar_step(plant->lidar, plant->world, n, plant->discs, body->previous, body->pose, step, row);
    }
}
