"""People go their ways, and give way."""

from __future__ import annotations

import ctypes
import math
import random
from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sim_host import room

import sim.world.people as people_module
from sim.native import OutlineStruct, kernels
from sim.world.people import GUESTS, RADIUS_M, Guest, People
from sim.world.walls import World

OUTLINE = OutlineStruct(0.16, 0.12, 0.12)
PERIOD_S = 0.05
FAR_AWAY = (-1000.0, 0.0, 0.0)


@dataclass(frozen=True, slots=True)
class Walk:
    """A route."""

    stops: tuple[tuple[float, float], ...]
    speed_mps: float = 1.0
    pause_s: float = 0.5


def car_gap(people: People, pose: tuple[float, float, float]) -> float:
    """Return the smallest gap between anybody and the car."""
    place = (ctypes.c_double * 3)(*pose)
    return min(
        float(
            kernels().sim_disc_gap(ctypes.addressof(OUTLINE), ctypes.addressof(place), disc.ctypes.data, None)
        )
        for disc in people.discs
    )


class Street:
    """People in a world with a car whose pose the test sets."""

    def __init__(self, walks: list[Walk], world: World | None = None, seed: int = 0) -> None:
        self.world = world or World.from_walls(room())
        self.people = People(walks, seed, PERIOD_S)
        self.car = FAR_AWAY

    def live(self, seconds: float) -> None:
        place = (ctypes.c_double * 3)(*self.car)
        for _ in range(round(seconds / PERIOD_S)):
            self.people.walk(self.world.address, OUTLINE, ctypes.addressof(place))

    def visits(self, place: tuple[float, float], seconds: float) -> int:
        """Return how often the first person arrives at a place."""
        count, near = 0, True
        for _ in range(round(seconds / PERIOD_S)):
            self.live(PERIOD_S)
            was, near = near, math.dist(self.people.positions_m[0], place) < 0.3
            count += near and not was
        return count


def test_a_person_walks_round_the_stops_for_ever_and_pauses_at_each() -> None:
    street = Street([Walk(((2.0, 2.0), (6.0, 2.0), (6.0, 4.0)))])
    visits = street.visits((6.0, 4.0), 60.0)
    round_s = (4.0 + 2.0 + math.hypot(4.0, 2.0)) / 1.0 + 3 * 0.5
    assert visits == pytest.approx(60.0 / round_s, abs=1.5)


def test_two_people_who_meet_pass_each_other_and_neither_is_stuck() -> None:
    walks = [Walk(((1.0, 3.0), (9.0, 3.0))), Walk(((9.0, 3.0), (1.0, 3.0)))]
    street = Street(walks)
    assert street.visits((9.0, 3.0), 60.0) >= 2


def test_people_keep_apart_while_they_pass() -> None:
    street = Street([Walk(((1.0, 3.0), (9.0, 3.0))), Walk(((9.0, 3.0), (1.0, 3.0)))])
    least = 9.0
    for _ in range(600):
        street.live(PERIOD_S)
        least = min(least, math.dist(*street.people.positions_m))
    assert least > RADIUS_M


@given(st.integers(0, 2**32 - 1))
@settings(max_examples=12, deadline=None)
def test_nobody_ever_enters_a_wall_or_the_standing_car(seed: int) -> None:
    rng = np.random.default_rng(seed)
    box = [[4.0, 2.5, 5.0, 2.5], [5.0, 2.5, 5.0, 3.5], [5.0, 3.5, 4.0, 3.5], [4.0, 3.5, 4.0, 2.5]]
    lanes = [Walk(((0.6, y), (9.4, y)), float(rng.uniform(0.5, 1.5))) for y in (1.0, 1.6, 4.2, 5.0)]
    crossing = [Walk(((x, 0.6), (x, 5.4))) for x in (2.0, 3.2, 6.5, 8.0)]
    street = Street(lanes + crossing, World.from_walls(room() + box), seed)
    street.car = (float(rng.uniform(2.5, 3.0)), float(rng.uniform(1.8, 2.4)), float(rng.uniform(-3.0, 3.0)))
    for _ in range(200):
        street.live(PERIOD_S)
        for x_m, y_m in street.people.positions_m:
            assert street.world.point_clearance(x_m, y_m) >= RADIUS_M - 1e-9
        assert car_gap(street.people, street.car) > 0.0


def test_somebody_who_walks_at_the_car_slows_down_and_steps_around_it() -> None:
    street = Street([Walk(((2.0, 3.0), (8.0, 3.0)), pause_s=0.0)])
    street.car = (5.0, 3.0, 0.0)
    least, speeds = 9.0, []
    for _ in range(400):
        street.live(PERIOD_S)
        gap_m = car_gap(street.people, street.car)
        least = min(least, gap_m)
        if gap_m < 0.4:
            speeds.append(math.hypot(street.people._people[0].vx_mps, street.people._people[0].vy_mps))
    assert least > 0.05
    assert min(speeds) < 0.7
    assert street.visits((8.0, 3.0), 30.0) >= 1  # they got past


def test_somebody_who_cannot_get_past_the_car_turns_back() -> None:
    corridor = [[0.0, 0.0, 10.0, 0.0], [0.0, 0.7, 10.0, 0.7]]
    street = Street([Walk(((1.0, 0.35), (9.0, 0.35)), pause_s=0.0)], World.from_walls(corridor))
    street.car = (5.0, 0.35, math.pi)
    assert street.visits((1.0, 0.35), 60.0) >= 1
    assert car_gap(street.people, street.car) > 0.0


