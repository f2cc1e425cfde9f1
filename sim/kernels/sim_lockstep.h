/* Plant, people and controller together; sim/sensor_structs.py mirrors the struct. */
#ifndef SIM_LOCKSTEP_H
#define SIM_LOCKSTEP_H

#include "pcp_controller.h"
#include "sim_plant.h"

typedef struct {
    sim_plant_t *plant;
    const sim_walkers_t *walkers;
    double *near;   /* room for everybody: the discs of the plant */
    double reach_m; /* who is farther away does not matter */
    pcp_controller_t *controller;
    const pcp_inputs_t *inputs;
    pcp_outputs_t *outputs;
    pcp_scan_t *scan;
    uint8_t *room;  /* for what the controller sends in SIM_MOST_PERIODS */
    int64_t period_us;
} sim_lockstep_t;

enum { SIM_MOST_PERIODS = 8 };

/* Note the people near enough to matter. */
void sim_list_near(sim_lockstep_t *lockstep);

/* Let people take a step. */
void sim_walk(sim_lockstep_t *lockstep);

/* Write the next piece of a turn that is whole, as the controller is told of it that booted at booted_us. Returns 0
 * when there is none; one that began before the boot is left out. */
int sim_next_scan(sim_lidar_t *lidar, int64_t booted_us, pcp_scan_t *scan);

/* Let the controller read what arrived, and think. Returns how many bytes it sends, at most capacity, into room. */
size_t sim_control(pcp_controller_t *controller, const pcp_inputs_t *inputs, pcp_outputs_t *outputs,
                   const uint8_t *received, size_t n, uint8_t *room, size_t capacity);

/* What a control period is when nobody interferes, `periods` times (at most SIM_MOST_PERIODS) from number `step` on,
 * which begins at now_us: people walk, the plant moves, the lidar's pieces are handed over, the controller thinks. The
 * n bytes arrive in the first one. Returns how many bytes lie in the room then; capacity is what the line takes in each. */
size_t sim_periods(sim_lockstep_t *lockstep, int64_t step, int64_t now_us, int64_t booted_us, int periods,
                   const uint8_t *received, size_t n, size_t capacity);

#endif
