/* The compiled kernels of patrolcar: searches over grids, rollouts, particle weights.
 *
 * The caller owns all memory. No globals, no heap, no clock, no chance: the same inputs give the same
 * outputs. Grids are row major; row 0 is the lowest y. A cost grid holds the price of one metre in each
 * cell, at least 1; a cell with PK_BLOCKED or more (or nan) cannot be entered.
 */
#ifndef PATROLCAR_KERNELS_H
#define PATROLCAR_KERNELS_H

#include "sample.h"

#include <stddef.h>
#include <stdint.h>

#define PK_BLOCKED 1e30f

/* Results below zero of the searches. */
enum { PK_UNREACHABLE = -1, PK_START_BLOCKED = -2, PK_GOAL_BLOCKED = -3, PK_NO_ROOM = -4 };

/* One cell of a search; valid only while its stamp is the epoch of the search. */
typedef struct {
    double reached; /* cost from the source, in cells */
    int32_t slot;   /* index in the heap, -1 when settled */
    uint32_t stamp; /* epoch << 8 | direction it was reached by */
} pk_node_t;

/* One entry of the heap; `ahead` breaks ties in favour of the cell nearer to the goal. */
typedef struct {
    double key;
    int32_t cell;
    float ahead;
} pk_entry_t;

/* An indexed 4-ary heap over the cells of one grid. */
typedef struct {
    pk_node_t *nodes;
    pk_entry_t *entries;
    int32_t count;
    uint32_t epoch;
} pk_heap_t;

/* Put `cell` into the heap, or lower its key. */
void pk_heap_push(pk_heap_t *heap, int32_t cell, double key, float ahead);

/* Take the entry with the smallest key; the heap must not be empty. Its node is settled. */
pk_entry_t pk_heap_pop(pk_heap_t *heap);

/* Exact Euclidean distance from each cell's centre to the nearest blocked cell's centre, metres;
 * INFINITY when nothing is blocked. `scratch` holds rows * columns + 2 * columns values. */
void pk_distance_transform(const uint8_t *blocked, int32_t rows, int32_t columns, double resolution_m,
                           float *distance_m, int32_t *scratch);

/* Cheapest way from `start` to `goal` with steps to the 8 neighbours; a diagonal step needs both cells
 * beside it free. Writes the cells, start first, and the cost in cells. Returns how many cells. */
int32_t pk_astar(const float *cost, int32_t rows, int32_t columns, int32_t start, int32_t goal,
                 pk_node_t *nodes, pk_entry_t *entries, uint32_t epoch, int32_t *path, int32_t room,
                 double *total);

/* Mark every cell that can be reached from `start` by the rule of pk_astar. Returns how many. */
int32_t pk_flood(const float *cost, int32_t rows, int32_t columns, int32_t start, uint8_t *reached,
                 int32_t *queue);

/* Cost of the straight line between two cell centres, in cells; INFINITY when it touches a blocked cell
 * or passes a corner between two cells of which one is blocked. */
double pk_line_cost(const float *cost, int32_t rows, int32_t columns, int32_t from, int32_t to);

/* Keep only the cells of `path` that straight lines, no dearer than `slack` times the way they replace,
 * cannot leave out. Returns how many cells are left in `kept`. */
int32_t pk_shorten(const float *cost, int32_t rows, int32_t columns, const int32_t *path, int32_t length,
                   double slack, int32_t *kept);

/* Cost to go from every cell to the nearest seed (first-order fast marching: the gradient's length is the
 * cost of the cell), in cells; INFINITY where no seed can be reached. Stops early, leaving INFINITY, once
 * the cost is `beyond` above that of the cell `stop` (-1: never). `room` holds pk_march_room bytes. */
size_t pk_march_room(int32_t rows, int32_t columns);
void pk_cost_to_go(const float *cost, int32_t rows, int32_t columns, const int32_t *seeds,
                   const double *seed_values, int32_t seed_count, void *room, int32_t stop, double beyond,
                   float *to_go);

/* Follow `path` (x, y pairs) from row `first` to before `end` through a square of cells, up to `rim` cells before its
 * edge; the first row counts even outside, as the nearest cell. Returns how many rows that are, and of them the
 * first whose cell is not `reached` (their count when all are) and the last whose cell is (0 when none is). */
