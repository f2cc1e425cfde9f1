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
SCHEMA = 0xfd25debf
MAGIC = 0x52414350

Distances: TypeAlias = NDArray[np.float32]
"""Distances in metres; +inf saw nothing, -inf too close to measure, nan broken (REP-117)."""

_NOTHING = 0xffff
_TOO_CLOSE = 0xfffe
_BROKEN = 0xfffd
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


class Result(IntEnum):
    """How the controller answered a CMD."""

    OK = 0
    DENIED = 1
    UNSUPPORTED = 2
    BAD_ARGUMENT = 3
    WRONG_SESSION = 4


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


class ArmCheck(IntFlag):
    """Reasons for which arming is refused, all at once."""

    STOP_LATCHED = 1
    BUMPER_PRESSED = 2
    UNDERVOLTAGE = 4
    WHEELS_MOVING = 8
    RANGES_SILENT = 16
    NO_SESSION = 32


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


_HELLO = Struct("<IBBIIH3sBBBB12s")


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
        max_frame: Longest payload it accepts, for information.
        uid: Unique id of the chip.

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

    def pack(self) -> bytes:
        """Return the payload; ValueError when a value does not fit its field."""
        try:
            return _HELLO.pack(*self)
        except (StructError, OverflowError, ValueError, TypeError) as error:
            raise ValueError(_does_not_fit(self, error)) from error

    @staticmethod
    def unpack(payload: bytes) -> Hello:
        """Return the message in a payload of exactly 35 bytes."""
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


_LINK_STATS = Struct("<IHHHHHHHH")


class LinkStats(NamedTuple):
    """What the controller's receiver counted since boot; all counters wrap.

    Attributes:
        frames: Whole frames accepted.
        bad_crc: Blocks with the id and the length of a message whose checksum failed.
        bad_length: Blocks shorter than 6 bytes after COBS, of a known id with another length, or longer than 254 bytes.
        bad_cobs: Blocks that are not COBS.
        unknown: Blocks whose id nobody knows (their CRC cannot be checked), and sound frames with an id that only a controller sends.
        lost: Frames missing by their sequence numbers, modulo 256, since the first frame after boot.
        rescued: Frames cut out of a damaged block; they count in frames too.
        refused: Sound frames not obeyed: wrong session, stale count, value out of range.
        tx_dropped: Telemetry frames dropped because the line was full.

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

    def pack(self) -> bytes:
        """Return the payload; ValueError when a value does not fit its field."""
        try:
            return _LINK_STATS.pack(*self)
        except (StructError, OverflowError, ValueError, TypeError) as error:
            raise ValueError(_does_not_fit(self, error)) from error

    @staticmethod
    def unpack(payload: bytes) -> LinkStats:
        """Return the message in a payload of exactly 20 bytes."""
        return tuple.__new__(LinkStats, _LINK_STATS.unpack(payload))


_DRIVE = Struct("<HHHhhh")


class Drive(NamedTuple):
    """The wanted motion, absolute, newest wins. Obeyed only when armed, in the owner's session, and while its lease lasts.

    Attributes:
        session: Session of the sender.
        number: Grows by one per DRIVE; a count that is not newer (modulo 65536) is refused.
        lease_ms: How long this command may be obeyed, 100 to 500; others are refused.
        vx_mps: Forward speed, base_link.
        vy_mps: Speed to the left, base_link; 0 for cars that cannot.
        wz_radps: Turn rate, counter-clockwise.

    """

    session: int
    number: int
    lease_ms: int
    vx_mps: float
    vy_mps: float
    wz_radps: float

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
            )
        except (StructError, OverflowError, ValueError, TypeError) as error:
            raise ValueError(_does_not_fit(self, error)) from error

    @staticmethod
    def unpack(payload: bytes) -> Drive:
        """Return the message in a payload of exactly 12 bytes."""
        (session, count, lease_ms, vx_mmps, vy_mmps, wz_mradps,) = _DRIVE.unpack(payload)
        return Drive(
            session,
            count,
            lease_ms,
            vx_mmps * 0.001,
            vy_mmps * 0.001,
            wz_mradps * 0.001,
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
        argument: CLEAR_STOP: stop_count of STATUS that is to be cleared; else 0.

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
        detail: ARM denied: bit set of ArmCheck; else 0.

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


_WHEELS = Struct("<Iiiiihhhhhhhh")


class Wheels(NamedTuple):
    """Encoder counts, measured wheel speeds and motor commands; front left, front right, rear left, rear right (two wheels use the first two).

    Attributes:
        stamp_us: Controller time.
        ticks: Encoder counts since boot, they wrap.
        speed_mps: Measured speed of the wheel's rim.
        duty: Motor command, -1 to 1.

    """

    stamp_us: int
    ticks: tuple[int, ...]
    speed_mps: tuple[float, ...]
    duty: tuple[float, ...]

    def pack(self) -> bytes:
        """Return the payload; ValueError when a value does not fit its field."""
        try:
            return _WHEELS.pack(
                self.stamp_us,
                *self.ticks,
                *[round(value / 0.001) for value in self.speed_mps],
                *[round(value / 0.001) for value in self.duty],
            )
        except (StructError, OverflowError, ValueError, TypeError) as error:
            raise ValueError(_does_not_fit(self, error)) from error

    @staticmethod
    def unpack(payload: bytes) -> Wheels:
        """Return the message in a payload of exactly 36 bytes."""
        (stamp_us, ticks_0, ticks_1, ticks_2, ticks_3, speed_mmps_0, speed_mmps_1, speed_mmps_2, speed_mmps_3, pwm_permille_0, pwm_permille_1, pwm_permille_2, pwm_permille_3,) = _WHEELS.unpack(payload)
        return Wheels(
            stamp_us,
            (ticks_0, ticks_1, ticks_2, ticks_3),
            (speed_mmps_0 * 0.001, speed_mmps_1 * 0.001, speed_mmps_2 * 0.001, speed_mmps_3 * 0.001),
            (pwm_permille_0 * 0.001, pwm_permille_1 * 0.001, pwm_permille_2 * 0.001, pwm_permille_3 * 0.001),
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
            _RANGE_M[np.frombuffer(ranges, "<u2")],
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
            _RANGE_M[np.frombuffer(ranges, "<u2")],
        )


_POWER = Struct("<HhB")


class Power(NamedTuple):
    """The battery.

    Attributes:
        battery_v: Voltage under load.
        current_a: Current out of the battery, negative while charging.
        charge_percent: Estimated charge, 255 for unknown.

    """

    battery_v: float
    current_a: float
    charge_percent: int

    def pack(self) -> bytes:
        """Return the payload; ValueError when a value does not fit its field."""
        try:
            return _POWER.pack(
                round(self.battery_v / 0.001),
                round(self.current_a / 0.001),
                self.charge_percent,
            )
        except (StructError, OverflowError, ValueError, TypeError) as error:
            raise ValueError(_does_not_fit(self, error)) from error

    @staticmethod
    def unpack(payload: bytes) -> Power:
        """Return the message in a payload of exactly 5 bytes."""
        (battery_mv, current_ma, charge_percent,) = _POWER.unpack(payload)
        return Power(
            battery_mv * 0.001,
            current_ma * 0.001,
            charge_percent,
        )


_STATUS = Struct("<BBHHBHBH")


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

    """

    state: int
    cause: int
    flags: int
    arm_checks: int
    bumpers: int
    stop_count: int
    stop_source: int
    lease_left_ms: int

    def pack(self) -> bytes:
        """Return the payload; ValueError when a value does not fit its field."""
        try:
            return _STATUS.pack(*self)
        except (StructError, OverflowError, ValueError, TypeError) as error:
            raise ValueError(_does_not_fit(self, error)) from error

    @staticmethod
    def unpack(payload: bytes) -> Status:
        """Return the message in a payload of exactly 12 bytes."""
        return tuple.__new__(Status, _STATUS.unpack(payload))


