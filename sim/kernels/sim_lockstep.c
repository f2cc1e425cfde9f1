/* Plant, people and controller, period after period. */
#include "sim_lockstep.h"

#include <stddef.h>
#include <string.h>

enum { PIECE_BEAMS = sizeof((pcp_scan_t *)NULL)->ranges / sizeof(uint16_t) };

void sim_list_near(sim_lockstep_t *lockstep) {
    const sim_walkers_t *walkers = lockstep->walkers;
    const double *pose = lockstep->plant->car->body.pose;
    lockstep->plant->n_discs = sim_near(walkers->n, walkers->discs, pose[0], pose[1], lockstep->reach_m, lockstep->near);
}

void sim_walk(sim_lockstep_t *lockstep) {
    const sim_car_t *car = lockstep->plant->car;
    sim_people_step(lockstep->walkers, lockstep->plant->world, &car->chassis.outline, car->body.pose);
    sim_list_near(lockstep);
}

/* The first beam after a piece, since the start. */
static int64_t end_of(const sim_lidar_t *lidar, int64_t piece) {
    const int64_t pieces = (lidar->beams + PIECE_BEAMS - 1) / PIECE_BEAMS;
    const int64_t end = (piece % pieces + 1) * PIECE_BEAMS;
    return piece / pieces * lidar->beams + (end < lidar->beams ? end : lidar->beams);
}

static void fill(const sim_lidar_t *lidar, int64_t piece, int64_t stamp_us, pcp_scan_t *scan) {
    const int64_t pieces = (lidar->beams + PIECE_BEAMS - 1) / PIECE_BEAMS;
    scan->stamp_us = (uint32_t)stamp_us;
    scan->turn = (uint8_t)(piece / pieces);
    scan->first = (uint16_t)(piece % pieces * PIECE_BEAMS);
    scan->beams_per_turn = (uint16_t)lidar->beams;
    scan->beam_us = (uint16_t)lidar->beam_us;
    memcpy(scan->ranges, lidar->codes + scan->first, sizeof scan->ranges);
}

int sim_next_scan(sim_lidar_t *lidar, int64_t booted_us, pcp_scan_t *scan) {
    while (lidar->taken >= lidar->whole_at) {
        const int64_t piece = lidar->sent++, begin = piece > 0 ? end_of(lidar, piece - 1) : 0;
        const int64_t stamp_us = begin * lidar->turn_us / lidar->beams; /* when its first beam was taken */
        lidar->whole_at = end_of(lidar, lidar->sent);
        if (stamp_us < booted_us) continue;
        fill(lidar, piece, stamp_us - booted_us, scan);
        return 1;
    }
    return 0;
}

size_t sim_control(pcp_controller_t *controller, const pcp_inputs_t *inputs, pcp_outputs_t *outputs,
                   const uint8_t *received, size_t n, uint8_t *room, size_t capacity) {
    pcp_controller_receive(controller, received, n, inputs->now_us);
    pcp_controller_step(controller, inputs, outputs);
    return pcp_controller_transmit(controller, room, capacity);
}

size_t sim_periods(sim_lockstep_t *lockstep, int64_t step, int64_t now_us, int64_t booted_us, int periods,
                   const uint8_t *received, size_t n, size_t capacity) {
    sim_plant_t *plant = lockstep->plant;
    size_t sent = 0;
    for (int k = 0; k < periods; k++) {
        if ((step + k) % lockstep->walkers->period_steps == 0) sim_walk(lockstep);
        sim_plant_step(plant, step + k, (uint32_t)(now_us + (k + 1) * lockstep->period_us - booted_us));
        while (plant->lidar != NULL && sim_next_scan(plant->lidar, booted_us, lockstep->scan)) {
            pcp_controller_scan(lockstep->controller, lockstep->scan);
        }
        sent += sim_control(lockstep->controller, lockstep->inputs, lockstep->outputs, received, k == 0 ? n : 0,
                            lockstep->room + sent, capacity);
    }
    return sent;
}
