"""Every message of PCP/1 as a value, in SI units. Generated from protocol.yaml by generate.py; edit that file instead."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import IntEnum, IntFlag
from struct import Struct
from struct import error as StructError
from types import MappingProxyType
from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

MAJOR = 1
MINOR = 0
SCHEMA = 0xb573bebf
MAGIC = 0x52414350

Distances: TypeAlias = NDArray[np.float32]
"""Distances in metres; +inf saw nothing, -inf too close to measure, nan broken (REP-117)."""

_NOTHING = 0xffff
_TOO_CLOSE = 0xfffe
_BROKEN = 0xfffd
_CODE = np.dtype("<u2")
_RANGE_M = (np.arange(65536) * 0.001).astype(np.float32)
_RANGE_M[[_NOTHING, _TOO_CLOSE, _BROKEN]] = np.inf, -np.inf, np.nan
_RANGE_M.setflags(write=False)


def _range_codes(ranges_m: Distances, count: int) -> bytes:
    """Return distances as wire bytes; what lies past the longest distance is nothing seen."""
    if ranges_m.shape != (count,):
        message = f"{count} ranges expected, found an array of shape {ranges_m.shape}"
        raise ValueError(message)
    metres = np.where(np.isfinite(ranges_m), ranges_m, 0.0).astype(np.float64)
    millimetres = np.round(metres * 1000.0)
    codes = np.where(millimetres >= _BROKEN, _NOTHING, np.maximum(millimetres, 0.0)).astype("<u2")
    codes[ranges_m == np.inf] = _NOTHING
    codes[ranges_m == -np.inf] = _TOO_CLOSE
    codes[np.isnan(ranges_m)] = _BROKEN
    return codes.tobytes()


def _does_not_fit(message: object, error: Exception) -> str:
    return f"{message!r} does not fit its frame: {error}"


class Chassis(IntEnum):
    """How the wheels are arranged."""

    DIFFERENTIAL = 0
    SKID = 1
    MECANUM = 2
    ACKERMANN = 3


class TargetKind(IntEnum):
    """What answers on this line."""

    HARDWARE = 0
    SIMULATOR = 1
    EMULATOR = 2


class ResetCause(IntEnum):
    """Why the controller last started."""

    POWER_ON = 0
    PIN = 1
    SOFTWARE = 2
    WATCHDOG = 3
    BROWN_OUT = 4


class State(IntEnum):
    """What the controller lets the motors do. A receiver takes an unknown state for DISARMED."""

    DISARMED = 0
    ARMED = 1
    STOPPED = 2


class Effect(IntEnum):
    """What a cause does to the car."""

    NOTHING = 0
    HOLD = 1
    DISARM = 2
    RAMP = 3
    BRAKE = 4
    CUT = 5


class Cause(IntEnum):
    """Why the car does not drive, or why it was stopped or disarmed."""

    NONE = 0
    HOST_STOP = 1
    BUMPER = 2
    NEAR_RANGE = 3
    UNDERVOLTAGE = 4
    LEASE_EXPIRED = 5
    HOST_SILENT = 6
    RANGE_SILENT = 7
    OVERRUN = 8
    CLIFF = 9
    TILT = 10
    STALL = 11
    ENCODER_DEAD = 12
    ENCODER_SIGN = 13
    WHEEL_MISMATCH = 14
    RUNAWAY = 15
    YAW_MISMATCH = 16
    BATTERY_SENSOR = 17
    CHARGING = 18
    MEMORY = 19
    IMU_SILENT = 20


class Severity(IntEnum):
    """How loud an event is."""

    INFO = 0
    CAUTION = 1
    WARNING = 2


class Command(IntEnum):
    """What CMD asks for."""

    ARM = 1
    DISARM = 2
    CLEAR_STOP = 3
    RESET_ODOMETRY = 4
    SET_STREAM = 5
    APPLY_PARAMETERS = 6
    DISCARD_PARAMETERS = 7
    DEFAULT_PARAMETERS = 8
    SAVE_PARAMETERS = 9


class Result(IntEnum):
    """How the controller answered a CMD."""

    OK = 0
    DENIED = 1
    UNSUPPORTED = 2
    BAD_ARGUMENT = 3
    WRONG_SESSION = 4
    OVER_BUDGET = 5
    OUT_OF_RANGE = 6
    FAILED = 7


class EventCode(IntEnum):
    """What happened, in EVENT."""

    BOOTED = 1
    SESSION_OPENED = 2
    ARMED = 3
    DISARMED = 4
    STOP_LATCHED = 5
    STOP_CLEARED = 6
    LEASE_EXPIRED = 7
    REFLEX = 8
    ARM_REFUSED = 9
    PARAMETERS_APPLIED = 10
    PARAMETERS_SAVED = 11
    PARAMETERS_LOST = 12
    SEAL_REFUSED = 13


class ParameterType(IntEnum):
    """How the 32 bits of a parameter's value are read."""

    F32 = 0
    U16 = 1
    I16 = 2
    U32 = 3


class Quantity(IntEnum):
    """What an ENV message tells. Unknown ones are shown by their number."""

    TEMPERATURE = 0
    HUMIDITY = 1
    PRESSURE = 2
    LIGHT = 3
    GAS = 4
    SMOKE = 5
    FLAME = 6
    SOUND = 7
    CO2 = 8
    DUST = 9


class TagKind(IntEnum):
    """What kind of mark was read."""

    RFID = 0
    VISUAL = 1
    BEACON = 2


class ArmCheck(IntFlag):
    """Reasons for which arming is refused, all at once. The self-test at arming is this list."""

    STOP_LATCHED = 1
    BUMPER_PRESSED = 2
    UNDERVOLTAGE = 4
    WHEELS_MOVING = 8
    RANGES_SILENT = 16
    NO_SESSION = 32
    TILTED = 64
    IMU_SILENT = 128
    IMU_IMPLAUSIBLE = 256
    BATTERY_SENSOR = 512
    CHARGING = 1024
    MEMORY = 2048


class Capability(IntFlag):
    """What the car has, and what its firmware can do."""

    IMU = 1
    RANGES = 2
    LIDAR = 4
    BUMPERS = 8
    CLIFFS = 16
    STEERING = 32
    CHARGER = 64
    STORAGE = 128
    BREAK_STOP = 256
    KEY_REQUIRED = 512
    LINE_SENSOR = 1024
    ENVIRONMENT = 2048
    DIGITAL_INPUTS = 4096
    OUTPUTS = 8192
    SERVOS = 16384
    TAG_READER = 32768


class DriveFlag(IntFlag):
    """How a DRIVE is to be taken."""

    DATED = 1


class StatusFlag(IntFlag):
    """What holds at this moment."""

    LEASE_VALID = 1
    REFLEX_FRONT = 2
    REFLEX_REAR = 4
    MOVING = 8
    SLOWING = 16


_HELLO_REQUEST = Struct("<IBBIH")


class HelloRequest(NamedTuple):
    """Opens a session. Repeated until HELLO answers; a repeat with the same session changes nothing.

    Attributes:
        magic: 0x52414350: on the line the letters PCAR.
        major: Protocol major of the host.
        minor: Protocol minor of the host.
        schema: Schema hash of the host.
        session: Session the host asks for, 1 to 65535.

    """

    magic: int
    major: int
    minor: int
    schema: int
    session: int

    def pack(self) -> bytes:
        """Return the payload; ValueError when a value does not fit its field."""
        try:
            return _HELLO_REQUEST.pack(*self)
        except (StructError, OverflowError, ValueError, TypeError) as error:
            raise ValueError(_does_not_fit(self, error)) from error

    @staticmethod
    def unpack(payload: bytes) -> HelloRequest:
        """Return the message in a payload of exactly 12 bytes."""
        return tuple.__new__(HelloRequest, _HELLO_REQUEST.unpack(payload))


_HELLO = Struct("<IBBIIH3sBBBB12sIIII")


class Hello(NamedTuple):
    """Answers every HELLO_REQUEST; also sent at boot, 100 and 200 ms after it.

    Attributes:
        magic: 0x52414350: on the line the letters PCAR.
        major: Protocol major of the controller.
        minor: Protocol minor of the controller.
        schema: Schema hash of the controller.
        boot_id: Another number after each boot; a simulator gives the same ones for the same seed.
        session: The session that owns the car, 0 for none; another than asked for means: not yours.
        firmware: Firmware version, major minor patch.
        chassis: How the wheels are arranged.
        target: What answers on this line.
        reset_cause: Why the controller last started.
        max_frame: Longest payload it accepts; of a longer block it keeps the end.
        uid: Unique id of the chip.
        capabilities: What the car has.
        parameter_table: Hash of the parameter table, see section 8.
        parameter_values: Hash of the parameters in use.
        seal_counter: Counter of the last sealed message that was obeyed since boot.

    """

    magic: int
    major: int
    minor: int
    schema: int
    boot_id: int
    session: int
    firmware: bytes
    chassis: int
    target: int
    reset_cause: int
    max_frame: int
    uid: bytes
    capabilities: int = 0
    parameter_table: int = 0
    parameter_values: int = 0
    seal_counter: int = 0

    def pack(self) -> bytes:
        """Return the payload; ValueError when a value does not fit its field."""
        try:
            return _HELLO.pack(*self)
        except (StructError, OverflowError, ValueError, TypeError) as error:
            raise ValueError(_does_not_fit(self, error)) from error

    @staticmethod
    def unpack(payload: bytes) -> Hello:
        """Return the message in a payload of exactly 51 bytes."""
        return tuple.__new__(Hello, _HELLO.unpack(payload))