_EVENT = Struct("<IHBBi")


class Event(NamedTuple):
    """Something happened.

    Attributes:
        stamp_us: Controller time.
        event_count: Grows by one per event, so a lost one is noticed.
        severity: How loud.
        code: What happened.
        argument: See the code.

    """

    stamp_us: int
    event_count: int
    severity: int
    code: int
    argument: int

    def pack(self) -> bytes:
        """Return the payload; ValueError when a value does not fit its field."""
        try:
            return _EVENT.pack(*self)
        except (StructError, OverflowError, ValueError, TypeError) as error:
            raise ValueError(_does_not_fit(self, error)) from error

    @staticmethod
    def unpack(payload: bytes) -> Event:
        """Return the message in a payload of exactly 12 bytes."""
        return tuple.__new__(Event, _EVENT.unpack(payload))


Message: TypeAlias = (
    HelloRequest | Hello | Heartbeat | Alive | LinkStats | Drive | Stop | Cmd | Resp | Odom | Wheels | Imu | Ranges | Scan | Power | Status | Event
)


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


_ALL = (
    Spec(0x00, "HELLO_REQUEST", 12, 0x00000000, True, 5, HelloRequest, HelloRequest.unpack),
    Spec(0x01, "HELLO", 35, 0x00000000, False, 0, Hello, Hello.unpack),
    Spec(0x02, "HEARTBEAT", 6, 0xbc96809c, True, 10, Heartbeat, Heartbeat.unpack),
    Spec(0x03, "ALIVE", 11, 0xb6600763, False, 5, Alive, Alive.unpack),
    Spec(0x08, "LINK_STATS", 20, 0x5fb8ea93, False, 1, LinkStats, LinkStats.unpack),
    Spec(0x10, "DRIVE", 12, 0xd4e896d8, True, 50, Drive, Drive.unpack),
    Spec(0x11, "STOP", 1, 0x62cf43e1, True, 0, Stop, Stop.unpack),
    Spec(0x12, "CMD", 8, 0x3b7813b2, True, 0, Cmd, Cmd.unpack),
    Spec(0x13, "RESP", 9, 0x31800d14, False, 0, Resp, Resp.unpack),
    Spec(0x20, "ODOM", 22, 0xcc475a5e, False, 50, Odom, Odom.unpack),
    Spec(0x21, "WHEELS", 36, 0xa2cd1b74, False, 50, Wheels, Wheels.unpack),
    Spec(0x22, "IMU", 16, 0xe27605ff, False, 100, Imu, Imu.unpack),
    Spec(0x23, "RANGES", 21, 0xccd60604, False, 20, Ranges, Ranges.unpack),
    Spec(0x24, "SCAN", 191, 0x7761e159, False, 40, Scan, Scan.unpack),
    Spec(0x25, "POWER", 5, 0x83b617fd, False, 5, Power, Power.unpack),
    Spec(0x26, "STATUS", 12, 0x45b84484, False, 10, Status, Status.unpack),
    Spec(0x50, "EVENT", 12, 0xe6849762, False, 0, Event, Event.unpack),
)
SPECS: Mapping[int, Spec] = MappingProxyType({spec.id: spec for spec in _ALL})
SPEC_OF: Mapping[type[Message], Spec] = MappingProxyType({spec.kind: spec for spec in _ALL})
