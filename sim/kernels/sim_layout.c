/* Sizes of the structs, so that the Python side can refuse a library that does not match it. */
#include "sim_lockstep.h"

uint32_t sim_layout(int32_t which) {
    static const uint32_t sizes[] = {
        sizeof(sim_world_t), sizeof(sim_car_t),   sizeof(sim_imu_t),   sizeof(sim_sonars_t),
        sizeof(sim_lidar_t), sizeof(sim_gauge_t), sizeof(sim_plant_t), sizeof(sim_person_t),
        sizeof(sim_patch_t), sizeof(sim_floor_t), sizeof(sim_material_t), sizeof(sim_infrared_t),
        sizeof(sim_cliffs_t), sizeof(sim_line_t), sizeof(sim_charger_t), sizeof(sim_crowd_t),
        sizeof(sim_walkers_t), sizeof(sim_lockstep_t),
    };
    return which >= 0 && which < (int32_t)(sizeof sizes / sizeof sizes[0]) ? sizes[which] : 0;
}