_HEARTBEAT = Struct("<HI")


class Heartbeat(NamedTuple):
    """The host's control loop is alive. Made by that loop and by nothing else.

    Attributes:
        session: Session of the sender.
        loop_count: Turns of the host's control loop.

    """

    session: int
    loop_count: int

    def pack(self) -> bytes:
        """Return the payload; ValueError when a value does not fit its field."""
        try:
            return _HEARTBEAT.pack(*self)
        except (StructError, OverflowError, ValueError, TypeError) as error:
            raise ValueError(_does_not_fit(self, error)) from error

    @staticmethod
    def unpack(payload: bytes) -> Heartbeat:
        """Return the message in a payload of exactly 6 bytes."""
        return tuple.__new__(Heartbeat, _HEARTBEAT.unpack(payload))


_ALIVE = Struct("<IIHB")


class Alive(NamedTuple):
    """The controller's control loop is alive.

    Attributes:
        uptime_ms: Milliseconds since boot.
        boot_id: As in HELLO.
        session: Session that owns the car.
        load_percent: Share of the control period in use.

    """

    uptime_ms: int
    boot_id: int
    session: int
    load_percent: int

    def pack(self) -> bytes:
        """Return the payload; ValueError when a value does not fit its field."""
        try:
            return _ALIVE.pack(*self)
        except (StructError, OverflowError, ValueError, TypeError) as error:
            raise ValueError(_does_not_fit(self, error)) from error

    @staticmethod
    def unpack(payload: bytes) -> Alive:
        """Return the message in a payload of exactly 11 bytes."""
        return tuple.__new__(Alive, _ALIVE.unpack(payload))


_TIME_REQUEST = Struct("<H")


class TimeRequest(NamedTuple):
    """Asks for the controller's time; anyone may.

    Attributes:
        cookie: Comes back in TIME, so that an answer is matched to its question.

    """

    cookie: int

    def pack(self) -> bytes:
        """Return the payload; ValueError when a value does not fit its field."""
        try:
            return _TIME_REQUEST.pack(*self)
        except (StructError, OverflowError, ValueError, TypeError) as error:
            raise ValueError(_does_not_fit(self, error)) from error

    @staticmethod
    def unpack(payload: bytes) -> TimeRequest:
        """Return the message in a payload of exactly 2 bytes."""
        return tuple.__new__(TimeRequest, _TIME_REQUEST.unpack(payload))


_TIME = Struct("<HII")


class Time(NamedTuple):
    """Answers TIME_REQUEST.

    Attributes:
        cookie: Cookie of the question.
        received_us: Controller time at which the question arrived.
        sent_us: Controller time at which this answer was put into the line.

    """

    cookie: int
    received_us: int
    sent_us: int

    def pack(self) -> bytes:
        """Return the payload; ValueError when a value does not fit its field."""
        try:
            return _TIME.pack(*self)
        except (StructError, OverflowError, ValueError, TypeError) as error:
            raise ValueError(_does_not_fit(self, error)) from error

    @staticmethod
    def unpack(payload: bytes) -> Time:
        """Return the message in a payload of exactly 10 bytes."""
        return tuple.__new__(Time, _TIME.unpack(payload))


_EVENT_ACK = Struct("<HH")


class EventAck(NamedTuple):
    """The owner has every event up to this one. Others are sent again every 200 ms, the oldest first.

    Attributes:
        session: Session of the sender.
        event_count: Event_count of the newest event of which none before is missing.

    """

    session: int
    event_count: int

    def pack(self) -> bytes:
        """Return the payload; ValueError when a value does not fit its field."""
        try:
            return _EVENT_ACK.pack(*self)
        except (StructError, OverflowError, ValueError, TypeError) as error:
            raise ValueError(_does_not_fit(self, error)) from error

    @staticmethod
    def unpack(payload: bytes) -> EventAck:
        """Return the message in a payload of exactly 4 bytes."""
        return tuple.__new__(EventAck, _EVENT_ACK.unpack(payload))


_HOST_STATS = Struct("<HIHHHI")


class HostStats(NamedTuple):
    """What the owner's receiver counted since its session opened; all counters wrap.

    Attributes:
        session: Session of the sender.
        frames: Whole frames accepted.
        rejected: Blocks that were no frame.
        lost: Frames missing by their sequence numbers.
        rescued: Frames cut out of a damaged block.
        round_trip_s: Shortest round trip of late, 0 while unknown.

    """

    session: int
    frames: int
    rejected: int
    lost: int
    rescued: int
    round_trip_s: float

    def pack(self) -> bytes:
        """Return the payload; ValueError when a value does not fit its field."""
        try:
            return _HOST_STATS.pack(
                self.session,
                self.frames,
                self.rejected,
                self.lost,
                self.rescued,
                round(self.round_trip_s / 1e-06),
            )
        except (StructError, OverflowError, ValueError, TypeError) as error:
            raise ValueError(_does_not_fit(self, error)) from error

    @staticmethod
    def unpack(payload: bytes) -> HostStats:
        """Return the message in a payload of exactly 16 bytes."""
        (session, frames, rejected, lost, rescued, round_trip_us,) = _HOST_STATS.unpack(payload)
        return HostStats(
            session,
            frames,
            rejected,
            lost,
            rescued,
            round_trip_us * 1e-06,
        )


_LINK_STATS = Struct("<IHHHHHHHHHHHHHH")


class LinkStats(NamedTuple):
    """What the controller's receiver counted since boot; all counters wrap.

    Attributes:
        frames: Whole frames accepted.
        bad_crc: Blocks with the id and the length of a message whose checksum failed.
        bad_length: Blocks shorter than 6 bytes after COBS, of a known id with another length, or longer than its receiver has room for.
        bad_cobs: Blocks that are not COBS.
        unknown: Blocks whose id nobody knows (their CRC cannot be checked), and sound frames with an id that only a controller sends.
        lost: Frames missing by their sequence numbers, modulo 256, since the first frame after boot.
        rescued: Frames cut out of a damaged block; they count in frames too.
        refused: Sound frames not obeyed: wrong session, stale count, value out of range.
        tx_dropped: Telemetry frames dropped because the line was full.
        tx_most: Most bytes that ever waited for the line.
        overruns: Bytes the UART lost because nobody fetched them in time.
        line_errors: Framing, noise and parity errors of the UART.
        breaks: BREAKs on the line.
        host_lost: Lost of the latest HOST_STATS: what of our frames did not arrive.
        host_rejected: Rejected of the latest HOST_STATS.

    """

    frames: int
    bad_crc: int
    bad_length: int
    bad_cobs: int
    unknown: int
    lost: int
    rescued: int
    refused: int
    tx_dropped: int
    tx_most: int = 0
    overruns: int = 0
    line_errors: int = 0
    breaks: int = 0
    host_lost: int = 0
    host_rejected: int = 0

    def pack(self) -> bytes:
        """Return the payload; ValueError when a value does not fit its field."""
        try:
            return _LINK_STATS.pack(*self)
        except (StructError, OverflowError, ValueError, TypeError) as error:
            raise ValueError(_does_not_fit(self, error)) from error

    @staticmethod
    def unpack(payload: bytes) -> LinkStats:
        """Return the message in a payload of exactly 32 bytes."""
        return tuple.__new__(LinkStats, _LINK_STATS.unpack(payload))


_DRIVE = Struct("<HHHhhhBI")


class Drive(NamedTuple):
    """The wanted motion, absolute, newest wins. Obeyed only when armed, in the owner's session, and while its lease lasts.

    Attributes:
        session: Session of the sender.
        number: Grows by one per DRIVE; a count that is not newer (modulo 65536) is refused.
        lease_ms: How long this command may be obeyed, 100 to 500; others are refused.
        vx_mps: Forward speed, base_link.
        vy_mps: Speed to the left, base_link; 0 for cars that cannot.
        wz_radps: Turn rate, counter-clockwise.
        flags: Whether the command carries its date.
        made_us: Controller time at which the host made it; the lease counts from then.

    """

    session: int
    number: int
    lease_ms: int
    vx_mps: float
    vy_mps: float
    wz_radps: float
    flags: int = 0
    made_us: int = 0

    def pack(self) -> bytes:
        """Return the payload; ValueError when a value does not fit its field."""
        try:
            return _DRIVE.pack(
                self.session,
                self.number,
                self.lease_ms,
                round(self.vx_mps / 0.001),
                round(self.vy_mps / 0.001),
                round(self.wz_radps / 0.001),
                self.flags,
                self.made_us,
            )
        except (StructError, OverflowError, ValueError, TypeError) as error:
            raise ValueError(_does_not_fit(self, error)) from error

    @staticmethod
    def unpack(payload: bytes) -> Drive:
        """Return the message in a payload of exactly 17 bytes."""
        (session, count, lease_ms, vx_mmps, vy_mmps, wz_mradps, flags, made_us,) = _DRIVE.unpack(payload)
        return Drive(
            session,
            count,
            lease_ms,
            vx_mmps * 0.001,
            vy_mmps * 0.001,
            wz_mradps * 0.001,
            flags,
            made_us,
        )


