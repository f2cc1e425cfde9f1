/* Shapes and functions of the simulator's kernels. sim/car_structs.py and sensor_structs.py mirror them;
 * sim/native.py compares the sizes when it loads the library.
 *
 * SI units; poses are {x, y, yaw} in the map frame; the body frame is base_link (x forward, y left).
 * The caller owns all memory. Nothing here reads a clock or draws a random number: noise comes in as arrays. */
#ifndef SIM_PLANT_H
#define SIM_PLANT_H

#include <stdint.h>

enum { SIM_WHEELS = 4, SIM_OCV_POINTS = 11, SIM_SONARS = 8 };

/* ------------------------------------------------------------------ world */

/* A piece of floor that differs from the rest. NAN: in this it does not differ. */
typedef struct {
    const double *corners;   /* x, y of each, any simple polygon */
    double low[2], high[2];  /* the box around them */
    double friction;         /* between tyre and floor */
    double slip;             /* share of the rim's travel that is lost here */
    double grade[2];         /* of a ramp: how much it rises per metre along x and along y */
    int32_t count;
    int32_t hole;            /* 1: there is no floor, 0: there is, below 0: it does not say */
} sim_patch_t;

/* The floor: pieces, of which the last one that differs counts, and paint. */
typedef struct {
    const sim_patch_t *patches;
    const uint8_t *paint;   /* 0 black to 255 white, row 0 at the lowest y; NULL for none */
    double paint_x_m, paint_y_m, paint_cell_m;
    int32_t n_patches;
    int32_t paint_rows, paint_columns;
    int32_t bare;           /* how bright the floor is outside the paint */
} sim_floor_t;

/* The floor in one place. */
typedef struct {
    double friction, slip, grade[2];
    int32_t hole;
} sim_ground_t;

/* What stands still: a grid whose cells are solid, hold pieces of wall, or are free. */
typedef struct {
    double origin_x_m, origin_y_m; /* lower left corner of cell (0, 0) */
    double cell_m, per_m;          /* side of a cell, and cells per metre */
    int32_t rows, columns;
    const uint8_t *reach;   /* four planes of cells, for what goes down and left, down and right, up and left, up and right:
                             * 0 solid, 1 holds segments, v >= 2: v - 1 columns and rows that way, with its own, are free */
    const int32_t *first;   /* per cell, and one more: where its segments start in member; NULL without segments */
    const int32_t *member;  /* numbers of segments, cell after cell */
    const double *segments; /* x1 y1 x2 y2 */
    const sim_floor_t *floor; /* NULL for an even floor everywhere */
    const struct sim_material *materials; /* NULL: everything is bright to light and hard to sound */
    const uint8_t *material_of; /* which of them each segment is made of */
} sim_world_t;

/* What a wall is made of. The usual wall has lidar 0.7, passes 0, mirrors 0, sonar 1, rough 0. */
typedef struct sim_material {
    double lidar;   /* share of the light that comes back; data sheets are for 0.7 or 0.8 */
    double passes;  /* share of the beams that go through, as through glass; square ones come back */
    double mirrors; /* share of the beams that are reflected like in a mirror */
    double sonar;   /* how far sound is heard back, over a hard wall: curtains 0.3 */
    int32_t rough;  /* not 0: sound comes back at every angle */
    int32_t unused;
} sim_material_t;

/* Where a ray ended. */
typedef struct {
    double cosine; /* of the angle of incidence on a wall; 1 on solid cells and discs */
    int32_t wall;  /* number of the segment, SIM_SOLID or SIM_DISC */
    int32_t unused;
} sim_hit_t;

enum { SIM_SOLID = -1, SIM_DISC = -2 };

/* The outline of the car in base_link. */
typedef struct {
    double front_m, rear_m, half_width_m;
} sim_outline_t;

/* Return the floor in one place; friction is what holds where no patch differs. floor may be NULL. */
sim_ground_t sim_floor_at(const sim_floor_t *floor, double x_m, double y_m, double friction);

/* Fill the four planes of reach from solid (1 = solid) and first (may be NULL). */
void sim_reach(int32_t rows, int32_t columns, const uint8_t *solid, const int32_t *first, uint8_t *reach);

