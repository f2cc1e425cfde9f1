"""A reader of tags: an RFID coil below the car, or a camera that looks for printed marks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import atan2, cos, hypot, pi, remainder, sin, tau
from typing import NamedTuple

from firmware_protocol.messages import Quantity, TagKind
from sim.noise import Noise, stream
from sim.world.floor import Place
from sim.world.things import Tag, sees
from sim.world.walls import World


@dataclass(frozen=True, slots=True)
class TagReaderParameters:
    """One reader.

    Attributes:
        at_m: Where it sits, ``base_link``.
        misses: Share of the attempts that read nothing.
        half_angle_rad: How far aside it sees, around straight ahead; pi for all around.
        least_lux: In less light it is blind; 0 for a reader that needs none.
        period_steps: Control periods between two attempts.

    """

    kind: TagKind = TagKind.RFID
    reader: int = 0
    at_m: Place = (0.0, 0.0)
    misses: float = 0.1
    half_angle_rad: float = pi
    least_lux: float = 0.0
    period_steps: int = 10


class Reading(NamedTuple):
    """A tag that was read."""

    kind: TagKind
    reader: int
    number: bytes


class TagReader:
    """Reads the nearest tag that it can; two in reach disturb each other, and the nearer one wins."""

    def __init__(self, parameters: TagReaderParameters, seed: int) -> None:
        self.parameters = parameters
        self.noise = Noise(stream(seed, f"tag reader {parameters.reader}"), 0, 1)

    def step(self, step: int, now_s: float, pose: tuple[float, float, float], world: World) -> Reading | None:
        """Return what is read in this control period."""
        p = self.parameters
        missed = self.noise.uniform(step) < p.misses
        if step % p.period_steps or missed:
            return None
        cosine, sine = cos(pose[2]), sin(pose[2])
        eye = (
            pose[0] + cosine * p.at_m[0] - sine * p.at_m[1],
            pose[1] + sine * p.at_m[0] + cosine * p.at_m[1],
        )
        nearest = min(self._readable(eye, pose[2], now_s, world), key=lambda row: row[0], default=None)
        return None if nearest is None else Reading(p.kind, p.reader, nearest[1].number)

    def _readable(self, eye: Place, yaw: float, now_s: float, world: World) -> Iterator[tuple[float, Tag]]:
        p = self.parameters
        for tag in world.things.tags:
            dx, dy = tag.x_m - eye[0], tag.y_m - eye[1]
            far_m = hypot(dx, dy)
            aside = abs(remainder(atan2(dy, dx) - yaw, tau))
            if tag.kind is not p.kind or far_m > tag.reach_m or aside > p.half_angle_rad:
                continue
            at = (tag.x_m, tag.y_m)
            if p.kind is TagKind.VISUAL and not sees(world, eye, at):
                continue
            if p.least_lux and world.things.level(Quantity.LIGHT, at, now_s, world) < p.least_lux:
                continue
            yield far_m, tag