_STOP = Struct("<B")


class Stop(NamedTuple):
    """Stops the car and latches. Stateless, accepted from anyone in any state, sent three times.

    Attributes:
        reason: Free for the sender: 0 operator, 1 governor, 2 program end.

    """

    reason: int

    def pack(self) -> bytes:
        """Return the payload; ValueError when a value does not fit its field."""
        try:
            return _STOP.pack(*self)
        except (StructError, OverflowError, ValueError, TypeError) as error:
            raise ValueError(_does_not_fit(self, error)) from error

    @staticmethod
    def unpack(payload: bytes) -> Stop:
        """Return the message in a payload of exactly 1 bytes."""
        return tuple.__new__(Stop, _STOP.unpack(payload))


_CMD = Struct("<HBBi")


class Cmd(NamedTuple):
    """Asks for something once. The same transaction id from the same session is answered again, never executed again.

    Attributes:
        session: Session of the sender.
        transaction: Number of this request, never 0.
        command: What is asked for.
        argument: CLEAR_STOP: stop_count of STATUS that is to be cleared; SET_STREAM and APPLY_PARAMETERS: see Command; else 0.

    """

    session: int
    transaction: int
    command: int
    argument: int

    def pack(self) -> bytes:
        """Return the payload; ValueError when a value does not fit its field."""
        try:
            return _CMD.pack(*self)
        except (StructError, OverflowError, ValueError, TypeError) as error:
            raise ValueError(_does_not_fit(self, error)) from error

    @staticmethod
    def unpack(payload: bytes) -> Cmd:
        """Return the message in a payload of exactly 8 bytes."""
        return tuple.__new__(Cmd, _CMD.unpack(payload))


_RESP = Struct("<HBBBI")


class Resp(NamedTuple):
    """Answers one CMD.

    Attributes:
        session: Session of the CMD.
        transaction: Transaction of the CMD.
        command: Command of the CMD.
        result: How it went.
        detail: ARM denied: bit set of ArmCheck; SET_STREAM: bytes per second of all streams; see Result; else 0.

    """

    session: int
    transaction: int
    command: int
    result: int
    detail: int

    def pack(self) -> bytes:
        """Return the payload; ValueError when a value does not fit its field."""
        try:
            return _RESP.pack(*self)
        except (StructError, OverflowError, ValueError, TypeError) as error:
            raise ValueError(_does_not_fit(self, error)) from error

    @staticmethod
    def unpack(payload: bytes) -> Resp:
        """Return the message in a payload of exactly 9 bytes."""
        return tuple.__new__(Resp, _RESP.unpack(payload))


_OUT = Struct("<HBBH")


class Out(NamedTuple):
    """Switches or dims one output: a lamp, a horn, a relay. Owner only. All outputs go off when the session ends or the host falls silent.

    Attributes:
        session: Session of the sender.
        channel: Output, 0 to 7.
        level: 0 off to 255 full.
        duration_ms: Then off again; 0 for until told otherwise.

    """

    session: int
    channel: int
    level: int
    duration_ms: int

    def pack(self) -> bytes:
        """Return the payload; ValueError when a value does not fit its field."""
        try:
            return _OUT.pack(*self)
        except (StructError, OverflowError, ValueError, TypeError) as error:
            raise ValueError(_does_not_fit(self, error)) from error

    @staticmethod
    def unpack(payload: bytes) -> Out:
        """Return the message in a payload of exactly 6 bytes."""
        return tuple.__new__(Out, _OUT.unpack(payload))


_SERVO = Struct("<HBh")


class Servo(NamedTuple):
    """Turns one servo, for example of a camera. Owner only; refused while STOPPED. The steering servo is not among them.

    Attributes:
        session: Session of the sender.
        channel: Servo, 0 to 3.
        angle_rad: From the middle, counter-clockwise seen along its axis, -1571 to 1571.

    """

    session: int
    channel: int
    angle_rad: float

    def pack(self) -> bytes:
        """Return the payload; ValueError when a value does not fit its field."""
        try:
            return _SERVO.pack(
                self.session,
                self.channel,
                round(self.angle_rad / 0.001),
            )
        except (StructError, OverflowError, ValueError, TypeError) as error:
            raise ValueError(_does_not_fit(self, error)) from error

    @staticmethod
    def unpack(payload: bytes) -> Servo:
        """Return the message in a payload of exactly 5 bytes."""
        (session, channel, angle_mrad,) = _SERVO.unpack(payload)
        return Servo(
            session,
            channel,
            angle_mrad * 0.001,
        )


_ODOM = Struct("<IiiHhhhH")


class Odom(NamedTuple):
    """Pose and twist by wheel odometry in the controller's own odom frame.

    Attributes:
        stamp_us: Controller time.
        x_m: Position.
        y_m: Position.
        yaw_rad: Heading, one turn is 65536, so it wraps by itself.
        vx_mps: Measured forward speed.
        vy_mps: Measured speed to the left.
        wz_radps: Measured turn rate.
        drive_count: Count of the last DRIVE obeyed, 0 before the first since boot.

    """

    stamp_us: int
    x_m: float
    y_m: float
    yaw_rad: float
    vx_mps: float
    vy_mps: float
    wz_radps: float
    drive_count: int

    def pack(self) -> bytes:
        """Return the payload; ValueError when a value does not fit its field."""
        try:
            return _ODOM.pack(
                self.stamp_us,
                round(self.x_m / 0.001),
                round(self.y_m / 0.001),
                round(self.yaw_rad / 9.587379924285257e-05) % 65536,
                round(self.vx_mps / 0.001),
                round(self.vy_mps / 0.001),
                round(self.wz_radps / 0.001),
                self.drive_count,
            )
        except (StructError, OverflowError, ValueError, TypeError) as error:
            raise ValueError(_does_not_fit(self, error)) from error

    @staticmethod
    def unpack(payload: bytes) -> Odom:
        """Return the message in a payload of exactly 22 bytes."""
        (stamp_us, x_mm, y_mm, yaw_turn16, vx_mmps, vy_mmps, wz_mradps, drive_count,) = _ODOM.unpack(payload)
        return Odom(
            stamp_us,
            x_mm * 0.001,
            y_mm * 0.001,
            yaw_turn16 * 9.587379924285257e-05,
            vx_mmps * 0.001,
            vy_mmps * 0.001,
            wz_mradps * 0.001,
            drive_count,
        )


_WHEELS = Struct("<Iiiiihhhhhhhhh")


class Wheels(NamedTuple):
    """Encoder counts, measured wheel speeds and motor commands; front left, front right, rear left, rear right (two wheels use the first two).

    Attributes:
        stamp_us: Controller time.
        ticks: Encoder counts since boot, they wrap.
        speed_mps: Measured speed of the wheel's rim.
        duty: Motor command, -1 to 1.
        steer_rad: Commanded angle of the front wheels, counter-clockwise; 0 for cars that do not steer.

    """

    stamp_us: int
    ticks: tuple[int, ...]
    speed_mps: tuple[float, ...]
    duty: tuple[float, ...]
    steer_rad: float = 0.0

    def pack(self) -> bytes:
        """Return the payload; ValueError when a value does not fit its field."""
        try:
            return _WHEELS.pack(
                self.stamp_us,
                *self.ticks,
                *[round(value / 0.001) for value in self.speed_mps],
                *[round(value / 0.001) for value in self.duty],
                round(self.steer_rad / 0.001),
            )
        except (StructError, OverflowError, ValueError, TypeError) as error:
            raise ValueError(_does_not_fit(self, error)) from error

    @staticmethod
    def unpack(payload: bytes) -> Wheels:
        """Return the message in a payload of exactly 38 bytes."""
        (stamp_us, ticks_0, ticks_1, ticks_2, ticks_3, speed_mmps_0, speed_mmps_1, speed_mmps_2, speed_mmps_3, pwm_permille_0, pwm_permille_1, pwm_permille_2, pwm_permille_3, steer_mrad,) = _WHEELS.unpack(payload)
        return Wheels(
            stamp_us,
            (ticks_0, ticks_1, ticks_2, ticks_3),
            (speed_mmps_0 * 0.001, speed_mmps_1 * 0.001, speed_mmps_2 * 0.001, speed_mmps_3 * 0.001),
            (pwm_permille_0 * 0.001, pwm_permille_1 * 0.001, pwm_permille_2 * 0.001, pwm_permille_3 * 0.001),
            steer_mrad * 0.001,
        )