/* Cast one ray from (x, y) along the unit vector (dx, dy). Returns the distance to the first wall, solid cell
 * or disc (n_discs times x, y, radius), INFINITY when nothing is nearer than limit_m. hit may be NULL. */
double sim_cast_ray(const sim_world_t *world, int32_t n_discs, const double *discs, const double ray[4],
                    double limit_m, sim_hit_t *hit);

/* Rays from about the same place, all within an angle of the same way. */
typedef struct {
    double x, y, way_x, way_y;
    double half_rad;
    double stray_m; /* how far from (x, y) they may begin */
} sim_fan_t;

enum { SIM_FAN_DISCS = 32, SIM_FAN_NUMBERS = 3 * SIM_FAN_DISCS };

/* Return the discs that a fan of rays may meet, and how many in n_discs: copied to kept, or all if they are too many. */
const double *sim_discs_ahead(const sim_fan_t *fan, int32_t *n_discs, const double *discs, double kept[SIM_FAN_NUMBERS]);

/* Return what a segment is made of. */
sim_material_t sim_material_at(const sim_world_t *world, int32_t wall);

/* Cast n rays (x, y, dx, dy each); cosine may be NULL. */
void sim_cast(const sim_world_t *world, int32_t n_discs, const double *discs, int32_t n, const double *rays,
              double limit_m, double *distance_m, double *cosine);

/* Return the gap between the outline at pose and the nearest wall or solid cell: 0 when they overlap,
 * cutoff_m when nothing is nearer. nearest (may be NULL) receives the nearest point in base_link. */
double sim_clearance(const sim_world_t *world, const sim_outline_t *outline, const double pose[3],
                     double cutoff_m, double *nearest);

/* Return the distance from a point to the nearest wall or solid cell and that nearest point;
 * cutoff_m when nothing is nearer, and nearest is then left alone. */
double sim_point_clearance(const sim_world_t *world, double x_m, double y_m, double cutoff_m, double nearest[2]);

/* A pose for who looks from it often. */
typedef struct {
    double x, y, cosine, sine;
} sim_frame_t;

sim_frame_t sim_frame_at(const double pose[3]);

/* Return the signed gap between the outline at pose and a disc; negative when they overlap.
 * nearest (may be NULL) receives the point of the outline next to the disc, in base_link. */
double sim_disc_gap(const sim_outline_t *outline, const double pose[3], const double disc[3], double *nearest);

/* The same from a frame. */
double sim_disc_gap_from(const sim_outline_t *outline, const sim_frame_t *frame, const double disc[3], double *nearest);

/* ------------------------------------------------------------------ drive */

/* A DC motor with its gear, seen at the wheel. */
typedef struct {
    double resistance_ohm;
    double volt_s_per_rad;   /* back-EMF at the wheel */
    double nm_per_amp;       /* torque at the wheel */
    double inertia_kgm2;     /* rotor, wheel and the wheel's share of the car */
    double own_inertia_kgm2; /* rotor and wheel only: what a wheel without grip speeds up */
    double coulomb_nm;       /* friction while turning */
    double stiction_nm;      /* friction at rest */
    double viscous_nms;      /* friction per speed, above zero */
    double dead_duty;        /* below it the bridge gives nothing */
} sim_motor_t;

/* Three cells in series: open-circuit voltage over charge, a resistance and one RC pair. */
typedef struct {
    double ocv_v[SIM_OCV_POINTS]; /* at charge 0, 0.1 ... 1 */
    double capacity_as;
    double resistance_ohm;
    double rc_ohm, rc_s;
    double idle_a;      /* the electronics */
    double charge;      /* 0 to 1 */
    double rc_v;        /* over the RC pair */
    double terminal_v;
    double current_a;   /* out of the battery, mean of the last step */
    double drawn_as;    /* charge drawn since the start */
    double charger_a;   /* what a charger gives at most; 0 for none */
} sim_battery_t;

