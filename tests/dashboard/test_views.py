"""What the dashboard says, in words and glyphs, at the sizes people have."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import pytest
from fake_core import snapshot
from pictures import EVENTS, picture

from patrolcar.dashboard.controls import Hand, StopState
from patrolcar.dashboard.drive_fsm import IDLE, Command, InputPath
from patrolcar.dashboard.frame import Frame, Page
from patrolcar.dashboard.glyphs import ASCII, UNICODE
from patrolcar.dashboard.ink import Ink
from patrolcar.dashboard.keymap import ENTRIES, action_of
from patrolcar.dashboard.text import Line, ascii_only, line_width, text_of
from patrolcar.dashboard.views.alarm import alarm_rows
from patrolcar.dashboard.views.drive import drive_rows
from patrolcar.dashboard.views.events import event_rows
from patrolcar.dashboard.views.footer import footer
from patrolcar.dashboard.views.help import help_rows
from patrolcar.dashboard.views.link import link_rows
from patrolcar.dashboard.views.map_title import map_title
from patrolcar.dashboard.views.mission import mission_line, mission_rows
from patrolcar.dashboard.views.pad import pad_rows, shares
from patrolcar.dashboard.views.questions import arm_rows, quit_rows, release_rows, start_rows
from patrolcar.dashboard.views.ranges import by_sector
from patrolcar.dashboard.views.small import small_rows
from patrolcar.dashboard.views.state_bar import state_bar
from patrolcar.geometry import Twist2
from patrolcar.pilot.snapshot import BatteryView, EventView, LinkView, MissionView, PlaceView

VIEWS: dict[str, Callable[[Frame, int, int], Sequence[Line]]] = {
    "state": lambda frame, cells, _: [state_bar(frame, cells)],
    "alarm": alarm_rows,
    "drive": drive_rows,
    "mission line": lambda frame, cells, _: [mission_line(frame, cells)],
    "mission": mission_rows,
    "events": event_rows,
    "link": link_rows,
    "footer": lambda frame, cells, _: [footer(frame, cells)],
    "pad": pad_rows,
    "small": small_rows,
    "title": lambda frame, cells, _: [map_title(frame, cells, follows=True, metres_per_cell=0.5)],
}
FRAMES = {
    "on patrol": picture(),
    "without news": picture(snapshot=None),
    "without core": picture(lost="the core has ended; the car stops by itself"),
    "stale": picture(age_s=0.8),
    "bare": picture({"pose": None, "battery": None, "mission": None, "ranges_m": (), "scan": None}),
    "without controller": picture({"mode": "OFFLINE"}),
    "in ASCII": picture(glyphs=ASCII),
}


def bar(frame: Frame, cells: int = 80) -> str:
    return text_of([state_bar(frame, cells)])


def alarm(frame: Frame, cells: int = 80, rows: int = 1) -> str:
    return text_of(alarm_rows(frame, cells, rows))


@pytest.mark.parametrize("view", VIEWS.values(), ids=VIEWS)
def test_every_view_fills_its_rows_exactly(view: Callable[[Frame, int, int], Sequence[Line]]) -> None:
    for frame in FRAMES.values():
        for cells, rows in [(80, 24), (120, 36), (29, 11), (42, 20), (200, 50)]:
            lines = view(frame, cells, rows)
            assert len(lines) in {1, rows}
            assert {line_width(line) for line in lines} == {cells}


@pytest.mark.parametrize("view", VIEWS.values(), ids=VIEWS)
def test_with_ascii_glyphs_only_names_can_be_more(
    view: Callable[[Frame, int, int], Sequence[Line]],
) -> None:
    text = text_of(view(picture(glyphs=ASCII), 120, 20))
    assert ascii_only(text.replace("会议室", "")) == text.replace("会议室", "")


class TestStateBar:
    def test_the_80_columns_say_everything_that_matters(self) -> None:
        assert re.sub(" +", " ", bar(picture())) == (
            " ▶ PATROL SIM ▇ 11.8 V 76% link 99.8% 3 ms ✓ pos ● rec KEYS legacy"
        )

    @pytest.mark.parametrize("mode", ["OFFLINE", "DISARMED", "MANUAL", "PATROL", "HOLD", "STOPPED"])
    def test_every_mode_is_a_glyph_and_a_word(self, mode: str) -> None:
        assert bar(picture({"mode": mode})).startswith(f" {UNICODE.modes[mode]} {mode} ")

    def test_a_real_car_is_not_called_sim(self) -> None:
        hardware = replace(snapshot().link, target="HARDWARE")
        assert "SIM" not in bar(picture({"link": hardware}))

    def test_sim_is_in_reverse_video(self) -> None:
        assert (" SIM ", Ink.BADGE_SIM) in state_bar(picture(), 80)

    @pytest.mark.parametrize(("percent", "sign"), [(50, "▅ "), (20, "●"), (10, "▲")])
    def test_a_low_battery_has_a_sign_besides_its_colour(self, percent: int, sign: str) -> None:
        assert f"{sign} 11.1 V {percent}%".replace("  ", " ") in bar(
            picture({"battery": BatteryView(11.1, 1.0, percent)})
        )

    def test_a_silent_link_says_for_how_long(self) -> None:
        silent = replace(snapshot().link, age_s=0.8)
        assert "▲ link silent 0.8 s" in bar(picture({"link": silent}))

    def test_a_missing_controller_is_named(self) -> None:
        assert "▲ link SEARCHING" in bar(picture({"link": LinkView()}), 120)

    def test_who_drives_is_named(self) -> None:
        assert "by you" in bar(picture({"holder": "dash-1"}), 120)
        assert "by script-2" in bar(picture({"holder": "script-2"}), 120)

    def test_the_input_path_in_use_is_named(self) -> None:
        hand = Hand(Command(Twist2(0.2), InputPath.PAD), 0.6, releases=True, delay_ms=640, taps_input=True)
        assert bar(picture(hand=hand)).endswith("● PAD")

    def test_old_news_carry_a_cross_and_their_age(self) -> None:
        assert "✗ STALE 0.8 s" in bar(picture(age_s=0.8))

    def test_old_numbers_are_grey(self) -> None:
        inks = {ink for text, ink in state_bar(picture(age_s=0.8), 120) if "11.8" in text or "3 ms" in text}
        assert inks == {Ink.STALE}


@pytest.mark.parametrize("frame", [FRAMES["without controller"], FRAMES["without core"]])
class TestWithoutCar:
    """Nobody hears the car: no number of it may look as if it were of now."""

    def test_speed_clearance_and_ranges_are_dashes(self, frame: Frame) -> None:
        text = text_of(drive_rows(frame, 41, 20))
        assert text.splitlines()[0] == "v – m/s set –"
        assert text.splitlines()[2] == "ω – r/s set –"
        assert "free ahead –" in text
        for number in ("0.42", "0.40", "2.40", "0.41", "11.8", "+34%"):
            assert number not in text

    def test_its_bars_are_empty(self, frame: Frame) -> None:
        assert UNICODE.full not in text_of(drive_rows(frame, 28, 11))

    def test_the_battery_is_old_and_grey(self, frame: Frame) -> None:
        line = state_bar(frame, 80)
        assert "11.8 V 76% (old)" in text_of([line])
        assert {ink for text, ink in line if "11.8" in text} == {Ink.STALE}
        assert "11.8 V 76% (old)" in text_of(small_rows(frame, 60, 20))

    def test_the_position_is_old_and_grey(self, frame: Frame) -> None:
        line = map_title(frame, 80, follows=False, metres_per_cell=0.5)
        assert text_of([line]).endswith("(old)")
        assert line[-1][1] is Ink.STALE
        assert "✓ pos" not in bar(frame, 120)

    def test_arming_is_not_advised_by_an_old_battery(self, frame: Frame) -> None:
        assert "✗ battery 76% (old)" in text_of(arm_rows(frame, 56))


def test_without_core_the_link_and_the_recording_are_not_as_if_live() -> None:
    text = bar(FRAMES["without core"], 120)
    assert "link –" in text
    assert "99.8" not in text
    assert "rec" not in text


class TestAlarm:
    def test_the_key_of_stop_is_always_there(self) -> None:
        for frame in FRAMES.values():
            assert alarm(frame).rstrip().endswith("SPACE = STOP")

    def test_a_cause_comes_with_its_remedy(self) -> None:
        text = alarm(picture({"cause": "bumper pressed", "remedy": "back away", "reasons": ()}))
        assert text.startswith("● bumper pressed > back away")

    def test_a_stopped_car_says_how_to_release(self) -> None:
        text = alarm(picture({"mode": "STOPPED", "cause": "STOP by dash-1", "reasons": ()}))
        assert text.startswith("▲ STOP by dash-1 > R, y releases")

    def test_a_stop_is_not_believed_before_the_car_says_so(self) -> None:
        assert "STOP SENT - NOT CONFIRMED" in alarm(picture(stop=StopState.UNCONFIRMED))
        assert "STOP NOT SENT - NO CORE" in alarm(picture(stop=StopState.UNSENT))

    def test_a_missing_core_is_a_sentence(self) -> None:
        text = alarm(FRAMES["without core"], 120)
        assert text.startswith("✗ the core has ended; the car stops by itself; trying again every second")

    def test_two_rows_show_cause_and_governor(self) -> None:
        text = alarm(picture({"cause": "battery low", "remedy": "dock"}), 120, 2)
        assert text.splitlines()[1] == "● governor: person 1.2 m ahead"

    def test_a_quiet_car_has_nothing_to_report(self) -> None:
        assert alarm(picture({"reasons": ()})).startswith("✓ nothing to report")


class TestDrivePanel:
    @pytest.mark.parametrize("mode", ["DISARMED", "STOPPED"])
    def test_the_free_way_of_a_car_that_nobody_drives_is_not_shown_as_none(self, mode: str) -> None:
        text = text_of(drive_rows(picture({"mode": mode, "clearance_m": 0.0}), 41, 20))
        assert "free ahead –" in text
        assert "0.00 m!" not in text

    def test_80x24_shows_speeds_limit_clearance_and_ranges(self) -> None:
        rows = text_of(drive_rows(picture({"clearance_m": 0.42}), 28, 11)).splitlines()
        assert rows[0] == "v +0.42 m/s set +0.40"
        assert rows[4] == "[ ] limit 60% 0.36 m/s"
        assert rows[5] == "free ahead 0.42 m!"
        assert rows[7:10] == [
            "FL ∞     F  0.92  FR 1.10",
            "L  0.55!   ↑      R  0.21!!",
            "BL 2.40  B  ∞     BR ✗ bad",
        ]

    def test_120x36_adds_strips(self) -> None:
        text = text_of(drive_rows(picture(), 41, 18))
        for label in ("speed", "free", "turn", "volts", "late"):
            assert f"\n{label}" in text

    def test_a_pressed_bumper_is_a_word(self) -> None:
        assert "BUMP" in text_of(drive_rows(picture({"bumpers": 1}), 28, 11))

    def test_of_two_sensors_the_nearer_counts(self) -> None:
        assert by_sector([1.0, 0.4, None, -1.0], [0.3, -0.3, 3.0, -3.0]) == {0: 0.4, 4: -1.0}


class TestMission:
    def test_one_line_says_where_to_and_how_far(self) -> None:
        text = text_of([mission_line(picture(), 80)])
        assert text.startswith(" night round RUNNING to 会议室, 4.1 m")
        assert text.endswith("38% lap 1/3")

    def test_each_place_has_state_idleness_and_visits(self) -> None:
        text = text_of(mission_rows(picture(page=Page.MISSION), 46, 16))
        assert " ▶ 会议室             current   1m24s      2" in text
        assert " – lab                skipped   2m06s      0" in text

    def test_the_current_place_stays_in_view_in_a_long_list(self) -> None:
        places = tuple(
            PlaceView(f"node-{n}", "CURRENT" if n == 30 else "PENDING", None, 0) for n in range(40)
        )
        mission = MissionView("graph", "RUNNING", "", 1, 2, 30, 0.5, 10.0, places)
        assert "▶ node-30" in text_of(mission_rows(picture({"mission": mission}), 46, 14))

    def test_the_list_can_be_scrolled_to_its_ends(self) -> None:
        places = tuple(PlaceView(f"node-{n}", "PENDING", None, 0) for n in range(40))
        mission = MissionView("graph", "READY", "", 1, 0, 0, 0.0, 10.0, places)
        assert "node-39" in text_of(mission_rows(picture({"mission": mission}, scroll=-40), 46, 14))
        assert "node-0 " in text_of(mission_rows(picture({"mission": mission}, scroll=40), 46, 14))


class TestEvents:
    def test_they_carry_time_severity_and_source(self) -> None:
        rows = text_of(event_rows(picture(), 80, 5)).splitlines()
        assert rows[1] == " 00:05.0  · mission     lobby reached"
        assert rows[3] == " 00:07.0  ▲ link        controller silent for 0.4 s"

    def test_the_filter_hides_what_is_less_severe(self) -> None:
        text = text_of(event_rows(picture(page=Page.LOG, severity=2), 80, 5))
        assert "controller silent" in text
        assert "person" not in text

    def test_the_newest_are_at_the_bottom_and_scrolling_goes_back(self) -> None:
        assert "lobby" not in text_of(event_rows(picture(), 80, 3))
        back = text_of(event_rows(picture(page=Page.LOG, scroll=2), 80, 3))
        assert "lobby reached" in back
        assert "controller silent" not in back

    def test_markup_is_shown_as_it_is(self) -> None:
        events = (EventView(0, "INFO", "mission", "[bold]x[/]"),)
        assert "[bold]x[/]" in text_of(event_rows(picture(events=events), 80, 3))

    def test_the_same_again_is_one_line_with_a_count_and_the_newest_time(self) -> None:
        again = [EventView(n * 1_000_000_000, "WARNING", "operator", "STOP by dash-1") for n in (7, 8, 9)]
        rows = text_of(event_rows(picture(events=(*EVENTS[:1], *again, *EVENTS[1:])), 80, 8)).splitlines()
        assert rows[1] == " 00:05.0  · mission     lobby reached"
        assert rows[2] == " 00:09.0  ▲ operator    STOP by dash-1 ×3"
        assert rows[3] == " 00:06.0  ● governor    person 1.2 m ahead"

    def test_what_happened_between_keeps_them_apart(self) -> None:
        stop = EventView(0, "WARNING", "operator", "STOP by dash-1")
        text = text_of(event_rows(picture(events=(stop, EVENTS[0], stop)), 80, 8))
        assert text.count("STOP by dash-1") == 2
        assert "×" not in text

    def test_the_count_stays_when_the_text_is_cut_and_has_ascii(self) -> None:
        long = EventView(0, "INFO", "mission", "a sentence " * 9)
        frame = picture(events=(long,) * 12, glyphs=ASCII)
        assert text_of(event_rows(frame, 60, 3)).splitlines()[1].endswith("~ x12")

    def test_scrolling_goes_back_by_lines_that_are_shown(self) -> None:
        stop = EventView(0, "WARNING", "operator", "STOP by dash-1")
        text = text_of(event_rows(picture(events=(EVENTS[0], stop, stop), page=Page.LOG, scroll=1), 80, 3))
        assert "lobby reached" in text
        assert "STOP" not in text


class TestLink:
    def test_it_counts_both_ways(self) -> None:
        text = text_of(link_rows(picture(), 80, 8))
        assert "12000 in, 14 lost, 2 bad" in text
        assert "0 lost, 0 bad" in text
        assert "0.8 ms at worst" in text

    def test_a_driver_that_cannot_tap_is_confessed(self) -> None:
        hand = Hand(IDLE, 0.6, releases=False, delay_ms=640.0, taps_input=False)
        assert "STOP waits for the screen" in text_of(link_rows(picture(hand=hand), 100, 20))


class TestQuestions:
    @pytest.mark.parametrize("rows", [arm_rows, start_rows, release_rows, quit_rows])
    @pytest.mark.parametrize("frame", FRAMES.values(), ids=FRAMES)
    def test_every_question_can_be_left(self, rows: Any, frame: Frame) -> None:
        assert "Esc" in text_of(rows(frame, 56))

    def test_arming_shows_what_is_wrong(self) -> None:
        changes = {"mode": "DISARMED", "battery": BatteryView(10.1, 0.1, 5), "cause": "battery empty"}
        text = text_of(arm_rows(picture(changes), 56))
        assert "✗ battery 5%" in text
        assert "✓ link UP" in text
        assert "battery empty" in text

    def test_releasing_shows_why_the_car_was_stopped(self) -> None:
        text = text_of(release_rows(picture({"mode": "STOPPED", "cause": "bumper pressed"}), 56))
        assert text.startswith("bumper pressed")
        assert "y release STOP" in text

    def test_quitting_says_what_goes_on(self) -> None:
        assert "goes on without this screen" in text_of(quit_rows(picture(), 56))
        assert "the core goes on" in text_of(quit_rows(picture({"mode": "STOPPED"}), 56))

    @pytest.mark.parametrize("mode", ["OFFLINE", "DISARMED", "MANUAL", "PATROL", "HOLD", "STOPPED"])
    def test_nothing_goes_on_when_the_core_ends_with_the_screen(self, mode: str) -> None:
        text = text_of(quit_rows(picture({"mode": mode}, owns_core=True), 56))
        assert text.startswith("The core ends with this screen")
        assert "goes on" not in text
        assert "stays armed" not in text

    def test_nothing_is_said_of_a_core_that_is_gone(self) -> None:
        text = text_of(quit_rows(FRAMES["without core"], 56))
        assert "goes on" not in text
        assert text.startswith("The core is gone; only this screen ends.")


class TestKeys:
    def test_the_footer_of_80_columns_has_the_keys_that_matter(self) -> None:
        text = text_of([footer(picture(), 80)])
        for key in ("wasd drive", "A arm", "R release", "g go", "p hold", "? help"):
            assert key in text

    @pytest.mark.parametrize("page", list(Page))
    def test_the_help_of_each_screen_fits_80x24(self, page: Page) -> None:
        assert len(help_rows(page)) + 4 <= 22
        assert all(line_width(line) <= 74 for line in help_rows(page))

    def test_no_key_means_two_things_on_one_screen(self) -> None:
        for page in Page:
            keys = [key for entry in ENTRIES if page in entry.pages for key in entry.keys]
            assert len(keys) == len(set(keys))
            assert all(action_of(key, page) is not None for key in keys)


class TestSmall:
    def test_60x20_still_shows_state_battery_link_and_stop(self) -> None:
        text = text_of(small_rows(picture({"cause": "battery low", "remedy": "dock"}), 60, 20))
        for words in ("▶ PATROL", "SIM", "11.8 V 76%", "link", "SPACE = STOP", "battery low > dock", "80x24"):
            assert words in text


def test_the_pad_is_proportional_and_saturates() -> None:
    assert shares(10.0, 1.0, 21, 5) == (0.5, 0.0)
    assert shares(-50.0, 40.0, 21, 5) == (-1.0, 1.0)