_IMU = Struct("<Ihhhhhh")


class Imu(NamedTuple):
    """Acceleration and turn rates, x forward, y left, z up.

    Attributes:
        stamp_us: Controller time.
        accel_mps2: Specific force; at rest z is +9.81.
        gyro_radps: Turn rates.

    """

    stamp_us: int
    accel_mps2: tuple[float, ...]
    gyro_radps: tuple[float, ...]

    def pack(self) -> bytes:
        """Return the payload; ValueError when a value does not fit its field."""
        try:
            return _IMU.pack(
                self.stamp_us,
                *[round(value / 0.001) for value in self.accel_mps2],
                *[round(value / 0.0005) for value in self.gyro_radps],
            )
        except (StructError, OverflowError, ValueError, TypeError) as error:
            raise ValueError(_does_not_fit(self, error)) from error

    @staticmethod
    def unpack(payload: bytes) -> Imu:
        """Return the message in a payload of exactly 16 bytes."""
        (stamp_us, accel_mmps2_0, accel_mmps2_1, accel_mmps2_2, gyro_500urad_0, gyro_500urad_1, gyro_500urad_2,) = _IMU.unpack(payload)
        return Imu(
            stamp_us,
            (accel_mmps2_0 * 0.001, accel_mmps2_1 * 0.001, accel_mmps2_2 * 0.001),
            (gyro_500urad_0 * 0.0005, gyro_500urad_1 * 0.0005, gyro_500urad_2 * 0.0005),
        )


_RANGES = Struct("<IB16s")


class Ranges(NamedTuple):
    """Distances of up to eight sonar or infrared sensors. Where each sits is agreed outside the line; places without a sensor read broken.

    Attributes:
        stamp_us: Controller time.
        fresh: Bit set of the sensors that measured since the last RANGES.
        ranges_m: Distance from the sensor.

    """

    stamp_us: int
    fresh: int
    ranges_m: Distances

    def pack(self) -> bytes:
        """Return the payload; ValueError when a value does not fit its field."""
        try:
            return _RANGES.pack(
                self.stamp_us,
                self.fresh,
                _range_codes(self.ranges_m, 8),
            )
        except (StructError, OverflowError, ValueError, TypeError) as error:
            raise ValueError(_does_not_fit(self, error)) from error

    @staticmethod
    def unpack(payload: bytes) -> Ranges:
        """Return the message in a payload of exactly 21 bytes."""
        (stamp_us, fresh, ranges,) = _RANGES.unpack(payload)
        return Ranges(
            stamp_us,
            fresh,
            _RANGE_M.take(np.frombuffer(ranges, _CODE)),
        )


_SCAN = Struct("<IBHHH180s")


class Scan(NamedTuple):
    """A piece of one lidar turn, counter-clockwise. Beams of one turn are measured one after the other, while the car moves.

    Attributes:
        stamp_us: Controller time of the first beam of this piece.
        turn: Number of the turn.
        first: Index of the first beam; its bearing is 2*pi*first/beams_per_turn, counter-clockwise from where the lidar looks.
        beams_per_turn: Beams in a whole turn.
        beam_us: Time from beam to beam.
        ranges_m: Distance from the lidar; entries past the end of the turn are broken.

    """

    stamp_us: int
    turn: int
    first: int
    beams_per_turn: int
    beam_us: int
    ranges_m: Distances

    def pack(self) -> bytes:
        """Return the payload; ValueError when a value does not fit its field."""
        try:
            return _SCAN.pack(
                self.stamp_us,
                self.turn,
                self.first,
                self.beams_per_turn,
                self.beam_us,
                _range_codes(self.ranges_m, 90),
            )
        except (StructError, OverflowError, ValueError, TypeError) as error:
            raise ValueError(_does_not_fit(self, error)) from error

    @staticmethod
    def unpack(payload: bytes) -> Scan:
        """Return the message in a payload of exactly 191 bytes."""
        (stamp_us, turn, first, beams_per_turn, beam_us, ranges,) = _SCAN.unpack(payload)
        return Scan(
            stamp_us,
            turn,
            first,
            beams_per_turn,
            beam_us,
            _RANGE_M.take(np.frombuffer(ranges, _CODE)),
        )


_POWER = Struct("<HhBB")


class Power(NamedTuple):
    """The battery.

    Attributes:
        battery_v: Voltage under load.
        current_a: Current out of the battery, negative while charging.
        charge_percent: Estimated charge, 255 for unknown.
        charger: 1 while the charger is plugged in, else 0.

    """

    battery_v: float
    current_a: float
    charge_percent: int
    charger: int = 0

    def pack(self) -> bytes:
        """Return the payload; ValueError when a value does not fit its field."""
        try:
            return _POWER.pack(
                round(self.battery_v / 0.001),
                round(self.current_a / 0.001),
                self.charge_percent,
                self.charger,
            )
        except (StructError, OverflowError, ValueError, TypeError) as error:
            raise ValueError(_does_not_fit(self, error)) from error

    @staticmethod
    def unpack(payload: bytes) -> Power:
        """Return the message in a payload of exactly 6 bytes."""
        (battery_mv, current_ma, charge_percent, charger,) = _POWER.unpack(payload)
        return Power(
            battery_mv * 0.001,
            current_ma * 0.001,
            charge_percent,
            charger,
        )


_STATUS = Struct("<BBHHBHBHB")


class Status(NamedTuple):
    """What the controller lets the motors do, and why. Also sent at once on every change.

    Attributes:
        state: What the motors may do.
        cause: Why it is not driving, NONE when it may.
        flags: What holds now.
        arm_checks: What would refuse arming now, 0 when it could.
        bumpers: Bit set of pressed bumpers: 0 to 3 front, left to right; 4 to 7 rear, left to right.
        stop_count: Number of the latest latched STOP, to be named by CLEAR_STOP.
        stop_source: Reason byte of the latest STOP message.
        lease_left_ms: What is left of the lease.
        cliffs: Bit set of cliff sensors that see no floor: 0 to 3 front, left to right; 4 to 7 rear, left to right.

    """

    state: int
    cause: int
    flags: int
    arm_checks: int
    bumpers: int
    stop_count: int
    stop_source: int
    lease_left_ms: int
    cliffs: int = 0

    def pack(self) -> bytes:
        """Return the payload; ValueError when a value does not fit its field."""
        try:
            return _STATUS.pack(*self)
        except (StructError, OverflowError, ValueError, TypeError) as error:
            raise ValueError(_does_not_fit(self, error)) from error

    @staticmethod
    def unpack(payload: bytes) -> Status:
        """Return the message in a payload of exactly 13 bytes."""
        return tuple.__new__(Status, _STATUS.unpack(payload))


_LINE = Struct("<IB8s")


class Line(NamedTuple):
    """Line sensor: how bright the floor is under each of up to eight cells, left to right.

    Attributes:
        stamp_us: Controller time.
        fitted: Bit set of the cells that exist.
        levels: 0 black to 255 white.

    """

    stamp_us: int
    fitted: int
    levels: bytes

    def pack(self) -> bytes:
        """Return the payload; ValueError when a value does not fit its field."""
        try:
            return _LINE.pack(*self)
        except (StructError, OverflowError, ValueError, TypeError) as error:
            raise ValueError(_does_not_fit(self, error)) from error

    @staticmethod
    def unpack(payload: bytes) -> Line:
        """Return the message in a payload of exactly 13 bytes."""
        return tuple.__new__(Line, _LINE.unpack(payload))


_ENV = Struct("<IBBi")


class Env(NamedTuple):
    """One reading of one environment sensor.

    Attributes:
        stamp_us: Controller time.
        quantity: What was measured.
        place: Which of several sensors of this quantity, from 0.
        value: In the unit of the quantity.

    """

    stamp_us: int
    quantity: int
    place: int
    value: int

    def pack(self) -> bytes:
        """Return the payload; ValueError when a value does not fit its field."""
        try:
            return _ENV.pack(*self)
        except (StructError, OverflowError, ValueError, TypeError) as error:
            raise ValueError(_does_not_fit(self, error)) from error

    @staticmethod
    def unpack(payload: bytes) -> Env:
        """Return the message in a payload of exactly 10 bytes."""
        return tuple.__new__(Env, _ENV.unpack(payload))


_DIN = Struct("<IH8shhhh")