/* The turning wheels: front left, front right, rear left, rear right; two wheels use the first two. */
typedef struct {
    double speed_radps[SIM_WHEELS];
    double angle_rad[SIM_WHEELS];
    double turned_rad[SIM_WHEELS]; /* in the last step */
    double current_a[SIM_WHEELS];  /* of the motor, mean of the last step */
    double load_nm[SIM_WHEELS];    /* outer friction */
    double floor_mps[SIM_WHEELS];  /* what a wheel without grip does to the floor: its share of the car's speed */
    double floor_m[SIM_WHEELS];    /* travel over the floor in the last step, before slip */
    double slip[SIM_WHEELS];       /* share of the travel that the floor here swallows */
    double scrub_nm[SIM_WHEELS];   /* torque on a wheel that the others drag over the floor */
    int32_t sliding[SIM_WHEELS];   /* not 0: without grip */
    int32_t wheels;
    int32_t unused;
} sim_wheels_t;

/* Advance one motor by dt_s at a constant voltage; exact, split where the wheel changes its sense.
 * bridge_on 0 means the winding is open. load_nm is friction from outside, outer_nm a torque from outside. */
void sim_motor_step(const sim_motor_t *motor, double volts, int32_t bridge_on, double load_nm, double outer_nm,
                    double dt_s, double *speed_radps, double *angle_rad);

/* Draw current_a for dt_s; updates charge, RC pair and terminal voltage, exactly for a constant current. */
void sim_battery_step(sim_battery_t *battery, double current_a, double dt_s);

/* Return what the charger gives now, to the battery and to a load: constant current, then constant voltage. */
double sim_battery_charging(const sim_battery_t *battery, double load_a);

/* Return the open-circuit voltage at the present charge. */
double sim_battery_ocv(const sim_battery_t *battery);

/* ---------------------------------------------------------------- vehicle */

enum { SIM_DIFFERENTIAL = 0, SIM_SKID = 1, SIM_MECANUM = 2, SIM_ACKERMANN = 3 };

/* Wheels and outline. The order of the wheels is that of sim_wheels_t; an Ackermann car drives the rear axle, its
 * left wheel and its right one, and one_motor drives both through an open differential. */
typedef struct {
    sim_outline_t outline;
    double track_m;             /* of a skid car the effective one, wider than it is built */
    double wheelbase_m;         /* Ackermann */
    double at_m[SIM_WHEELS][2]; /* where each wheel touches the floor, base_link */
    double rolls[SIM_WHEELS][3]; /* rim speed of a wheel that neither slips nor scrubs, per vx, vy and turn */
    double motion[3][SIM_WHEELS]; /* mecanum: how the body moves per floor travel */
    double share_kg[SIM_WHEELS]; /* of the car on each wheel */
    double friction;            /* between tyre and floor where the floor is even */
    double radius_m[SIM_WHEELS];
    double slip[SIM_WHEELS];    /* share of the rim's travel that does not reach the floor */
    double ticks_per_turn;
    double grip_nm;             /* friction of a wheel that turns on the spot against a wall */
    double bumper_travel_m;
    int32_t kind;
    int32_t one_motor;
} sim_chassis_t;

/* The servo that turns the front wheels of an Ackermann car. */
typedef struct {
    double angle_rad;     /* of a wheel in the middle of the axle, counter-clockwise */
    double rate_radps;
    double dead_band_rad; /* it does not move for less */
    double trim_rad;      /* how far it stands aside when it is told 0 */
    double limit_rad;     /* where the linkage ends */
    int32_t jammed;       /* not 0: it stays where it is */
    int32_t unused;
} sim_steering_t;

/* Where the car is and what it touched. */
typedef struct {
    double pose[3];
    double previous[3];      /* pose one step ago */
    double travel_m;         /* signed travel of base_link in the last step */
    double aside_m;          /* the same to the left */
    double turned_rad;       /* turn in the last step */
    double speed_mps;        /* at the end of the last step; 0 while blocked */
    double aside_mps;        /* to the left: driven by mecanum wheels, or drifting in a bend too fast */
    double accel_mps2;       /* forward, mean of the last step */
    double aside_mps2;
    double grade[2];         /* of the floor below, along x and along y of base_link */
    double distance_m;       /* driven, forwards and backwards */
    double free_m;           /* lower bound of the gap to what stands still */
    double clearance_m;      /* smallest gap to what stands still since the start */
    double person_m;         /* smallest gap to a person while moving, since the start */
    int32_t ticks[SIM_WHEELS];
    int32_t blocked;         /* the last step's motion was cut short */
    int32_t at_wall, at_person; /* an episode of contact lasts */
    int32_t wall_hits, person_hits, standing_touches;
    int32_t bumpers, wall_bumpers; /* pressed; pressed by what stands still */
    int32_t fallen;          /* a wheel went over an edge: the car does not move any more */
    int32_t unused;
} sim_body_t;