int32_t pk_path_reached(const uint8_t *reached, int32_t side, double resolution_m, double x_m, double y_m, int32_t rim,
                        const double *path, int32_t first, int32_t end, int32_t *closed, int32_t *last);

/* Clearance to static things, sampled at each cell of a window: the static grid's value, 0 outside it. */
void pk_window_clearance(const pk_grid_t *fixed, float *window, int32_t rows, int32_t columns,
                         double resolution_m, double x_m, double y_m);

/* Mark the cells of a window that hold one of `points` (x, y first, then `stride` doubles to the next).
 * Returns how many points lie in the window. */
int32_t pk_window_mark(const double *points, int32_t count, int32_t stride, uint8_t *blocked, int32_t rows,
                       int32_t columns, double resolution_m, double x_m, double y_m);

/* Write to `window` the smaller of `fixed` and the distance to the nearest point in a marked cell; one 127 cells away
 * or more counts for nothing. `scratch` holds (rows + 4) * columns + PK_WINDOW_SPARE values. */
enum { PK_WINDOW_SPARE = 64 };
void pk_window_merge(const uint8_t *blocked, const float *fixed, float *window, int32_t rows, int32_t columns,
                     double resolution_m, int16_t *scratch);

/* Turn clearances into the cost of driving there. Up to `solid_m`: blocked. Below `need_m`: `tight`.
 * Then 1 + weight * ((prefer_m - clearance) / prefer_m)^2, and 1 from `prefer_m` on. */
void pk_clearance_cost(const float *clearance_m, int32_t count, double solid_m, double need_m,
                       double prefer_m, double weight, double tight, float *cost);

/* Keep the points of `fresh` (x, y pairs) farther than `apart_m` from everything in `fixed` in `memory`
 * (x, y, seen_s triples), and forget older ones: those that a fresh point behind them proves gone, those in
 * view or where no beam came back after `keep_s`, and those hidden behind something nearer after `hidden_s`.
 * `profile` holds PK_PROFILE floats. Returns the new count, at most `room`. */
enum { PK_PROFILE = 516 };
int32_t pk_remember(double *memory, int32_t count, int32_t room, const double *fresh, int32_t fresh_count,
                    const pk_grid_t *fixed, double apart_m, double sensor_x_m, double sensor_y_m,
                    double now_s, double keep_s, double hidden_s, float *profile);

/* How far a rectangle can drive along the arc of (v, w) before it touches one of `points` (x, y pairs in
 * base_link), as travel of the corner that moves fastest (see pk_rim_speed); INFINITY when nothing is in
 * the way. A point already inside counts as 0 when the motion drives deeper into it and not at all when the
 * motion leaves it; nan counts as 0. Contacts farther than `horizon_m` may be left out. */
double pk_arc_clearance(const double *points, int32_t count, double vx_mps, double wz_radps, double front_m,
                        double rear_m, double half_width_m, double horizon_m);

/* What is seen in base_link: points, and sonars (mounts x, y, yaw) with what they measured and how old it is. */
typedef struct {
    const double *points, *mounts, *ranges_m, *ages_s;
    int32_t points_count, sonars_count;
    double horizon_m, stale_s; /* a sonar counts up to that range and to that age; nan and -inf touch */
} pk_seen_t;

/* Free ways (see pk_arc_clearance) of two rectangles that differ in their half widths. */
void pk_free_ways(const pk_seen_t *seen, double vx_mps, double wz_radps, double front_m, double rear_m,
                  const double half_widths_m[2], double free_m[2]);

/* Speed of the corner that moves fastest; |v| on a straight line. */
double pk_rim_speed(double vx_mps, double wz_radps, double front_m, double rear_m, double half_width_m);

/* Distance from a place to the rim of a polygon (x, y pairs): above 0 inside, below 0 outside. */
double pk_polygon_depth(const double *polygon, int32_t count, double x_m, double y_m);

