/* Parameters: the fields of pcp_config_t that can be changed over the line.
 *
 * A change is staged first and read back by the host; nothing in the car changes until APPLY_PARAMETERS
 * names the hash of exactly the staged values. Then all of them are put to use, or none: only disarmed, at
 * rest, and only when the car with these values may be driven. */
#include "pcp_parts.h"

typedef struct {
    float low, high;
    uint16_t offset; /* in pcp_config_t */
    uint8_t type;    /* pcp_parameter_type_t */
} row_t;

#define ROW_OF_TABLE(kind, field, low, high, own) \
    {low, high, (uint16_t)offsetof(pcp_config_t, field), PCP_PARAMETER_TYPE_##kind},
static const row_t ROWS[PCP_PARAMETERS] = {PCP_PARAMETER_ROWS(ROW_OF_TABLE)};
#undef ROW_OF_TABLE

enum { CONTRADICTION = 255 };

/* The bits of a float are told by a union: the one way that C allows without a copy by bytes. */
typedef union {
    float number;
    uint32_t bits;
} single_t;

static uint32_t bits_at(const void *field, uint8_t type)
{
    switch (type) {
    case PCP_PARAMETER_TYPE_F32:
        return (single_t){.number = *(const float *)field}.bits;
    case PCP_PARAMETER_TYPE_I16:
        return (uint32_t)(int32_t) * (const int16_t *)field;
    case PCP_PARAMETER_TYPE_U16:
        return *(const uint16_t *)field;
    default:
        return *(const uint32_t *)field;
    }
}

static void put_bits(void *field, uint8_t type, uint32_t bits)
{
    switch (type) {
    case PCP_PARAMETER_TYPE_F32:
        *(float *)field = (single_t){.bits = bits}.number;
        break;
    case PCP_PARAMETER_TYPE_I16:
        *(int16_t *)field = (int16_t)(int32_t)bits;
        break;
    case PCP_PARAMETER_TYPE_U16:
        *(uint16_t *)field = (uint16_t)bits;
        break;
    default:
        *(uint32_t *)field = bits;
        break;
    }
}

uint32_t pcp_parameter_bits(const pcp_config_t *config, unsigned index)
{
    return bits_at((const uint8_t *)config + ROWS[index].offset, ROWS[index].type);
}

static void put_all(pcp_config_t *config, const uint32_t values[PCP_PARAMETERS])
{
    for (unsigned i = 0; i < PCP_PARAMETERS; i++) {
        put_bits((uint8_t *)config + ROWS[i].offset, ROWS[i].type, values[i]);
    }
}

/* Ranges of whole numbers end below 2^24, so a float holds every one of them exactly. */
bool pcp_parameter_fits(unsigned index, uint32_t bits)
{
    const row_t *row = &ROWS[index];
    const int32_t whole = (int32_t)bits;
    const float value = row->type == PCP_PARAMETER_TYPE_F32   ? (single_t){.bits = bits}.number
                        : row->type == PCP_PARAMETER_TYPE_I16 ? (float)whole
                                                              : (float)bits;
    return value >= row->low && value <= row->high; /* false for NaN too */
}

static uint32_t hash_of(const uint32_t values[PCP_PARAMETERS])
{
    uint32_t crc = 0;
    for (unsigned i = 0; i < PCP_PARAMETERS; i++) {
        uint8_t bytes[4];
        pcp_put32(bytes, values[i]);
        crc = pcp_crc32(bytes, sizeof bytes, crc);
    }
    return crc;
}

static void read_all(const pcp_config_t *config, uint32_t values[PCP_PARAMETERS])
{
    for (unsigned i = 0; i < PCP_PARAMETERS; i++) {
        values[i] = pcp_parameter_bits(config, i);
    }
}

uint32_t pcp_parameters_hash(const pcp_config_t *config)
{
    uint32_t values[PCP_PARAMETERS];
    read_all(config, values);
    return hash_of(values);
}

void pcp_parameters_init(pcp_controller_t *ctl)
{
    read_all(&ctl->config, ctl->parameters.own);
    read_all(&ctl->config, ctl->parameters.staged);
}

/* All or nothing. What is derived from the values is derived anew; the pose does not jump, for the odometry
 * keeps its sums and changes only what the next count is worth. */
static bool put_to_use(pcp_controller_t *ctl, const uint32_t values[PCP_PARAMETERS])
{
    pcp_config_t wanted = ctl->config;
    for (unsigned i = 0; i < PCP_PARAMETERS; i++) {
        if (!pcp_parameter_fits(i, values[i])) {
            return false;
        }
    }
    put_all(&wanted, values);
    if (pcp_config_check(&wanted) != PCP_CONFIG_OK) {
        return false;
    }
    ctl->config = wanted;
    pcp_motion_init(ctl);
    pcp_odometry_init(&ctl->odometry, &ctl->config);
    pcp_memory_seal(ctl);
    return true;
}

void pcp_controller_load(pcp_controller_t *ctl, const pcp_flash_t *flash)
{
    uint32_t values[PCP_PARAMETERS];
    pcp_parameters_t *parameters = &ctl->parameters;
    if (!ctl->ready) {
        return;
    }
    pcp_storage_open(&parameters->storage, flash);
    parameters->can_store = true;
    const pcp_stored_t stored = pcp_storage_load(&parameters->storage, PCP_PARAMETER_TABLE, values, PCP_PARAMETERS);
    parameters->lost = stored != PCP_STORED_NOTHING && (stored != PCP_STORED || !put_to_use(ctl, values));
    read_all(&ctl->config, parameters->staged);
}

static void answer(pcp_controller_t *ctl, uint8_t index, pcp_result_t result)
{
    uint8_t payload[PCP_SIZE_PARAM];
    pcp_param_t param = {.parameter = index, .result = (uint8_t)result};
    if (index < PCP_PARAMETERS) {
        param.type = ROWS[index].type;
        param.value = pcp_parameter_bits(&ctl->config, index);
        param.staged = ctl->parameters.staged[index];
    } else {
        param.result = PCP_RESULT_BAD_ARGUMENT;
    }
    (void)pcp_param_pack(&param, payload);
    (void)pcp_line_send(ctl, PCP_ID_PARAM, payload, PCP_RANK_ANSWER);
}

void pcp_parameters_obey_get(pcp_controller_t *ctl, const uint8_t *payload, uint32_t now_us)
{
    pcp_param_get_t get;
    (void)now_us;
    pcp_param_get_unpack(&get, payload);
    answer(ctl, get.parameter, PCP_RESULT_OK);
}

void pcp_parameters_obey_set(pcp_controller_t *ctl, const uint8_t *payload, uint32_t now_us)
{
    pcp_param_set_t set;
    pcp_result_t result = PCP_RESULT_OK;
    (void)now_us;
    pcp_param_set_unpack(&set, payload);
    if (set.session == 0 || set.session != ctl->owner.session) {
        result = PCP_RESULT_WRONG_SESSION;
    } else if (set.parameter >= PCP_PARAMETERS) {
        result = PCP_RESULT_BAD_ARGUMENT;
    } else if (!pcp_parameter_fits(set.parameter, set.value)) {
        result = PCP_RESULT_OUT_OF_RANGE;
    } else {
        ctl->parameters.staged[set.parameter] = set.value;
    }
    if (result != PCP_RESULT_OK) {
        ctl->line.refused++;
    }
    answer(ctl, set.parameter, result);
}

/* Nobody's parameters change under a car that moves, or that may. */
static bool is_quiet(const pcp_controller_t *ctl)
{
    return ctl->safety.state == PCP_STATE_DISARMED && !pcp_motors_enabled(ctl) && ctl->motion.at_rest;
}

pcp_result_t pcp_parameters_apply(pcp_controller_t *ctl, int32_t hash, uint32_t *detail, uint32_t now_us)
{
    const uint32_t staged_hash = hash_of(ctl->parameters.staged);
    if (!is_quiet(ctl)) {
        return PCP_RESULT_DENIED;
    }
    if (staged_hash != (uint32_t)hash) {
        *detail = staged_hash;
        return PCP_RESULT_BAD_ARGUMENT;
    }
    if (!put_to_use(ctl, ctl->parameters.staged)) {
        *detail = CONTRADICTION;
        return PCP_RESULT_OUT_OF_RANGE;
    }
    pcp_line_event(ctl, PCP_SEVERITY_INFO, PCP_EVENT_CODE_PARAMETERS_APPLIED, hash, now_us);
    return PCP_RESULT_OK;
}

static void stage_own(pcp_controller_t *ctl)
{
    for (unsigned i = 0; i < PCP_PARAMETERS; i++) {
        ctl->parameters.staged[i] = ctl->parameters.own[i];
    }
}

static pcp_result_t save(pcp_controller_t *ctl, uint32_t now_us)
{
    uint32_t values[PCP_PARAMETERS];
    pcp_parameters_t *parameters = &ctl->parameters;
    if (!parameters->can_store || (ctl->config.capabilities & PCP_CAPABILITY_STORAGE) == 0) {
        return PCP_RESULT_UNSUPPORTED;
    }
    if (!is_quiet(ctl)) {
        return PCP_RESULT_DENIED;
    }
    read_all(&ctl->config, values);
    if (!pcp_storage_save(&parameters->storage, PCP_PARAMETER_TABLE, values, PCP_PARAMETERS)) {
        return PCP_RESULT_FAILED;
    }
    pcp_line_event(ctl, PCP_SEVERITY_INFO, PCP_EVENT_CODE_PARAMETERS_SAVED, (int32_t)hash_of(values), now_us);
    return PCP_RESULT_OK;
}

pcp_result_t pcp_parameters_command(pcp_controller_t *ctl, pcp_command_t command, uint32_t now_us)
{
    if (command == PCP_COMMAND_SAVE_PARAMETERS) {
        return save(ctl, now_us);
    }
    if (command == PCP_COMMAND_DEFAULT_PARAMETERS) {
        stage_own(ctl);
    } else {
        read_all(&ctl->config, ctl->parameters.staged);
    }
    return PCP_RESULT_OK;
}