class Din(NamedTuple):
    """Digital inputs, and where the outputs and servos stand. Also sent at once on every change of an input.

    Attributes:
        stamp_us: Controller time.
        inputs: Bit set of the inputs that are on.
        levels: Level of each output.
        angles_rad: Angle of each servo.

    """

    stamp_us: int
    inputs: int
    levels: bytes
    angles_rad: tuple[float, ...]

    def pack(self) -> bytes:
        """Return the payload; ValueError when a value does not fit its field."""
        try:
            return _DIN.pack(
                self.stamp_us,
                self.inputs,
                self.levels,
                *[round(value / 0.001) for value in self.angles_rad],
            )
        except (StructError, OverflowError, ValueError, TypeError) as error:
            raise ValueError(_does_not_fit(self, error)) from error

    @staticmethod
    def unpack(payload: bytes) -> Din:
        """Return the message in a payload of exactly 22 bytes."""
        (stamp_us, inputs, levels, angles_mrad_0, angles_mrad_1, angles_mrad_2, angles_mrad_3,) = _DIN.unpack(payload)
        return Din(
            stamp_us,
            inputs,
            levels,
            (angles_mrad_0 * 0.001, angles_mrad_1 * 0.001, angles_mrad_2 * 0.001, angles_mrad_3 * 0.001),
        )


_TAG = Struct("<IBBB10s")


class Tag(NamedTuple):
    """A tag was read. Sent at once, and again every 200 ms while the tag is there.

    Attributes:
        stamp_us: Controller time.
        kind: What kind of tag.
        reader: Which reader, from 0.
        size: Bytes of tag that count.
        tag: Its number, the rest 0.

    """

    stamp_us: int
    kind: int
    reader: int
    size: int
    tag: bytes

    def pack(self) -> bytes:
        """Return the payload; ValueError when a value does not fit its field."""
        try:
            return _TAG.pack(*self)
        except (StructError, OverflowError, ValueError, TypeError) as error:
            raise ValueError(_does_not_fit(self, error)) from error

    @staticmethod
    def unpack(payload: bytes) -> Tag:
        """Return the message in a payload of exactly 17 bytes."""
        return tuple.__new__(Tag, _TAG.unpack(payload))


_PARAM_GET = Struct("<B")


class ParamGet(NamedTuple):
    """Asks for one parameter; anyone may.

    Attributes:
        parameter: Index of the parameter in section 8.

    """

    parameter: int

    def pack(self) -> bytes:
        """Return the payload; ValueError when a value does not fit its field."""
        try:
            return _PARAM_GET.pack(*self)
        except (StructError, OverflowError, ValueError, TypeError) as error:
            raise ValueError(_does_not_fit(self, error)) from error

    @staticmethod
    def unpack(payload: bytes) -> ParamGet:
        """Return the message in a payload of exactly 1 bytes."""
        return tuple.__new__(ParamGet, _PARAM_GET.unpack(payload))


_PARAM = Struct("<BBBII")


class Param(NamedTuple):
    """Answers PARAM_GET and PARAM_SET. An index without a parameter is answered by PARAM with result BAD_ARGUMENT.

    Attributes:
        parameter: Index of the parameter.
        type: How the values are read.
        result: How PARAM_SET went; OK for PARAM_GET.
        value: The value in use.
        staged: The value that APPLY_PARAMETERS would put to use.

    """

    parameter: int
    type: int
    result: int
    value: int
    staged: int

    def pack(self) -> bytes:
        """Return the payload; ValueError when a value does not fit its field."""
        try:
            return _PARAM.pack(*self)
        except (StructError, OverflowError, ValueError, TypeError) as error:
            raise ValueError(_does_not_fit(self, error)) from error

    @staticmethod
    def unpack(payload: bytes) -> Param:
        """Return the message in a payload of exactly 11 bytes."""
        return tuple.__new__(Param, _PARAM.unpack(payload))


_PARAM_SET = Struct("<HBI")


class ParamSet(NamedTuple):
    """Stages one parameter. Owner only. Nothing changes in the car until APPLY_PARAMETERS.

    Attributes:
        session: Session of the sender.
        parameter: Index of the parameter.
        value: The wanted value.

    """

    session: int
    parameter: int
    value: int

    def pack(self) -> bytes:
        """Return the payload; ValueError when a value does not fit its field."""
        try:
            return _PARAM_SET.pack(*self)
        except (StructError, OverflowError, ValueError, TypeError) as error:
            raise ValueError(_does_not_fit(self, error)) from error

    @staticmethod
    def unpack(payload: bytes) -> ParamSet:
        """Return the message in a payload of exactly 7 bytes."""
        return tuple.__new__(ParamSet, _PARAM_SET.unpack(payload))


_EVENT = Struct("<IHBBiB")


class Event(NamedTuple):
    """Something happened. Sent at once, and again every 200 ms until the owner acknowledges it.

    Attributes:
        stamp_us: Controller time.
        event_count: Grows by one per event, so a lost one is noticed.
        severity: How loud.
        code: What happened.
        argument: See the code.
        older: How many events before this one are still kept and will come again; what is older than those will not.

    """

    stamp_us: int
    event_count: int
    severity: int
    code: int
    argument: int
    older: int = 0

    def pack(self) -> bytes:
        """Return the payload; ValueError when a value does not fit its field."""
        try:
            return _EVENT.pack(*self)
        except (StructError, OverflowError, ValueError, TypeError) as error:
            raise ValueError(_does_not_fit(self, error)) from error

    @staticmethod
    def unpack(payload: bytes) -> Event:
        """Return the message in a payload of exactly 13 bytes."""
        return tuple.__new__(Event, _EVENT.unpack(payload))


_TEXT = Struct("<IBB48s")


class Text(NamedTuple):
    """A line for people, UTF-8. Never needed to drive the car.

    Attributes:
        stamp_us: Controller time.
        severity: How loud.
        size: Bytes of text that count.
        text: The line, the rest 0.

    """

    stamp_us: int
    severity: int
    size: int
    text: bytes

    def pack(self) -> bytes:
        """Return the payload; ValueError when a value does not fit its field."""
        try:
            return _TEXT.pack(*self)
        except (StructError, OverflowError, ValueError, TypeError) as error:
            raise ValueError(_does_not_fit(self, error)) from error

    @staticmethod
    def unpack(payload: bytes) -> Text:
        """Return the message in a payload of exactly 54 bytes."""
        return tuple.__new__(Text, _TEXT.unpack(payload))


_SEALED_HELLO_REQUEST = Struct("<12sI8s")


class SealedHelloRequest(NamedTuple):
    """HELLO_REQUEST for a line that needs a key, see section 9.

    Attributes:
        payload: Payload of HELLO_REQUEST.
        counter: Larger than that of every sealed message before it.
        tag: The first bytes of the HMAC-SHA256.

    """

    payload: bytes
    counter: int
    tag: bytes

    def pack(self) -> bytes:
        """Return the payload; ValueError when a value does not fit its field."""
        try:
            return _SEALED_HELLO_REQUEST.pack(*self)
        except (StructError, OverflowError, ValueError, TypeError) as error:
            raise ValueError(_does_not_fit(self, error)) from error

    @staticmethod
    def unpack(payload: bytes) -> SealedHelloRequest:
        """Return the message in a payload of exactly 24 bytes."""
        return tuple.__new__(SealedHelloRequest, _SEALED_HELLO_REQUEST.unpack(payload))


_SEALED_HEARTBEAT = Struct("<6sI8s")


class SealedHeartbeat(NamedTuple):
    """HEARTBEAT for a line that needs a key, see section 9.

    Attributes:
        payload: Payload of HEARTBEAT.
        counter: Larger than that of every sealed message before it.
        tag: The first bytes of the HMAC-SHA256.

    """

    payload: bytes
    counter: int
    tag: bytes

    def pack(self) -> bytes:
        """Return the payload; ValueError when a value does not fit its field."""
        try:
            return _SEALED_HEARTBEAT.pack(*self)
        except (StructError, OverflowError, ValueError, TypeError) as error:
            raise ValueError(_does_not_fit(self, error)) from error

    @staticmethod
    def unpack(payload: bytes) -> SealedHeartbeat:
        """Return the message in a payload of exactly 18 bytes."""
        return tuple.__new__(SealedHeartbeat, _SEALED_HEARTBEAT.unpack(payload))


_SEALED_EVENT_ACK = Struct("<4sI8s")


class SealedEventAck(NamedTuple):
    """EVENT_ACK for a line that needs a key, see section 9.

    Attributes:
        payload: Payload of EVENT_ACK.
        counter: Larger than that of every sealed message before it.
        tag: The first bytes of the HMAC-SHA256.

    """

    payload: bytes
    counter: int
    tag: bytes

    def pack(self) -> bytes:
        """Return the payload; ValueError when a value does not fit its field."""
        try:
            return _SEALED_EVENT_ACK.pack(*self)
        except (StructError, OverflowError, ValueError, TypeError) as error:
            raise ValueError(_does_not_fit(self, error)) from error

    @staticmethod
    def unpack(payload: bytes) -> SealedEventAck:
        """Return the message in a payload of exactly 16 bytes."""
        return tuple.__new__(SealedEventAck, _SEALED_EVENT_ACK.unpack(payload))