/* What is fixed in the scoring of rollouts. */
typedef struct {
    double step_s;          /* length of one step */
    int32_t steps;          /* how many of them */
    int32_t rim_count;      /* points on the rim of the footprint */
    const double *rim;      /* x, y pairs in base_link */
    double slack_m;         /* clearance every rim point keeps */
    double inscribed_m;     /* below this clearance of base_link it surely touches */
    double circumscribed_m; /* above this clearance of base_link nothing can touch */
    double accel_mps2;
    double brake_mps2;
    double turn_accel_radps2;
    double delay_s;         /* from a decision to the wheels */
    double easy_m;          /* clearance of the rim from which on nothing is lost */
    double weight_clearance;
    double weight_heading;
    double weight_change;
    double weight_speed;
    double blocked_margin_m; /* what is left before a standing thing after braking */
} pk_rollout_rules_t;

/* Where the car is and what it did last. */
typedef struct {
    double x_m, y_m, yaw_rad;
    double v_mps, w_radps;
    double sent_v_mps, sent_w_radps; /* the command under way */
} pk_motion_t;

/* What became of the best candidate. */
typedef struct {
    int32_t index;      /* -1: none is allowed */
    double score;
    double free_m;      /* way until it would touch */
    double clearance_m; /* smallest clearance of the rim on the way */
    double descent;     /* how far the cost to go falls */
} pk_choice_t;

enum { PK_MOST_STEPS = 64 };

/* Roll every candidate (v, w pairs) out from the delayed state and pick the one with the lowest score, of equals the
 * first. The rules have at most PK_MOST_STEPS steps, and no weight below 0. */
void pk_choose(const pk_rollout_rules_t *rules, const pk_grid_t *clearance, const pk_grid_t *to_go,
               const pk_motion_t *motion, const double *candidates, int32_t count, pk_choice_t *choice);

/* Candidates around one arc: each share of the top speed with each offset of the turn rate, clipped, and a
 * standstill at the end. `candidates` holds 2 * (share_count * offset_count + 1). Returns how many. */
int32_t pk_fan(double top_mps, double curvature, double turn_radps, const double *shares, int32_t share_count,
               const double *offsets, int32_t offset_count, double *candidates);

/* Follow the falling cost to go for `length_m`, in steps of `step_m`; ends early at a seed or where the
 * field ends. Writes where it ends. Returns the length followed. */
double pk_descend(const pk_grid_t *to_go, double x_m, double y_m, double length_m, double step_m,
                  double *end_x_m, double *end_y_m);

/* A pose that the car may have; the cosine and the sine of its yaw are worked out once, when it turns. */
typedef struct {
    double x_m, y_m, yaw_rad, cosine, sine;
} pk_particle_t;

/* Set the cosines and sines by the yaws. */
void pk_particles_face(pk_particle_t *particles, int32_t count);

/* Add `dx, dy, dyaw` (in base_link) and noise to every particle. `normals` holds 3 draws of N(0, 1) for each. */
void pk_particles_move(pk_particle_t *particles, int32_t count, double dx_m, double dy_m, double dyaw_rad,
                       const double *normals, double sigma_forward_m, double sigma_side_m,
                       double sigma_yaw_rad);

/* Weights of particles from beam ends (x, y pairs in base_link): exp of the sum over the beams of
 * `log_match` looked up under each end; `log_floor` outside the grid. Normalised; returns the effective
 * sample size 1 / sum w^2. */
double pk_particles_weigh(const pk_particle_t *particles, int32_t count, const double *ends, int32_t end_count,
                          const pk_grid_t *log_match, double log_floor, double *weights);

/* Low-variance resampling; `offset` in [0, 1) is the one draw it needs. `weights` become equal. */
void pk_particles_resample(const pk_particle_t *particles, double *weights, int32_t count, double offset,
                           pk_particle_t *drawn);

/* Weighted mean (x, y, yaw), spread in metres and spread of the yaw in radians (5 values). */
void pk_particles_mean(const pk_particle_t *particles, const double *weights, int32_t count, double *mean);

/* How many beam ends (x, y pairs in base_link), seen from a pose, lie in a cell that `fits`; the lower left corner of
 * cell (0, 0) is at `x_m`, `y_m`. Ends off the grid fit nothing. */