typedef struct {
    sim_motor_t motors[SIM_WHEELS];
    sim_battery_t battery;
    sim_wheels_t wheels;
    sim_chassis_t chassis;
    sim_steering_t steering;
    sim_body_t body;
} sim_car_t;

/* Turn the wheels for dt_s: motors, grip, battery. */
void sim_wheels_step(sim_car_t *car, const sim_floor_t *floor, const int16_t *duty_permille, int bridge_on,
                     double dt_s);

/* Turn the front wheels for dt_s towards a command. Returns their mean angle. */
double sim_steering_step(sim_steering_t *steering, double command_rad, double dt_s);

/* Return in motion how far the wheels' travel takes the body along x, along y and round, and note the scrub. */
void sim_motion(sim_car_t *car, const sim_floor_t *floor, double steer_rad, double dt_s, double motion[3]);

/* Return the forward speed that the turning wheels give the body. */
double sim_forward_mps(const sim_car_t *car);

/* Return the pose after a motion at constant velocities: along x, along y and round, all in the frame of the car. */
void sim_arc(const double from[3], const double motion[3], double to[3]);

/* Look around once at the start pose: clearance, bumpers, contacts. */
void sim_car_place(sim_car_t *car, const sim_world_t *world, int32_t n_discs, const double *discs);

/* Advance motors, battery and body by dt_s with the duties (permille) and the steering angle (mrad, may be NULL) of
 * the controller. ticks_out receives
 * the encoder counts, bumpers_out the pressed bumpers (bits 0-3 front, 4-7 rear, left to right). */
void sim_car_step(sim_car_t *car, const sim_world_t *world, int32_t n_discs, const double *discs,
                  const int16_t *duty_permille, const int16_t *steer_mrad, const uint8_t *enable, double dt_s,
                  int32_t *ticks_out, uint8_t *bumpers_out);

/* ---------------------------------------------------------------- sensors
 *
 * Noise is drawn outside, in blocks of rows; each sensor keeps the address of its block, and a step says
 * which row is its own. */

enum { SIM_SONAR_CYCLE = 16 };

/* An inertial sensor: what it adds to the truth, per channel (accel x y z, gyro x y z). */
typedef struct {
    double white[6];       /* standard deviation of one sample */
    double walk[6];        /* standard deviation of the bias's step from sample to sample */
    double bias[6];
    double scale[6];       /* 1 for none */
    double gravity_mps2;
    double lift[2];        /* as if the floor rose so much per metre along x and along y */
    double accel_limit, gyro_limit; /* m/s2 and rad/s at which it saturates */
    double period_s;
    const double *noise;   /* rows of 12 standard normals: white, then walk */
} sim_imu_t;

/* Take one sample, in wire units. */
void sim_imu_step(sim_imu_t *imu, const sim_body_t *body, int32_t row, int16_t *accel_mmps2, int16_t *gyro_500urad);

/* Ultrasonic range sensors. */
typedef struct {
    double mounts[SIM_SONARS][3];
    double scale[SIM_SONARS]; /* 1 for none: the speed of sound is not what the sensor takes it for */
    double half_cone_rad;
    double min_cosine;        /* of the incidence below which the echo is lost */
    double range_min_m, range_max_m;
    double sigma_m;
    double distance_m[SIM_SONARS]; /* the newest, before noise; INFINITY without echo */
    const double *noise;           /* rows of 8 standard normals */
    const double *chance;          /* rows of 8 numbers in 0 .. 1; NULL without crosstalk */
    double crosstalk;              /* chance to hear the nearest of the others that fire at the same time */
    double person;                 /* how far people are heard, over a hard wall */
    int32_t rays;
    int32_t cycle_steps;           /* the firing order repeats after so many steps, at most SIM_SONAR_CYCLE */
    uint8_t firing[SIM_SONAR_CYCLE]; /* per step of the cycle: bit set of the sensors that fire */
} sim_sonars_t;