_SEALED_HOST_STATS = Struct("<16sI8s")


class SealedHostStats(NamedTuple):
    """HOST_STATS for a line that needs a key, see section 9.

    Attributes:
        payload: Payload of HOST_STATS.
        counter: Larger than that of every sealed message before it.
        tag: The first bytes of the HMAC-SHA256.

    """

    payload: bytes
    counter: int
    tag: bytes

    def pack(self) -> bytes:
        """Return the payload; ValueError when a value does not fit its field."""
        try:
            return _SEALED_HOST_STATS.pack(*self)
        except (StructError, OverflowError, ValueError, TypeError) as error:
            raise ValueError(_does_not_fit(self, error)) from error

    @staticmethod
    def unpack(payload: bytes) -> SealedHostStats:
        """Return the message in a payload of exactly 28 bytes."""
        return tuple.__new__(SealedHostStats, _SEALED_HOST_STATS.unpack(payload))


_SEALED_DRIVE = Struct("<17sI8s")


class SealedDrive(NamedTuple):
    """DRIVE for a line that needs a key, see section 9.

    Attributes:
        payload: Payload of DRIVE.
        counter: Larger than that of every sealed message before it.
        tag: The first bytes of the HMAC-SHA256.

    """

    payload: bytes
    counter: int
    tag: bytes

    def pack(self) -> bytes:
        """Return the payload; ValueError when a value does not fit its field."""
        try:
            return _SEALED_DRIVE.pack(*self)
        except (StructError, OverflowError, ValueError, TypeError) as error:
            raise ValueError(_does_not_fit(self, error)) from error

    @staticmethod
    def unpack(payload: bytes) -> SealedDrive:
        """Return the message in a payload of exactly 29 bytes."""
        return tuple.__new__(SealedDrive, _SEALED_DRIVE.unpack(payload))


_SEALED_CMD = Struct("<8sI8s")


class SealedCmd(NamedTuple):
    """CMD for a line that needs a key, see section 9.

    Attributes:
        payload: Payload of CMD.
        counter: Larger than that of every sealed message before it.
        tag: The first bytes of the HMAC-SHA256.

    """

    payload: bytes
    counter: int
    tag: bytes

    def pack(self) -> bytes:
        """Return the payload; ValueError when a value does not fit its field."""
        try:
            return _SEALED_CMD.pack(*self)
        except (StructError, OverflowError, ValueError, TypeError) as error:
            raise ValueError(_does_not_fit(self, error)) from error

    @staticmethod
    def unpack(payload: bytes) -> SealedCmd:
        """Return the message in a payload of exactly 20 bytes."""
        return tuple.__new__(SealedCmd, _SEALED_CMD.unpack(payload))


_SEALED_OUT = Struct("<6sI8s")


class SealedOut(NamedTuple):
    """OUT for a line that needs a key, see section 9.

    Attributes:
        payload: Payload of OUT.
        counter: Larger than that of every sealed message before it.
        tag: The first bytes of the HMAC-SHA256.

    """

    payload: bytes
    counter: int
    tag: bytes

    def pack(self) -> bytes:
        """Return the payload; ValueError when a value does not fit its field."""
        try:
            return _SEALED_OUT.pack(*self)
        except (StructError, OverflowError, ValueError, TypeError) as error:
            raise ValueError(_does_not_fit(self, error)) from error

    @staticmethod
    def unpack(payload: bytes) -> SealedOut:
        """Return the message in a payload of exactly 18 bytes."""
        return tuple.__new__(SealedOut, _SEALED_OUT.unpack(payload))


_SEALED_SERVO = Struct("<5sI8s")


class SealedServo(NamedTuple):
    """SERVO for a line that needs a key, see section 9.

    Attributes:
        payload: Payload of SERVO.
        counter: Larger than that of every sealed message before it.
        tag: The first bytes of the HMAC-SHA256.

    """

    payload: bytes
    counter: int
    tag: bytes

    def pack(self) -> bytes:
        """Return the payload; ValueError when a value does not fit its field."""
        try:
            return _SEALED_SERVO.pack(*self)
        except (StructError, OverflowError, ValueError, TypeError) as error:
            raise ValueError(_does_not_fit(self, error)) from error

    @staticmethod
    def unpack(payload: bytes) -> SealedServo:
        """Return the message in a payload of exactly 17 bytes."""
        return tuple.__new__(SealedServo, _SEALED_SERVO.unpack(payload))


_SEALED_PARAM_SET = Struct("<7sI8s")


class SealedParamSet(NamedTuple):
    """PARAM_SET for a line that needs a key, see section 9.

    Attributes:
        payload: Payload of PARAM_SET.
        counter: Larger than that of every sealed message before it.
        tag: The first bytes of the HMAC-SHA256.

    """

    payload: bytes
    counter: int
    tag: bytes

    def pack(self) -> bytes:
        """Return the payload; ValueError when a value does not fit its field."""
        try:
            return _SEALED_PARAM_SET.pack(*self)
        except (StructError, OverflowError, ValueError, TypeError) as error:
            raise ValueError(_does_not_fit(self, error)) from error

    @staticmethod
    def unpack(payload: bytes) -> SealedParamSet:
        """Return the message in a payload of exactly 19 bytes."""
        return tuple.__new__(SealedParamSet, _SEALED_PARAM_SET.unpack(payload))


Message: TypeAlias = (
    HelloRequest | Hello | Heartbeat | Alive | TimeRequest | Time | EventAck | HostStats | LinkStats | Drive | Stop | Cmd | Resp | Out | Servo | Odom | Wheels | Imu | Ranges | Scan | Power | Status | Line | Env | Din | Tag | ParamGet | Param | ParamSet | Event | Text | SealedHelloRequest | SealedHeartbeat | SealedEventAck | SealedHostStats | SealedDrive | SealedCmd | SealedOut | SealedServo | SealedParamSet
)


class Explained(NamedTuple):
    """A code in words: what it means, what a person does about it, what it does to the car."""

    text: str
    remedy: str
    effect: Effect = Effect.NOTHING


CAUSES: Mapping[int, Explained] = MappingProxyType(
    {
        Cause.NONE: Explained('nothing is wrong', '', Effect.NOTHING),
        Cause.HOST_STOP: Explained('STOP was pressed', 'look around the car, then release STOP and arm', Effect.RAMP),
        Cause.BUMPER: Explained('a bumper was pressed', 'free the car, then release STOP and arm', Effect.RAMP),
        Cause.NEAR_RANGE: Explained('something is very near', 'drive away from it, or wait until it leaves', Effect.HOLD),
        Cause.UNDERVOLTAGE: Explained('the battery is empty', 'charge it; STOP can be released after that', Effect.RAMP),
        Cause.LEASE_EXPIRED: Explained('commands stopped coming', 'the car goes on with the next command', Effect.HOLD),
        Cause.HOST_SILENT: Explained('the host was silent', 'check the link, then arm again', Effect.DISARM),
        Cause.RANGE_SILENT: Explained('the range sensors are silent', 'check their wiring and power', Effect.HOLD),
        Cause.OVERRUN: Explained('the control loop ran late', 'report it: this should never happen', Effect.RAMP),
        Cause.CLIFF: Explained('a cliff sensor sees no floor', 'release STOP, arm and drive away from the edge, or lift the car away', Effect.RAMP),
        Cause.TILT: Explained('the car is tilted or lifted', 'put it on its wheels, then release STOP and arm', Effect.CUT),
        Cause.STALL: Explained('a driven wheel does not turn', 'free the wheels, then release STOP and arm', Effect.BRAKE),
        Cause.ENCODER_DEAD: Explained('an encoder does not count although its wheel must turn', "check the encoder's plug and power", Effect.BRAKE),
        Cause.ENCODER_SIGN: Explained('a wheel turns against its motor command', 'swap the two encoder wires or the two motor wires of that wheel', Effect.BRAKE),
        Cause.WHEEL_MISMATCH: Explained('a wheel does not follow its command', "check that wheel's motor, gear and plug", Effect.BRAKE),
        Cause.RUNAWAY: Explained('a wheel turns although it should stand', 'switch the motor power off and check the motor driver', Effect.CUT),
        Cause.YAW_MISMATCH: Explained('the car turns other than its wheels say', 'check that left and right are not swapped and that the wheels grip', Effect.BRAKE),
        Cause.BATTERY_SENSOR: Explained('the battery reading cannot be true', "check the battery's sense wire", Effect.RAMP),
        Cause.CHARGING: Explained('the charger is plugged in', 'unplug it, then release STOP and arm', Effect.RAMP),
        Cause.MEMORY: Explained("the controller's settings were damaged in its memory", 'switch the car off and on; report it when it comes back', Effect.CUT),
        Cause.IMU_SILENT: Explained('the IMU is silent', 'check its wiring and power', Effect.HOLD),
    }
)
ARM_CHECKS: Mapping[int, Explained] = MappingProxyType(
    {
        ArmCheck.STOP_LATCHED: Explained('STOP is latched', 'release it first'),
        ArmCheck.BUMPER_PRESSED: Explained('a bumper is pressed', 'free the car'),
        ArmCheck.UNDERVOLTAGE: Explained('the battery is too low', 'charge it'),
        ArmCheck.WHEELS_MOVING: Explained('the wheels have turned within the last 100 ms', 'let the car come to rest'),
        ArmCheck.RANGES_SILENT: Explained('no fitted range sensor has reported lately', 'check their wiring'),
        ArmCheck.NO_SESSION: Explained('nobody owns the car', 'connect first'),
        ArmCheck.TILTED: Explained('the car is tilted or lifted', 'put it on its wheels'),
        ArmCheck.IMU_SILENT: Explained('the fitted IMU has not reported lately', 'check its wiring'),
        ArmCheck.IMU_IMPLAUSIBLE: Explained('the IMU feels no gravity of 1 g, or a turn at rest', 'leave the car alone for a second, then check the IMU'),
        ArmCheck.BATTERY_SENSOR: Explained('the battery reading cannot be true', 'check its sense wire'),
        ArmCheck.CHARGING: Explained('the charger is plugged in', 'unplug it'),
        ArmCheck.MEMORY: Explained('the settings in memory are damaged', 'switch the car off and on'),
    }
)