int32_t pk_count_fits(const uint8_t *fits, int32_t rows, int32_t columns, double resolution_m, double x_m, double y_m,
                      const double *ends, int32_t end_count, double pose_x_m, double pose_y_m, double pose_yaw_rad);

/* The same direction in [-pi, pi). Twin: wrapped() in geometry.py. */
double pk_wrapped(double angle_rad);

/* Drive an arc from a pose (x, y, yaw), along its x axis. Twin: along() in odometry.py. */
void pk_along(double pose[3], double forward_m, double turn_rad);

/* Where the car is since it started, and how it moves. */
typedef struct {
    double pose[3];
    double v_mps, w_radps, distance_m, bias_radps;
    int64_t standing_us;
} pk_odometry_t;

/* What happened between two WHEELS messages. */
typedef struct {
    double left_m, right_m, track_m;
    double rate_radps; /* nan without a gyro */
    int64_t dt_us;
    int stand; /* no wheel has moved */
} pk_rims_t;

/* Distance comes from the wheels, heading from the gyro, whose bias is measured while the car stands; without a gyro
 * the wheels give the heading, too. Arcs are integrated exactly. */
void pk_odometry_step(pk_odometry_t *odometry, const pk_rims_t *rims);

/* A piece of a lidar turn: a pose and the motion of the car near it, and where the lidar sits. */
typedef struct {
    double x_m, y_m, yaw_rad;
    double v_mps, w_radps;
    double first_s, beam_s; /* of the first beam, after the pose; and from beam to beam */
    double mount_x_m, mount_y_m, mount_yaw_rad;
    double bearing_rad, step_rad; /* of the first beam in the lidar's frame, and from beam to beam */
    double range_min_m, range_max_m;
} pk_sweep_t;

/* Write where each beam ended, in the frame of the sweep's pose, each beam at the pose of its own moment on
 * the arc; nan where it saw nothing between the limits. `places` holds 2 * count. */
void pk_place_beams(const float *ranges_m, int32_t count, const pk_sweep_t *sweep, double *places);

/* Move the points (x, y) whose x is not nan by a pose, and return how many there are. `out` holds 2 * count. */
int32_t pk_carry_hits(const double *points, int32_t count, double x_m, double y_m, double yaw_rad, double *out);

/* Those no farther than `within_m` from a pose, which is given in their frame, as seen from it. */
int32_t pk_seen_hits(const double *points, int32_t count, double x_m, double y_m, double yaw_rad, double within_m,
                     double *out);

/* Judge the sectors that a piece of a lidar turn shows, beams `first` and on: `covered` where at least `share` of the
 * beams are broken (nan), clear elsewhere. A sector of which the piece shows fewer than `fewest` beams stays as it is.
 * Returns how many beams are finite, and in `covered_count` how many of all sectors are covered. */
int32_t pk_judge_sectors(const float *ranges_m, int32_t count, int32_t first, int32_t beams_per_turn, int32_t fewest,
                         double share, uint8_t *covered, int32_t sectors, int32_t *covered_count);

/* Judge whether sensors repeat a distance from another place. `memory` holds five numbers of each: what it said (nan
 * for nothing), the pose (x, y, yaw) it said that from first, and 1 when it has said so from more than `moved_m` or
 * `turned_rad` away. Sensors that see nothing are forgotten, those whose bit is not in `fresh` said nothing. Returns
 * the bits of those that repeat themselves. */
uint32_t pk_judge_repeats(const float *distances_m, int32_t count, uint32_t fresh, const double pose[3],
                          double moved_m, double turned_rad, double *memory);

/* Copy `room` of the points (x, y), evenly from the first to the last. */
void pk_thin(const double *points, int32_t count, double *out, int32_t room);

/* The first of the points first .. end - 1 (x, y) that is nearest to a place, and how far away it is; INFINITY
 * without any. */
int32_t pk_nearest(const double *points, int32_t first, int32_t end, double x_m, double y_m, double *away_m);

/* Whether any of the `count` points seen (x, y, when) is nearer than `near_m`, along each axis, to one of the points
 * (x, y) first, first + step ... before `end` of `way`. */
int32_t pk_any_near(const double *seen, int32_t count, const double *way, int32_t first, int32_t end, int32_t step,
                    double near_m);

#endif