def test_people_set_out_by_the_seed() -> None:
    walks = [Walk(((1.0, 1.0), (8.0, 5.0)))]
    first, same, other = Street(walks, seed=1), Street(walks, seed=1), Street(walks, seed=2)
    for street in (first, same, other):
        street.live(5.0)
    assert first.people.positions_m.tolist() == same.people.positions_m.tolist()
    assert first.people.positions_m.tolist() != other.people.positions_m.tolist()


def test_a_person_with_one_stop_stays_there() -> None:
    street = Street([Walk(((3.0, 3.0),))])
    street.live(10.0)
    assert street.people.positions_m[0].tolist() == [3.0, 3.0]


def test_a_route_without_a_stop_or_without_speed_is_refused() -> None:
    with pytest.raises(ValueError, match=r"people\[0\]"):
        People([Walk(())], 0, PERIOD_S)
    with pytest.raises(ValueError, match=r"people\[1\]"):
        People([Walk(((1.0, 1.0),)), Walk(((1.0, 1.0),), speed_mps=0.0)], 0, PERIOD_S)


class TestGuests:
    """Somebody comes who was not there from the start, and goes again."""

    WALKS = (Walk(((1.0, 1.0), (8.0, 1.0))), Walk(((2.0, 4.0), (8.0, 5.0))))

    def test_a_thing_stays_where_it_is_put(self) -> None:
        street = Street(list(self.WALKS))
        street.people.enter(Guest(((5.0, 3.0),), radius_m=0.1))
        street.live(20.0)
        assert street.people.discs[2].tolist() == [5.0, 3.0, 0.1]

    def test_somebody_crosses_once_and_stays_on_the_other_side(self) -> None:
        street = Street([])
        street.people.enter(Guest(((5.0, 1.0), (5.0, 5.0)), speed_mps=1.0))
        street.live(2.0)
        assert 2.0 < street.people.positions_m[0, 1] < 3.5
        street.live(8.0)
        assert street.people.positions_m[0] == pytest.approx((5.0, 5.0), abs=0.2)

    def test_who_comes_and_goes_far_away_leaves_no_trace_in_the_others(self) -> None:
        alone, visited = Street(list(self.WALKS)), Street(list(self.WALKS))
        number = visited.people.enter(Guest(((5.0, 2.5),)))
        visited.people.leave(number)
        for street in (alone, visited):
            street.live(10.0)
        assert visited.people.discs.tolist() == alone.people.discs.tolist()

    @given(st.lists(st.booleans(), max_size=40), st.randoms(use_true_random=False))
    def test_guests_keep_their_places_whoever_goes_before_them(
        self, comes: list[bool], chance: random.Random
    ) -> None:
        people = People(self.WALKS, 0, PERIOD_S)
        inside: dict[int, float] = {}
        for place, one_comes in enumerate(comes):
            if one_comes and len(inside) < GUESTS:
                inside[people.enter(Guest(((float(place), 3.0),)))] = float(place)
            elif inside:
                gone = chance.choice(sorted(inside))
                people.leave(gone)
                del inside[gone]
            assert people.count == len(self.WALKS) + len(inside)
            assert people.positions_m[len(self.WALKS) :, 0].tolist() == list(inside.values())

    def test_more_than_there_is_room_for_are_refused(self) -> None:
        people = People([], 0, PERIOD_S)
        for _ in range(GUESTS):
            people.enter(Guest(((1.0, 1.0),)))
        with pytest.raises(ValueError, match="8 guests at most"):
            people.enter(Guest(((1.0, 1.0),)))
        with pytest.raises(ValueError, match="1 or 2 stops"):
            People([], 0, PERIOD_S).enter(Guest(()))


class TestCrowds:
    """Many people are told apart by the squares they stand on, and walk as if everybody had been asked."""

    @staticmethod
    def crowd(count: int, width_m: float, seed: int = 5) -> list[float]:
        """Return where a crowd is after six seconds in a room so wide."""
        ends = np.random.default_rng(seed).uniform(0.4, width_m - 0.4, (count, 2, 2)).tolist()
        speeds = (0.4 + 0.1 * (number % 9) for number in range(count))
        walks = [
            Walk(((a[0], a[1]), (b[0], b[1])), speed) for (a, b), speed in zip(ends, speeds, strict=True)
        ]
        street = Street(walks, World.from_walls(room(width_m, width_m)))
        street.car = (0.5 * width_m, 0.5 * width_m, 0.3)
        street.people.enter(Guest(((1.0, 1.0),), radius_m=0.6))
        street.live(6.0)
        found: list[float] = street.people.discs.ravel().tolist()
        return found

    @pytest.mark.parametrize(("count", "width_m"), [(3, 4.0), (60, 8.0), (150, 5.0), (300, 60.0)])
    def test_squares_change_not_one_bit(
        self, count: int, width_m: float, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(people_module, "FEW", 10**6)
        everybody = self.crowd(count, width_m)
        monkeypatch.setattr(people_module, "FEW", 0)
        assert self.crowd(count, width_m) == everybody
        assert self.crowd(count, width_m, seed=6) != everybody