class Parameter(NamedTuple):
    """One value of the controller that can be set without a compiler."""

    number: int  # its index on the wire
    name: str
    type: ParameterType
    unit: str
    field: str  # of pcp_config_t
    low: float
    high: float
    default: float
    is_safety: bool
    text: str


PARAMETER_TABLE = 0x29e1f6cf
PARAMETERS = (
    Parameter(0, "track", ParameterType.F32, "m", "track_m", 0.05, 1.0, 0.2, False, 'between the wheel centres'),
    Parameter(1, "wheelbase", ParameterType.F32, "m", "wheelbase_m", 0.05, 1.5, 0.2, False, 'between the axles; for mecanum and Ackermann'),
    Parameter(2, "metres_per_tick", ParameterType.F32, "m", "metres_per_tick", 1e-06, 0.05, 0.0001308997, False, 'travel of the rim for one encoder count'),
    Parameter(3, "max_speed", ParameterType.F32, "m/s", "max_speed_mps", 0.05, 3.0, 0.8, True, 'limit of the speed and of each wheel'),
    Parameter(4, "max_turn", ParameterType.F32, "rad/s", "max_turn_radps", 0.1, 10.0, 2.5, True, 'limit of the turn rate'),
    Parameter(5, "accel", ParameterType.F32, "m/s^2", "accel_mps2", 0.1, 10.0, 0.8, False, 'ramp of the wheels away from zero'),
    Parameter(6, "decel", ParameterType.F32, "m/s^2", "decel_mps2", 0.3, 10.0, 1.2, True, 'ramp of the wheels towards zero, also at STOP and when the lease ends'),
    Parameter(7, "kff", ParameterType.F32, "s/m", "kff", 0.0, 100.0, 0.86, False, 'speed loop: duty per speed'),
    Parameter(8, "kp", ParameterType.F32, "s/m", "kp", 0.0, 100.0, 2.0, False, 'speed loop: duty per speed error'),
    Parameter(9, "ki", ParameterType.F32, "1/m", "ki", 0.0, 100.0, 5.0, False, 'speed loop: duty per speed error and second'),
    Parameter(10, "deadband", ParameterType.F32, "1", "deadband", 0.0, 0.6, 0.045, False, 'duty that just turns a loaded motor'),
    Parameter(11, "duty_slew", ParameterType.F32, "1/s", "duty_slew_per_s", 2.0, 100.0, 50.0, True, 'how fast a duty may change'),
    Parameter(12, "reflex", ParameterType.U16, "mm", "reflex_mm", 30, 2000, 100, True, 'a range below this stops motion towards it'),
    Parameter(13, "range_silent", ParameterType.U16, "ms", "range_silent_ms", 50, 2000, 300, True, 'without any fresh range for so long the car is held'),
    Parameter(14, "undervoltage", ParameterType.U16, "mV", "undervoltage_mv", 2500, 60000, 9300, True, 'the battery is empty below this; for a 3S lithium battery'),
    Parameter(15, "overvoltage", ParameterType.U16, "mV", "overvoltage_mv", 3000, 65000, 14000, True, 'a reading above this is no reading'),
    Parameter(16, "undervoltage_ms", ParameterType.U16, "ms", "undervoltage_ms", 50, 5000, 1000, True, 'how long the battery must be empty to count'),
    Parameter(17, "host_silent", ParameterType.U16, "ms", "host_silent_ms", 500, 5000, 1000, True, 'without a sign of life of the owner for so long the car is disarmed'),
    Parameter(18, "tilt", ParameterType.U16, "mrad", "tilt_mrad", 87, 785, 436, True, 'more tilt than this stops the car'),
    Parameter(19, "tilt_ms", ParameterType.U16, "ms", "tilt_ms", 20, 500, 100, True, 'how long it must be tilted to count'),
    Parameter(20, "stall_duty", ParameterType.F32, "1", "stall_duty", 0.1, 0.9, 0.5, True, 'duty from which a wheel that stands is stalled, on top of the deadband'),
    Parameter(21, "stall_ms", ParameterType.U16, "ms", "stall_ms", 100, 2000, 500, True, 'how long a wheel must be stalled to count'),
    Parameter(22, "wheel_ms", ParameterType.U16, "ms", "wheel_ms", 50, 500, 150, True, 'how long an encoder or a wheel must misbehave to count'),
    Parameter(23, "max_steer", ParameterType.U16, "mrad", "max_steer_mrad", 87, 785, 436, True, 'largest angle of the front wheels'),
    Parameter(24, "steer_rate", ParameterType.U16, "mrad/s", "steer_rate_mradps", 500, 20000, 6000, False, 'how fast the front wheels turn'),
    Parameter(25, "steer_trim", ParameterType.I16, "mrad", "steer_trim_mrad", -300, 300, 0, False, 'added to the steering command so that 0 drives straight'),
)


class Column(NamedTuple):
    """How one field lies in a payload.

    Attributes:
        code: B H I b h i as in ``struct``, s for bytes, r for distances (``_RANGE_M`` by u16).
        length: Of an array; 0 for a single value.
        scale: The host's value is the wire's times this; None for a plain integer.
        wraps: Whether a value past the end starts again at 0.

    """

    code: str
    length: int
    scale: float | None
    wraps: bool


class Spec(NamedTuple):
    """What the codec must know about one message."""

    id: int
    name: str
    size: int
    seed: int
    to_controller: bool
    rate_hz: int
    kind: type[Message]
    unpack: Callable[[bytes], Message]
    columns: tuple[Column, ...]


