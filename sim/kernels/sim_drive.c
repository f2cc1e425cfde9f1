/* Motors and battery, exact for a voltage and a current that are constant over the step. */
#include "sim_plant.h"

#include <math.h>

/* Without current and torque a wheel slower than this rests. */
static const double REST_RADPS = 1e-9;

/* The way back to rest: dw/dt = (settled - w) * rate. Returns the time until w is 0, INFINITY for never. */
static double time_to_rest(double w, double settled, double rate) {
    if (w * settled >= 0.0 && settled != 0.0) return INFINITY;
    return settled == 0.0 ? INFINITY : log1p(-w / settled) / rate;
}

void sim_motor_step(const sim_motor_t *motor, double volts, int32_t bridge_on, double load_nm, double outer_nm,
                    double dt_s, double *speed_radps, double *angle_rad) {
    const double pull_nm = (bridge_on ? motor->nm_per_amp * volts / motor->resistance_ohm : 0.0) + outer_nm;
    const double brake = bridge_on ? motor->nm_per_amp * motor->volt_s_per_rad / motor->resistance_ohm : 0.0;
    const double damping = brake + motor->viscous_nms;
    const double rate = damping / motor->inertia_kgm2;
    double left_s = dt_s;
    while (left_s > 0.0) {
        const double w = *speed_radps;
        const int rests = fabs(w) < REST_RADPS;
        if (rests && fabs(pull_nm) <= motor->stiction_nm + load_nm) {
            *speed_radps = 0.0;
            return;
        }
        const double sense = rests ? pull_nm : w;
        const double settled = (pull_nm - copysign(motor->coulomb_nm + load_nm, sense)) / damping;
        const double rest_s = rests ? INFINITY : time_to_rest(w, settled, rate);
        const double span_s = fmin(left_s, rest_s);
        const double decay = expm1(-rate * span_s); /* w' - w over w - settled */
        *angle_rad += settled * span_s - (w - settled) * decay / rate;
        *speed_radps = rest_s <= left_s ? 0.0 : w + (w - settled) * decay;
        left_s -= span_s;
    }
}

double sim_battery_ocv(const sim_battery_t *battery) {
    const double place = fmin(fmax(battery->charge, 0.0), 1.0) * (SIM_OCV_POINTS - 1);
    const int low = place < SIM_OCV_POINTS - 1 ? (int)place : SIM_OCV_POINTS - 2;
    return battery->ocv_v[low] + (place - low) * (battery->ocv_v[low + 1] - battery->ocv_v[low]);
}

double sim_battery_charging(const sim_battery_t *battery, double load_a) {
    if (battery->charger_a <= 0.0) return 0.0;
    const double full_v = battery->ocv_v[SIM_OCV_POINTS - 1];
    const double room_a = (full_v - sim_battery_ocv(battery) - battery->rc_v) / battery->resistance_ohm;
    return fmin(fmax(room_a + load_a, 0.0), battery->charger_a);
}

void sim_battery_step(sim_battery_t *battery, double current_a, double dt_s) {
    const double settled_v = current_a * battery->rc_ohm;
    battery->current_a = current_a;
    battery->drawn_as += current_a * dt_s;
    battery->charge = fmin(fmax(0.0, battery->charge - current_a * dt_s / battery->capacity_as), 1.0);
    battery->rc_v += (battery->rc_v - settled_v) * expm1(-dt_s / battery->rc_s);
    battery->terminal_v = sim_battery_ocv(battery) - current_a * battery->resistance_ohm - battery->rc_v;
}
