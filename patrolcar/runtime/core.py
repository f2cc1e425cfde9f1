"""One turn of the loop: read, decide, write down, send. All thinking is in ``Pilot.step``."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Sequence
from typing import Final

from patrolcar.modes import ARMED_MODES
from patrolcar.pilot import Output, Pilot
from patrolcar.pilot.intents import Intent, PortLost, to_json
from patrolcar.pilot.snapshot import EventView
from patrolcar.recording import Recorder
from patrolcar.runtime.connection import Connection

PERIOD_NS: Final = 20_000_000  # 50 Hz
POSE_EVERY_TURNS: Final = 5
STOP_REASON_PROGRAM_END: Final = 2


class Core:
    """The port, the pilot and the recorder, tied together.

    Args:
        connection: The port to the controller.
        pilot: Decides.
        recorder: Writes every turn down; None for none.

    """

    def __init__(self, connection: Connection, pilot: Pilot, recorder: Recorder | None = None) -> None:
        self.connection = connection
        self.pilot = pilot
        self.recorder = recorder
        self._turns = 0

    def turn(self, intents: Sequence[Intent], now_ns: int) -> Output:
        """Do one turn; returns what was sent and what happened."""
        received, lost = self.connection.read(now_ns)
        if lost is not None:
            intents = (PortLost(lost), *intents)
        output = self.pilot.step(received, intents, now_ns)
        self.connection.write(output.to_send, now_ns)
        self._turns += 1
        if self.recorder is None:
            return output
        try:
            self._write_down(self.recorder, received, intents, output, now_ns)
        except OSError as error:  # a full disk must not stop a car, only its recording
            self.recorder = None
            text = f"recording ended: {error.strerror or error}; the car drives on without it"
            return Output(output.to_send, (*output.events, EventView(now_ns, "WARNING", "recorder", text)))
        return output

    @property
    def car_is_armed(self) -> bool:
        """Whether the motors follow."""
        return self.pilot.mode in ARMED_MODES

    def stop_at_once(self, now_ns: int) -> None:
        """Send STOP past everything else; the program is about to die of an error."""
        self.connection.write(self.pilot.session.stop(STOP_REASON_PROGRAM_END), now_ns)

    def end(self) -> None:
        """Close everything; ask the pilot to stand first."""
        self.connection.close()
        if self.recorder is not None:
            with contextlib.suppress(OSError):  # a full disk: what was written is readable without the end
                self.recorder.close()

    def _write_down(
        self, recorder: Recorder, received: bytes, intents: Sequence[Intent], output: Output, now_ns: int
    ) -> None:
        recorder.tick(now_ns, received, [to_json(intent) for intent in intents], output.to_send)
        for event in output.events:
            recorder.event(now_ns, event.severity, event.source, event.text)
        pose = self.pilot.pose_map
        if pose is not None and self._turns % POSE_EVERY_TURNS == 0:
            half = pose.yaw_rad / 2.0
            recorder.pose(now_ns, pose.x_m, pose.y_m, (math.sin(half), math.cos(half)))