/* Fire the sensors of this step and write the codes of those only. Returns their bit set. */
uint8_t sim_sonar_step(sim_sonars_t *sonars, const sim_world_t *world, int32_t n_discs, const double *discs,
                       const double pose[3], int64_t step, int32_t row, uint16_t *codes);

/* A lidar that turns: its beams are taken one after the other while the car moves. */
typedef struct {
    double mount[3];
    double range_min_m, range_max_m;
    double sigma_m;
    double dropout;         /* share of the beams that are lost */
    double *distance_m;     /* per beam of the turn, before noise; INFINITY without echo */
    uint16_t *codes;        /* per beam of the turn */
    const double *ways;     /* per beam of the turn: its unit vector in base_link */
    const double *noise;    /* rows of row_beams standard normals */
    const double *chance;   /* rows of row_beams numbers in 0 .. 1 */
    int64_t taken;          /* beams since the start */
    int64_t sent;           /* pieces of a turn that were handed over since then */
    int64_t whole_at;       /* so many beams must have been taken for the next one to be whole */
    int32_t beams, turn_us, period_us, row_beams;
    int32_t beam_us;        /* from beam to beam, as it is told */
    int32_t unused;
} sim_lidar_t;

/* Cast the beams that are due in step number `step`, in which the car moves from one pose to the next.
 * Beam n since the start is taken at n * turn_us / beams. */
void sim_lidar_step(sim_lidar_t *lidar, const sim_world_t *world, int32_t n_discs, const double *discs,
                    const double from[3], const double to[3], int64_t step, int32_t row);

/* Infrared triangulation: a voltage that falls with the distance, read by a converter and turned back. */
typedef struct {
    double mounts[SIM_SONARS][3];
    double volts_per_m_inverse, volts_far; /* volts = this / distance + that, beyond peak_m */
    double peak_m;                 /* nearer than this the voltage falls again: near things look far */
    double range_min_m, range_max_m;
    double sigma_v;
    double step_v;                 /* of the converter */
    double distance_m[SIM_SONARS]; /* the newest, before noise; INFINITY for nothing */
    const double *noise;           /* rows of 8 standard normals */
    int32_t period_steps;
    uint8_t slots[4];              /* slots[0]: bit set of the places in RANGES that are theirs */
} sim_infrared_t;

/* Measure when it is time, and write the codes of the places that are theirs. Returns their bit set. */
uint8_t sim_infrared_step(sim_infrared_t *infrared, const sim_world_t *world, int32_t n_discs, const double *discs,
                          const double pose[3], int64_t step, int32_t row, uint16_t *codes);

/* Sensors that look down for the floor. */
typedef struct {
    double at_m[8][2];   /* base_link; bits 0 to 3 front, 4 to 7 rear */
    int32_t fitted;      /* bit set */
    int32_t blind_level; /* infrared ones take paint darker than this for no floor; 0 for none */
} sim_cliffs_t;

/* Return the bit set of the sensors below which there is no floor. */
uint8_t sim_cliff_step(const sim_cliffs_t *cliffs, const sim_floor_t *floor, const double pose[3]);

/* A row of cells that look at the paint. */
typedef struct {
    double at_m[8][2];
    double gain[8];      /* 1 for none: cells are not alike */
    double spot_m;       /* radius of what a cell sees */
    double sigma;        /* in levels */
    const double *noise; /* rows of 8 standard normals */
    int32_t cells;
    int32_t unused;
} sim_line_t;

/* Read every cell: 0 black to 255 white. */
void sim_line_step(const sim_line_t *line, const sim_floor_t *floor, const double pose[3], int32_t row,
                   uint8_t *levels);

/* Return how bright the floor is in one place. */
double sim_paint_at(const sim_floor_t *floor, double x_m, double y_m);

/* Contacts of a charging dock. */
typedef struct {
    const double *docks; /* x, y and heading of a car that stands in each */
    double reach_m, reach_rad; /* how far aside the contacts still touch */
    double gives_a;
    int32_t n_docks;
    int32_t dead;        /* not 0: no power in it */
} sim_charger_t;

/* Return 1 when the car stands in a dock, and let it charge. */
uint8_t sim_charger_step(const sim_charger_t *charger, const double pose[3], sim_battery_t *battery);