_ALL = (
    Spec(0x00, "HELLO_REQUEST", 12, 0x00000000, True, 5, HelloRequest, HelloRequest.unpack, (Column("I", 0, None, False), Column("B", 0, None, False), Column("B", 0, None, False), Column("I", 0, None, False), Column("H", 0, None, False), )),
    Spec(0x01, "HELLO", 51, 0x00000000, False, 0, Hello, Hello.unpack, (Column("I", 0, None, False), Column("B", 0, None, False), Column("B", 0, None, False), Column("I", 0, None, False), Column("I", 0, None, False), Column("H", 0, None, False), Column("s", 3, None, False), Column("B", 0, None, False), Column("B", 0, None, False), Column("B", 0, None, False), Column("B", 0, None, False), Column("s", 12, None, False), Column("I", 0, None, False), Column("I", 0, None, False), Column("I", 0, None, False), Column("I", 0, None, False), )),
    Spec(0x02, "HEARTBEAT", 6, 0xbc96809c, True, 10, Heartbeat, Heartbeat.unpack, (Column("H", 0, None, False), Column("I", 0, None, False), )),
    Spec(0x03, "ALIVE", 11, 0xb6600763, False, 5, Alive, Alive.unpack, (Column("I", 0, None, False), Column("I", 0, None, False), Column("H", 0, None, False), Column("B", 0, None, False), )),
    Spec(0x04, "TIME_REQUEST", 2, 0x969f9ee3, True, 1, TimeRequest, TimeRequest.unpack, (Column("H", 0, None, False), )),
    Spec(0x05, "TIME", 10, 0xf7f7097c, False, 0, Time, Time.unpack, (Column("H", 0, None, False), Column("I", 0, None, False), Column("I", 0, None, False), )),
    Spec(0x06, "EVENT_ACK", 4, 0x605dc36a, True, 0, EventAck, EventAck.unpack, (Column("H", 0, None, False), Column("H", 0, None, False), )),
    Spec(0x07, "HOST_STATS", 16, 0x4ad3bced, True, 1, HostStats, HostStats.unpack, (Column("H", 0, None, False), Column("I", 0, None, False), Column("H", 0, None, False), Column("H", 0, None, False), Column("H", 0, None, False), Column("I", 0, 1e-06, False), )),
    Spec(0x08, "LINK_STATS", 32, 0xce598a07, False, 1, LinkStats, LinkStats.unpack, (Column("I", 0, None, False), Column("H", 0, None, False), Column("H", 0, None, False), Column("H", 0, None, False), Column("H", 0, None, False), Column("H", 0, None, False), Column("H", 0, None, False), Column("H", 0, None, False), Column("H", 0, None, False), Column("H", 0, None, False), Column("H", 0, None, False), Column("H", 0, None, False), Column("H", 0, None, False), Column("H", 0, None, False), Column("H", 0, None, False), )),
    Spec(0x10, "DRIVE", 17, 0x6679889d, True, 50, Drive, Drive.unpack, (Column("H", 0, None, False), Column("H", 0, None, False), Column("H", 0, None, False), Column("h", 0, 0.001, False), Column("h", 0, 0.001, False), Column("h", 0, 0.001, False), Column("B", 0, None, False), Column("I", 0, None, False), )),
    Spec(0x11, "STOP", 1, 0x62cf43e1, True, 0, Stop, Stop.unpack, (Column("B", 0, None, False), )),
    Spec(0x12, "CMD", 8, 0x3b7813b2, True, 0, Cmd, Cmd.unpack, (Column("H", 0, None, False), Column("B", 0, None, False), Column("B", 0, None, False), Column("i", 0, None, False), )),
    Spec(0x13, "RESP", 9, 0x31800d14, False, 0, Resp, Resp.unpack, (Column("H", 0, None, False), Column("B", 0, None, False), Column("B", 0, None, False), Column("B", 0, None, False), Column("I", 0, None, False), )),
    Spec(0x14, "OUT", 6, 0xc57a655b, True, 0, Out, Out.unpack, (Column("H", 0, None, False), Column("B", 0, None, False), Column("B", 0, None, False), Column("H", 0, None, False), )),
    Spec(0x15, "SERVO", 5, 0xd1e38e59, True, 0, Servo, Servo.unpack, (Column("H", 0, None, False), Column("B", 0, None, False), Column("h", 0, 0.001, False), )),
    Spec(0x20, "ODOM", 22, 0xcc475a5e, False, 50, Odom, Odom.unpack, (Column("I", 0, None, False), Column("i", 0, 0.001, False), Column("i", 0, 0.001, False), Column("H", 0, 9.587379924285257e-05, True), Column("h", 0, 0.001, False), Column("h", 0, 0.001, False), Column("h", 0, 0.001, False), Column("H", 0, None, False), )),
    Spec(0x21, "WHEELS", 38, 0x8ad8ba48, False, 50, Wheels, Wheels.unpack, (Column("I", 0, None, False), Column("i", 4, None, False), Column("h", 4, 0.001, False), Column("h", 4, 0.001, False), Column("h", 0, 0.001, False), )),
    Spec(0x22, "IMU", 16, 0xe27605ff, False, 100, Imu, Imu.unpack, (Column("I", 0, None, False), Column("h", 3, 0.001, False), Column("h", 3, 0.0005, False), )),
    Spec(0x23, "RANGES", 21, 0xccd60604, False, 20, Ranges, Ranges.unpack, (Column("I", 0, None, False), Column("B", 0, None, False), Column("r", 8, None, False), )),
    Spec(0x24, "SCAN", 191, 0x7761e159, False, 40, Scan, Scan.unpack, (Column("I", 0, None, False), Column("B", 0, None, False), Column("H", 0, None, False), Column("H", 0, None, False), Column("H", 0, None, False), Column("r", 90, None, False), )),
    Spec(0x25, "POWER", 6, 0xfb2106c5, False, 5, Power, Power.unpack, (Column("H", 0, 0.001, False), Column("h", 0, 0.001, False), Column("B", 0, None, False), Column("B", 0, None, False), )),
    Spec(0x26, "STATUS", 13, 0xc68df422, False, 10, Status, Status.unpack, (Column("B", 0, None, False), Column("B", 0, None, False), Column("H", 0, None, False), Column("H", 0, None, False), Column("B", 0, None, False), Column("H", 0, None, False), Column("B", 0, None, False), Column("H", 0, None, False), Column("B", 0, None, False), )),
    Spec(0x27, "LINE", 13, 0x6d2139ab, False, 50, Line, Line.unpack, (Column("I", 0, None, False), Column("B", 0, None, False), Column("s", 8, None, False), )),
    Spec(0x28, "ENV", 10, 0xf21a8b6c, False, 1, Env, Env.unpack, (Column("I", 0, None, False), Column("B", 0, None, False), Column("B", 0, None, False), Column("i", 0, None, False), )),
    Spec(0x29, "DIN", 22, 0x60b27b15, False, 5, Din, Din.unpack, (Column("I", 0, None, False), Column("H", 0, None, False), Column("s", 8, None, False), Column("h", 4, 0.001, False), )),
    Spec(0x2a, "TAG", 17, 0x569252be, False, 0, Tag, Tag.unpack, (Column("I", 0, None, False), Column("B", 0, None, False), Column("B", 0, None, False), Column("B", 0, None, False), Column("s", 10, None, False), )),
    Spec(0x40, "PARAM_GET", 1, 0x15fc01b1, True, 0, ParamGet, ParamGet.unpack, (Column("B", 0, None, False), )),
    Spec(0x41, "PARAM", 11, 0x4846ed9c, False, 0, Param, Param.unpack, (Column("B", 0, None, False), Column("B", 0, None, False), Column("B", 0, None, False), Column("I", 0, None, False), Column("I", 0, None, False), )),
    Spec(0x42, "PARAM_SET", 7, 0xa6eb964b, True, 0, ParamSet, ParamSet.unpack, (Column("H", 0, None, False), Column("B", 0, None, False), Column("I", 0, None, False), )),
    Spec(0x50, "EVENT", 13, 0x6d037d80, False, 0, Event, Event.unpack, (Column("I", 0, None, False), Column("H", 0, None, False), Column("B", 0, None, False), Column("B", 0, None, False), Column("i", 0, None, False), Column("B", 0, None, False), )),
    Spec(0x51, "TEXT", 54, 0x031a65eb, False, 0, Text, Text.unpack, (Column("I", 0, None, False), Column("B", 0, None, False), Column("B", 0, None, False), Column("s", 48, None, False), )),
    Spec(0x80, "SEALED_HELLO_REQUEST", 24, 0x5e82685c, True, 0, SealedHelloRequest, SealedHelloRequest.unpack, (Column("s", 12, None, False), Column("I", 0, None, False), Column("s", 8, None, False), )),
    Spec(0x82, "SEALED_HEARTBEAT", 18, 0x22387487, True, 0, SealedHeartbeat, SealedHeartbeat.unpack, (Column("s", 6, None, False), Column("I", 0, None, False), Column("s", 8, None, False), )),
    Spec(0x86, "SEALED_EVENT_ACK", 16, 0x78fa293f, True, 0, SealedEventAck, SealedEventAck.unpack, (Column("s", 4, None, False), Column("I", 0, None, False), Column("s", 8, None, False), )),
    Spec(0x87, "SEALED_HOST_STATS", 28, 0x2fc6e6b7, True, 0, SealedHostStats, SealedHostStats.unpack, (Column("s", 16, None, False), Column("I", 0, None, False), Column("s", 8, None, False), )),
    Spec(0x90, "SEALED_DRIVE", 29, 0x0c79225c, True, 0, SealedDrive, SealedDrive.unpack, (Column("s", 17, None, False), Column("I", 0, None, False), Column("s", 8, None, False), )),
    Spec(0x92, "SEALED_CMD", 20, 0xfcd2c4e8, True, 0, SealedCmd, SealedCmd.unpack, (Column("s", 8, None, False), Column("I", 0, None, False), Column("s", 8, None, False), )),
    Spec(0x94, "SEALED_OUT", 18, 0x0683802e, True, 0, SealedOut, SealedOut.unpack, (Column("s", 6, None, False), Column("I", 0, None, False), Column("s", 8, None, False), )),
    Spec(0x95, "SEALED_SERVO", 17, 0x5ccb75ba, True, 0, SealedServo, SealedServo.unpack, (Column("s", 5, None, False), Column("I", 0, None, False), Column("s", 8, None, False), )),
    Spec(0xc2, "SEALED_PARAM_SET", 19, 0x1c398b21, True, 0, SealedParamSet, SealedParamSet.unpack, (Column("s", 7, None, False), Column("I", 0, None, False), Column("s", 8, None, False), )),
)
SPECS: Mapping[int, Spec] = MappingProxyType({spec.id: spec for spec in _ALL})
SPEC_OF: Mapping[type[Message], Spec] = MappingProxyType({spec.kind: spec for spec in _ALL})
