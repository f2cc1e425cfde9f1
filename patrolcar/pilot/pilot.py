"""The pure step: received bytes, intents and the time in; bytes to send and events out.

The only file that calls all the stages, once per turn, always in this order: session, state, intents,
mode, localisation, mission and navigation, governor, session. Feed it a recording and it writes the same
bytes again.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from firmware_protocol.messages import Cause, Command, Message, Result, State, StatusFlag, TargetKind
from firmware_protocol.session import (
    Answered,
    EventsLost,
    GaveUp,
    LinkEvent,
    LinkLost,
    LinkState,
    LinkUp,
    Refused,
    Session,
)
from patrolcar.geometry import ZERO_TWIST, Pose2, Twist2
from patrolcar.governor import Verdict
from patrolcar.mission import Mission
from patrolcar.modes import ARMED_MODES, URGENT, Event, Mode, after
from patrolcar.pilot import intents as ask
from patrolcar.pilot.accessories import Order, Wish, asked_of_the_controller
from patrolcar.pilot.autopilot import Autopilot
from patrolcar.pilot.hand import Hand
from patrolcar.pilot.position import Position
from patrolcar.pilot.sentences import SEVERITIES, explained, refusal, said, told
from patrolcar.pilot.shield import Shield
from patrolcar.pilot.snapshot import EventView
from patrolcar.site import Site
from patrolcar.state import SPOKEN, CarState, events_of, texts_of
from patrolcar.vehicle import Vehicle

LEASE_MS: Final = 200
SILENT_HOLDS: Final = frozenset({Cause.RANGE_SILENT, Cause.IMU_SILENT})  # the others have events of their own
STOP_REASON_OPERATOR: Final = 0
ARM_WITHIN_NS: Final = 3_000_000_000  # a mission that waits longer for its car is forgotten
LOST_FOR_NS: Final = 1_000_000_000


class Output(NamedTuple):
    """What one turn produced."""

    to_send: bytes
    events: tuple[EventView, ...]


class Pilot:
    """Decides for one car.

    Args:
        site: Where it drives.
        vehicle: What it is.
        mission: What it patrols; None to drive by hand only.
        session: Number of the first session, 1 to 65535; another one after each start of the program.
        seed: Start of every chance (the particles of the localisation).
        key: 32 bytes, for a car that has a key.

    """

    def __init__(
        self,
        site: Site,
        vehicle: Vehicle,
        mission: Mission | None,
        session: int,
        seed: int,
        key: bytes | None = None,
    ) -> None:
        self.site = site
        self.vehicle = vehicle
        self.mode = Mode.OFFLINE
        self.car = CarState()
        self.session = Session(session, key)
        self.position = Position(site, vehicle, seed)
        self.autopilot = Autopilot(site, vehicle, mission)
        self.hand = Hand()
        self.shield = Shield(site, vehicle)
        self.stops = 0
        self.wanted = ZERO_TWIST
        self.verdict = Verdict(ZERO_TWIST, (), 0.0)
        self._turns = 0
        self._linked_ns = 0
        self._start_asked_ns: int | None = None  # a mission waits for the car to be armed
        self._stop_asked_ns: int | None = None  # STOP is sent every turn until the controller says STOPPED
        self._held_by: int = Cause.NONE  # why the armed car did not drive at the last turn
        self._disarming = False  # want nothing until the controller says DISARMED
        self._boot_id: int | None = None
        self._lost_since_ns: int | None = None
        self._events: list[EventView] = []
        self._beside = b""  # frames of this turn for outputs and servos
        self._now_ns = 0

    # ------------------------------------------------------------ the step

    def step(self, received: bytes, intents: Sequence[ask.Intent], now_ns: int) -> Output:
        """Do one turn of the loop."""
        self._turns += 1
        self._now_ns = now_ns
        self._events, self._beside = [], b""
        for intent in intents:
            if isinstance(intent, ask.PortLost):
                self._disconnected(intent.client)
        messages, link_events = self.session.receive(received, now_ns)
        self.car = self.car.updated(messages, self.vehicle, now_ns, self.session.clock.fit)
        self.shield.doubts.update(messages, self.car.odometry)
        self._report(messages)
        polled, more = self.session.poll(self._turns, now_ns)
        happened = self._linked(link_events + more) + self._reported()
        self._obey(intents, happened)
        self.position.update(self.car)
        happened += self._faults()
        if happened:
            was, self.mode = self.mode, after(self.mode, happened)
            self.stops += self.mode is Mode.STOPPED and was is not Mode.STOPPED
        self._keep_or_drop_wishes(happened)
        self._start_if_armed()
        self._fly()
        motion = self._stop() or self._drive()
        return Output(polled + self._beside + motion, tuple(self._events))

    @property
    def may_start(self) -> bool:
        """Whether a mission could be started: the link is up, the car stands disarmed, its pose is known."""
        status = self.car.status
        if status is None or status.flags & StatusFlag.MOVING:  # a car that still rolls refuses to be armed
            return False
        is_fresh = self.car.arrived_ns["STATUS"] >= self._linked_ns
        return self.mode is Mode.DISARMED and is_fresh and self.position.scans_enough

    @property
    def pose_map(self) -> Pose2 | None:
        """Where the car believes to be, None before the first odometry."""
        return self.position.pose_map

    # ------------------------------------------------------------ the link

    def _disconnected(self, reason: str) -> None:
        self._tell("WARNING", "link", reason)
        if self.session.disconnected(reason):
            self.mode = after(self.mode, [Event.LINK_LOST])

    def _linked(self, events: Sequence[LinkEvent]) -> list[Event]:
        happened: list[Event] = []
        for event in events:
            match event:
                case LinkUp(hello):
                    self._linked_ns = self._now_ns
                    self._tell_of_reboot(hello.boot_id)
                    target = TargetKind(hello.target).name.lower() if hello.target in set(TargetKind) else "?"
                    self._tell("INFO", "link", f"connected to a controller ({target})")
                    happened.append(Event.LINK_UP)
                case LinkLost(reason):
                    self._tell("WARNING", "link", reason)
                    happened.append(Event.LINK_LOST)
                case Refused(reason):
                    self._tell("CAUTION", "link", reason)
                case EventsLost(count):
                    what = "1 event was" if count == 1 else f"{count} events were"
                    self._tell(
                        "CAUTION", "controller", f"{what} lost: the controller keeps only the newest 16"
                    )
                case Answered(command, result, detail):
                    self._answered(command, result, detail)
                case GaveUp(command):
                    self._tell("CAUTION", "link", f"the controller did not answer {command.name.lower()}")
                    self._start_asked_ns = None
                    if command is Command.DISARM:
                        self._stop_asked_ns = self._now_ns
        return happened

    def _tell_of_reboot(self, boot_id: int) -> None:
        if self._boot_id not in {None, boot_id}:
            text = "the controller restarted since we last drove: check that the pose on the map is right"
            self._tell("CAUTION", "link", text)
        self._boot_id = boot_id

    def _answered(self, command: Command, result: Result, detail: int) -> None:
        if result is not Result.OK:
            self._start_asked_ns = None
            self._tell("CAUTION", "controller", refusal(command, result, detail))

    def _reported(self) -> list[Event]:
        """Return what the newest STATUS of this link says about the mode."""
        status = self.car.status
        if status is None or self.car.arrived_ns["STATUS"] < self._linked_ns or self.mode is Mode.OFFLINE:
            return []
        if status.state == State.STOPPED:
            return [] if self.mode is Mode.STOPPED else [Event.STOPPED]
        if status.state == State.ARMED:
            return [Event.ARMED] if self.mode is Mode.DISARMED else []
        if self.mode is Mode.STOPPED:
            return [Event.STOP_CLEARED]
        return [Event.DISARMED] if self.mode in ARMED_MODES else []

    def _report(self, messages: Sequence[Message]) -> None:
        if not SPOKEN.isdisjoint(map(type, messages)):
            for event in events_of(messages):
                self._tell(SEVERITIES.get(event.severity, "CAUTION"), "controller", told(event))
            for text in texts_of(messages):
                self._tell(SEVERITIES.get(text.severity, "CAUTION"), "firmware", said(text))
        status = self.car.status
        cause = status.cause if status is not None and status.state == State.ARMED else Cause.NONE
        if cause != self._held_by and cause in SILENT_HOLDS:
            why = explained(cause)
            self._tell("WARNING", "controller", f"held: {why.text} ({why.remedy})")
        self._held_by = cause

    # ------------------------------------------------------------ intents

    def _obey(self, intents: Sequence[ask.Intent], happened: list[Event]) -> None:
        for intent in intents:
            if isinstance(intent, ask.StopCar):
                if self._stop_asked_ns is None:
                    self._tell("WARNING", "operator", f"STOP by {intent.client}")
                self._stop_asked_ns = self._now_ns
            elif isinstance(intent, ask.Drive):
                happened += self._hand_drive(intent)
            else:
                happened += self._asked(intent)

    def _hand_drive(self, intent: ask.Drive) -> list[Event]:
        patrols = self.mode in {Mode.PATROL, Mode.HOLD}
        if (patrols and intent.twist.is_zero) or not self.hand.take(intent, self._now_ns):
            return []
        takes_over = patrols
        if takes_over:
            self.autopilot.pause(self._now_ns)
            self._tell("INFO", "operator", f"{intent.client} took over; resume goes on with the mission")
        return [Event.TAKE_OVER] if takes_over else []

    def _asked(self, intent: ask.Intent) -> list[Event]:
        match intent:
            case ask.Arm():
                self._start_asked_ns = None
                self.session.command(Command.ARM)
            case ask.Disarm() | ask.Stand():
                self._start_asked_ns = None
                self._disarming = True
                self.autopilot.pause(self._now_ns)
                self.session.command(Command.DISARM)
            case ask.ClearStop():
                self._start_asked_ns = None
                count = self.car.status.stop_count if self.car.status else 0
                self.session.command(Command.CLEAR_STOP, count)
            case ask.StartMission():
                return self._start_asked()
            case ask.PauseMission() if self.mode is Mode.PATROL:
                self.autopilot.pause(self._now_ns)
                return [Event.PAUSE]
            case ask.ResumeMission() if self.mode in {Mode.HOLD, Mode.MANUAL} and self.autopilot.may_resume:
                self.autopilot.resume(self._now_ns)
                return [Event.RESUME] if self.mode is Mode.HOLD else [Event.START]
            case ask.SkipPlace():
                self.autopilot.skip(self._now_ns)
            case ask.SetPose(x_m=x_m, y_m=y_m, yaw_rad=yaw_rad):
                self._set_pose(Pose2(x_m, y_m, yaw_rad))
            case ask.SwitchOutput() | ask.TurnServo() | ask.SetStream() if self.mode is not Mode.OFFLINE:
                self._use(intent)
            case _:
                pass
        return []

    def _use(self, wish: Wish) -> None:
        """Hand on what is asked of the car beside its wheels, or say why not."""
        match asked_of_the_controller(wish, self.session.number, self.car.capabilities):
            case str(why_not):
                self._tell("CAUTION", "operator", why_not)
            case Order(command, argument):
                self.session.command(command, argument)
            case message:
                self._beside += self.session.frame(message)

    def _start_asked(self) -> list[Event]:
        if not self.autopilot.has_mission:
            self._tell(
                "CAUTION",
                "mission",
                "there is no mission; start the core with one: patrolcar up --mission FILE",
            )
        elif self.mode is Mode.DISARMED:
            self._start_asked_ns = self._now_ns
            self.session.command(Command.ARM)
        elif self.mode in {Mode.MANUAL, Mode.HOLD}:
            self.autopilot.start(self._now_ns)
            return [Event.RESUME] if self.mode is Mode.HOLD else [Event.START]
        return []

    def _set_pose(self, pose: Pose2) -> None:
        is_near = max(abs(pose.x_m), abs(pose.y_m)) <= ask.LARGEST
        if not is_near or self.site.grid.state_at(pose.x_m, pose.y_m) is None:
            self._tell(
                "CAUTION", "operator", f"({pose.x_m:.2f}, {pose.y_m:.2f}) is off the map: pose not set"
            )
            return
        self.position.relocate(pose)
        self._tell("INFO", "operator", f"pose set to ({pose.x_m:.2f}, {pose.y_m:.2f})")

    def _keep_or_drop_wishes(self, happened: Sequence[Event]) -> None:
        """Forget what was asked for a car that has since been stopped, lost or disarmed."""
        asked_ns = self._start_asked_ns
        if asked_ns is None and not self._disarming:
            return
        is_old = asked_ns is not None and self._now_ns - asked_ns > ARM_WITHIN_NS
        if is_old or not URGENT.isdisjoint(happened) or self.mode is Mode.OFFLINE:
            self._start_asked_ns = None
        if self.mode not in ARMED_MODES:
            self._disarming = False

    def _start_if_armed(self) -> None:
        if self._start_asked_ns is not None and self.mode is Mode.MANUAL:
            self._start_asked_ns = None
            self.autopilot.start(self._now_ns)
            self.mode = after(self.mode, [Event.START])

    # ------------------------------------------------------------ driving

    def _faults(self) -> list[Event]:
        """Return FAULT when the car has not known where it is for a second."""
        if not self.position.is_lost:
            self._lost_since_ns = None
            return []
        if self._lost_since_ns is None:
            self._lost_since_ns = self._now_ns
        if self.mode is Mode.PATROL and self._now_ns - self._lost_since_ns >= LOST_FOR_NS:
            self._tell(
                "WARNING", "localisation", "the car does not know where it is: drive it or set its pose"
            )
            self.autopilot.pause(self._now_ns)
            return [Event.FAULT]
        return []

    def _fly(self) -> None:
        """Let the mission advance and choose the wanted twist."""
        if self._disarming or self._stop_asked_ns is not None:
            self.wanted = ZERO_TWIST
        elif self.mode is Mode.PATROL:
            self.autopilot.advance(self.car, self.position, self._now_ns)
            self.wanted = self.autopilot.twist
            if self.autopilot.is_over:
                self.wanted = ZERO_TWIST
                self.mode = after(self.mode, [Event.FINISHED])
        elif self.mode is Mode.MANUAL:
            self.wanted = self.hand.twist(self._now_ns)
        else:
            self.wanted = ZERO_TWIST
        for severity, text in self.autopilot.news():
            self._tell(severity, "mission", text)

    def _stop(self) -> bytes:
        """Return STOP, turn after turn, until a STATUS that came after the ask says STOPPED."""
        asked_ns = self._stop_asked_ns
        if asked_ns is None:
            return b""
        status = self.car.status
        if status is not None and status.state == State.STOPPED and self.car.arrived_ns["STATUS"] > asked_ns:
            self._stop_asked_ns = None
            return b""
        return self.session.stop(STOP_REASON_OPERATOR)

    def _drive(self) -> bytes:
        """Let the governor have the last word and return the DRIVE, while the car is armed."""
        if self.mode not in ARMED_MODES:
            self.verdict = Verdict(ZERO_TWIST, (), self.verdict.clearance_m)
            return b""
        before = self.verdict
        self.verdict = self.shield.verdict(self.wanted, self.car, self.position, self._now_ns)
        self._explain(before)
        twist: Twist2 = self.verdict.twist
        if self.session.state is not LinkState.UP:
            return b""
        return self.session.drive(twist.vx_mps, twist.vy_mps, twist.wz_radps, LEASE_MS, self._now_ns)

    def _explain(self, before: Verdict) -> None:
        """Tell when the governor begins to stop the car for a new reason."""
        for reason in self.verdict.reasons:
            if reason not in before.reasons and self.shield.is_news(reason, self._now_ns):
                self._tell("INFO", "governor", self.shield.sentence(reason))

    def _tell(self, severity: str, source: str, text: str) -> None:
        self._events.append(EventView(self._now_ns, severity, source, text))