/* The battery gauge. */
typedef struct {
    double voltage_sigma_v, current_sigma_a;
    const double *noise; /* rows of 2 standard normals */
} sim_gauge_t;

/* Read the battery, in wire units. */
void sim_gauge_step(const sim_gauge_t *gauge, const sim_battery_t *battery, int32_t row, uint16_t *millivolts,
                    int16_t *milliamperes, uint8_t *percent);

/* ------------------------------------------------------------ all together */

/* Everything that a control period moves, and the fields of the controller's port that it reads and writes. */
typedef struct {
    sim_car_t *car;
    const sim_world_t *world;
    const double *discs;     /* people near the car */
    sim_imu_t *imu;
    sim_sonars_t *sonars;
    sim_lidar_t *lidar;      /* NULL for none */
    sim_gauge_t *gauge;
    sim_infrared_t *infrared; /* these four: NULL for none */
    const sim_cliffs_t *cliffs;
    const sim_line_t *line;
    const sim_charger_t *charger;
    const int16_t *duty_permille;
    const int16_t *steer_mrad;
    const uint8_t *enable;
    uint32_t *now_us;        /* the controller's own clock */
    int32_t *ticks;
    int16_t *accel_mmps2, *gyro_500urad;
    uint16_t *range_mm;
    uint16_t *battery_mv;
    int16_t *current_ma;
    uint8_t *range_fresh, *bumpers, *charge_percent;
    uint8_t *cliff_bits, *line_levels, *plugged;
    double period_s;
    int32_t n_discs;
    int32_t noise_rows;
} sim_plant_t;

/* One control period, up to now_us on the controller's clock: motors and body move, then every sensor looks. */
void sim_plant_step(sim_plant_t *plant, int64_t step, uint32_t now_us);

/* ----------------------------------------------------------------- people */

typedef struct {
    double x_m, y_m, vx_mps, vy_mps;
    double radius_m, speed_mps, pause_s;
    double waiting_s;  /* left of the pause at a stop */
    double hindered_s; /* how long the car has been in the way */
    double give_way_m, halt_m; /* gap to the car at which they begin to slow down, and at which they stand */
    double draw_mps2, draw_m;  /* pull towards the car, negative for away, and the gap within which it pulls */
    int32_t first, stops;  /* the route: stops[first .. first + stops - 1] */
    int32_t next, onward;  /* stop being walked to, and +1 or -1 around the route, which is a ring */
} sim_person_t;

/* Who stands on which square of floor. The caller owns the arrays: head has `buckets` places, a power of two; the
 * others have one per person. */
typedef struct {
    double square_m;
    int32_t *head, *next, *column, *row;
    int32_t buckets;
} sim_crowd_t;

/* Note where everybody stands, on squares of this width. */
void sim_crowd_note(sim_crowd_t *crowd, const sim_person_t *people, int32_t n, double square_m);

/* Write the numbers of all who stand on the nine squares around person `self`, rising, `self` among them; returns how
 * many, or -1 when there are more than `most`. */
int32_t sim_crowd_near(const sim_crowd_t *crowd, int32_t self, int32_t most, int32_t *near);

/* Everybody who walks. */
typedef struct {
    sim_person_t *people;
    const double *stops; /* x, y pairs of all routes */
    double *discs;       /* x, y, radius of everyone */
    sim_crowd_t *crowd;  /* NULL: everybody is asked whether they are near; the result is the same to the last bit */
    double period_s;
    int32_t n;
    int32_t period_steps; /* they move every so many control periods */
} sim_walkers_t;

/* Advance all people by one period of theirs. */
void sim_people_step(const sim_walkers_t *walkers, const sim_world_t *world, const sim_outline_t *outline,
                     const double pose[3]);

/* Copy the discs whose rim is nearer than reach_m; returns how many. */
int32_t sim_near(int32_t n, const double *discs, double x_m, double y_m, double reach_m, double *near);

/* Return the size of a struct: 0 world, 1 car, 2 imu, 3 sonars, 4 lidar, 5 gauge, 6 plant, 7 person,
 * 8 patch, 9 floor, 10 material, 11 infrared, 12 cliffs, 13 line, 14 charger, 15 crowd, 16 walkers, 17 lockstep;
 * 0 for others. */
uint32_t sim_layout(int32_t which);

#endif
