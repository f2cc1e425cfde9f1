"""What a car may carry besides IMU, sonars, lidar and gauge, and how it reaches the controller.

Fast sensors are stepped by the plant's kernel; slow ones (tags, environment, switches) are asked here when
it is their time.
"""

from __future__ import annotations

from dataclasses import dataclass

from firmware_protocol.controller_layout import InputsStruct
from firmware_protocol.messages import Capability
from sim.controller import Controller
from sim.noise import Noise
from sim.sensors.charger import Charger, ChargerParameters
from sim.sensors.cliff import CliffParameters, Cliffs
from sim.sensors.environment import Environment, EnvironmentParameters
from sim.sensors.infrared import Infrared, InfraredParameters
from sim.sensors.line import Line, LineParameters
from sim.sensors.tag_reader import TagReader, TagReaderParameters
from sim.world.walls import World


@dataclass(frozen=True, slots=True)
class FittingParameters:
    """What is fitted; nothing unless said. ``inputs`` is the bit set of the digital inputs that are wired."""

    infrared: InfraredParameters | None = None
    cliffs: CliffParameters | None = None
    line: LineParameters | None = None
    charger: ChargerParameters | None = None
    readers: tuple[TagReaderParameters, ...] = ()
    environment: tuple[EnvironmentParameters, ...] = ()
    inputs: int = 0

    @property
    def capabilities(self) -> Capability:
        """What the firmware must be told of it."""
        said = {
            Capability.CLIFFS: self.cliffs,
            Capability.LINE_SENSOR: self.line,
            Capability.CHARGER: self.charger,
            Capability.TAG_READER: self.readers,
            Capability.ENVIRONMENT: self.environment,
            Capability.DIGITAL_INPUTS: self.inputs,
        }
        fitted = Capability(0)
        for capability, what in said.items():
            fitted |= capability if what else Capability(0)
        return fitted


class Fittings:
    """Everything that is fitted to one car."""

    def __init__(self, parameters: FittingParameters, world: World, seed: int) -> None:
        p = parameters
        self.world = world
        self.infrared = Infrared(p.infrared, seed) if p.infrared else None
        self.cliffs = Cliffs(p.cliffs) if p.cliffs else None
        self.line = Line(p.line, seed) if p.line else None
        self.charger = Charger(p.charger, world.things.docks) if p.charger else None
        self._readers = [TagReader(reader, seed) for reader in p.readers]
        self._environment = [Environment(sensor, seed) for sensor in p.environment]
        self._inputs = p.inputs
        self.is_asked = bool(self._readers or self._environment or self._inputs)

    @property
    def addresses(self) -> dict[str, int | None]:
        """Where the kernel finds the fast ones, by field of ``PlantStruct``."""
        fast = {
            "infrared": self.infrared,
            "cliffs": self.cliffs,
            "line": self.line,
            "charger": self.charger,
        }
        return {name: sensor.address if sensor else None for name, sensor in fast.items()}

    @property
    def noises(self) -> list[Noise]:
        """The noise of the fast ones, to be drawn with that of the plant."""
        return [sensor.noise for sensor in (self.infrared, self.line) if sensor]

    def ask(
        self,
        step: int,
        now_s: float,
        pose: tuple[float, float, float],
        inputs: InputsStruct,
        controller: Controller,
    ) -> None:
        """Let the slow ones measure, and tell the controller."""
        for reader in self._readers:
            tag = reader.step(step, now_s, pose, self.world)
            if tag is not None:
                controller.tag(tag.kind, tag.reader, tag.number)
        for sensor in self._environment:
            value = sensor.step(step, now_s, pose, self.world)
            if value is not None:
                controller.reading(sensor.parameters.quantity, sensor.parameters.place, value)
        on = {switch.channel for switch in self.world.things.switches if switch.is_on(pose[:2], now_s)}
        inputs.digital_inputs = self._inputs & sum(1 << channel for channel in on)
