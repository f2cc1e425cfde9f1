"""The whole application, without a terminal: keys in, intents out, text on the screen."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

import pytest
from fake_core import Wire, snapshot
from textual import events
from textual.pilot import Pilot

from patrolcar.dashboard import app as application
from patrolcar.dashboard.app import DashboardApp
from patrolcar.dashboard.connection import Connection
from patrolcar.dashboard.controls import Controls
from patrolcar.dashboard.dialogs import Dialog
from patrolcar.dashboard.frame import Page
from patrolcar.dashboard.keymap import Action
from patrolcar.dashboard.palette import CONTRAST, DARK, LIGHT, PALETTES, Palette
from patrolcar.pilot.intents import Intent
from patrolcar.pilot.snapshot import EventView

Story = Callable[["Desk", Pilot[int]], Awaitable[None]]


class Desk:
    """The application with a real client whose other end we read."""

    def __init__(self, *, ascii_only: bool = False, owns_core: bool = False, **fields: Any) -> None:
        self.wire = Wire()
        self.connection = Connection(self.wire.client)
        self.controls = Controls(self.connection)
        self.app = DashboardApp(self.connection, self.controls, ascii_only=ascii_only, owns_core=owns_core)
        self.fields = fields
        self.hear()

    def hear(self, **fields: Any) -> None:
        """Let the core say how things are."""
        self.fields.update(fields)
        self.connection._take([snapshot(**self.fields)])

    def turn(self) -> None:
        """Draw a picture and let the controls do a turn, on fresh news."""
        self.hear()
        self.app.tick()
        self.controls.turn()

    def is_driving(self) -> bool:
        return self.controls.hand.command.is_active

    def sent(self) -> list[str]:
        return [type(intent).__name__ for intent in self.heard()]

    def heard(self) -> list[Intent]:
        return self.wire.heard()

    def text(self) -> str:
        """Return what is on the screen."""
        self.app.draw_now()
        screen = self.app.screen
        width, height = self.app.size
        strips = screen._compositor.render_strips(screen.size)
        assert len(strips) == height
        assert {strip.cell_length for strip in strips} == {width}
        return "\n".join(strip.text for strip in strips)

    def run(self, story: Story, size: tuple[int, int] = (80, 24)) -> int | None:
        """Run a story; return what the application ended with."""

        async def play() -> None:
            async with self.app.run_test(size=size) as pilot:
                await pilot.pause()
                await story(self, pilot)

        try:
            asyncio.run(play())
        finally:
            self.wire.close()
        return self.app.return_value


@pytest.fixture(autouse=True)
def _pictures_come_when_we_say(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(application, "TICK_S", 3600.0)


@pytest.mark.parametrize("size", [(20, 5), (60, 20), (80, 24), (120, 36), (200, 50)])
def test_every_screen_is_drawn_at_every_size(size: tuple[int, int]) -> None:
    async def story(desk: Desk, pilot: Pilot[int]) -> None:
        for key in ("1", "2", "3"):
            await pilot.press(key)
            desk.turn()
            await pilot.pause()
            assert "STOP" in desk.text() or size == (20, 5)
            assert "PATROL" in desk.text()

    Desk().run(story, size)


def test_space_stops_from_every_screen_and_dialog() -> None:
    places = {"1": "PATROL", "2": "PATROL", "3": "PATROL", "question_mark": "PATROL", "g": "DISARMED"}
    places |= {"A": "DISARMED", "R": "STOPPED", "ctrl+q": "MANUAL"}

    async def story(desk: Desk, pilot: Pilot[int]) -> None:
        for opens, mode in places.items():
            desk.hear(mode=mode)
            await pilot.press(opens)
            assert isinstance(desk.app.screen, Dialog) == (opens not in {"1", "2", "3"})
            desk.heard()
            await pilot.press("space")
            assert desk.sent() == ["StopCar"], opens
            assert not isinstance(desk.app.screen, Dialog)
            assert "STOP SENT - NOT CONFIRMED" in desk.text()

    Desk().run(story)


def test_space_stops_on_a_screen_that_is_too_small() -> None:
    async def story(desk: Desk, pilot: Pilot[int]) -> None:
        await pilot.press("space")
        assert desk.sent() == ["StopCar"]
        assert "STOP SENT" in desk.text()

    Desk().run(story, (40, 12))


def test_the_banner_goes_when_the_car_is_stopped() -> None:
    async def story(desk: Desk, pilot: Pilot[int]) -> None:
        await pilot.press("space")
        desk.hear(mode="STOPPED", cause="STOP by dash-1")
        desk.turn()
        text = desk.text()
        assert "NOT CONFIRMED" not in text
        assert "■ STOPPED" in text

    Desk().run(story)


def test_a_held_key_drives_and_blur_is_zero() -> None:
    async def story(desk: Desk, pilot: Pilot[int]) -> None:
        desk.turn()
        await pilot.press("w")
        desk.turn()
        assert desk.sent() == ["Drive"]
        desk.app.post_message(events.AppBlur())
        await pilot.pause()
        desk.turn()
        assert [getattr(intent, "vx_mps", None) for intent in desk.heard()] == [0.0]
        await pilot.press("w")
        assert not desk.is_driving()

    Desk(mode="MANUAL").run(story)


def test_another_screen_or_a_dialog_ends_driving() -> None:
    async def story(desk: Desk, pilot: Pilot[int]) -> None:
        for leaves, drive, back in (("2", "w", "1"), ("question_mark", "e", "escape")):
            desk.turn()
            await pilot.press(drive)
            desk.turn()
            assert desk.is_driving()
            await pilot.press(leaves, drive, drive)
            desk.turn()
            assert not desk.is_driving()
            await pilot.press(back)

    Desk(mode="MANUAL").run(story)


def test_a_terminal_made_too_small_ends_driving() -> None:
    async def story(desk: Desk, pilot: Pilot[int]) -> None:
        desk.turn()
        await pilot.press("w")
        desk.turn()
        assert desk.is_driving()
        await pilot.resize_terminal(70, 20)
        desk.turn()
        assert not desk.is_driving()
        assert "driving needs 80x24" in desk.text()

    Desk(mode="MANUAL").run(story)


def test_the_pad_drives_while_the_button_is_down() -> None:
    async def story(desk: Desk, pilot: Pilot[int]) -> None:
        desk.turn()
        await pilot.mouse_down("#pad", offset=(14, 0))
        desk.turn()
        assert desk.controls.hand.command.twist.vx_mps > 0.2
        await pilot.mouse_up("#pad", offset=(14, 0))
        desk.turn()
        assert not desk.is_driving()

    Desk(mode="MANUAL").run(story)


MISSION = snapshot().mission
assert MISSION is not None
HELD = replace(MISSION, state="HOLD")
REQUESTS = [
    ("DISARMED", ["A", "enter"], ["Arm"]),
    ("DISARMED", ["A", "escape"], []),
    ("DISARMED", ["g", "enter"], ["StartMission"]),
    ("DISARMED", ["g", "escape"], []),
    ("MANUAL", ["g"], ["StartMission"]),
    ("MANUAL", ["A"], []),
    ("MANUAL", ["D"], ["Disarm"]),
    ("PATROL", ["p"], ["PauseMission"]),
    ("PATROL", ["n"], ["SkipPlace"]),
    ("HOLD", ["p"], ["ResumeMission"]),
    ("STOPPED", ["R", "y"], ["ClearStop"]),
    ("STOPPED", ["R", "escape"], []),
    ("STOPPED", ["y"], []),
    ("STOPPED", ["A"], []),
]


def test_keys_ask_for_these_and_nothing_else() -> None:
    async def story(desk: Desk, pilot: Pilot[int]) -> None:
        for mode, keys, intents in REQUESTS:
            desk.hear(mode=mode)
            await pilot.press("x", *keys)
            assert desk.sent() == intents, (mode, keys)
            assert not isinstance(desk.app.screen, Dialog)
        desk.hear(mode="MANUAL", mission=HELD)  # taken over by hand: the mission can go on
        await pilot.press("x", "p")
        assert desk.sent() == ["ResumeMission"]
        await pilot.press("g")
        assert "Start again" in desk.text()

    Desk().run(story)


class TestQuitting:
    def test_a_disarmed_car_is_left_at_once(self) -> None:
        async def story(_: Desk, pilot: Pilot[int]) -> None:
            await pilot.press("ctrl+q")

        assert Desk(mode="DISARMED").run(story) == 0

    def test_an_armed_one_is_asked_about(self) -> None:
        async def story(desk: Desk, pilot: Pilot[int]) -> None:
            await pilot.press("ctrl+q")
            assert isinstance(desk.app.screen, Dialog)
            await pilot.press("enter")

        assert Desk(mode="PATROL").run(story) == 0

    @pytest.mark.parametrize("mode", ["DISARMED", "MANUAL", "PATROL", "STOPPED"])
    def test_ctrl_c_stops_first_and_quits_when_it_is_pressed_again(self, mode: str) -> None:
        async def story(desk: Desk, pilot: Pilot[int]) -> None:
            await pilot.press("ctrl+c")
            assert desk.sent() == ["StopCar"]
            assert "Ctrl+C again within 2 s to quit" in desk.controls.hint
            await pilot.press("ctrl+c")

        assert Desk(mode=mode).run(story) == 0

    def test_ctrl_c_quits_out_of_the_question_too(self) -> None:
        async def story(desk: Desk, pilot: Pilot[int]) -> None:
            await pilot.press("ctrl+q")
            assert isinstance(desk.app.screen, Dialog)
            await pilot.press("ctrl+c", "ctrl+c")

        assert Desk(mode="PATROL").run(story) == 0

    def test_a_second_ctrl_c_after_two_seconds_only_stops_again(self) -> None:
        async def story(desk: Desk, pilot: Pilot[int]) -> None:
            for age_s in (2.5, 0.0):
                press = events.Key("ctrl+c", None)
                press.time -= age_s
                desk.app.post_message(press)
                await pilot.pause()
            assert desk.sent() == ["StopCar", "StopCar"]
            assert not isinstance(desk.app.screen, Dialog)

        assert Desk(mode="PATROL").run(story) is None

    @pytest.mark.parametrize("owns_core", [False, True])
    def test_the_question_knows_whether_the_core_ends_too(self, owns_core: bool) -> None:
        async def story(desk: Desk, pilot: Pilot[int]) -> None:
            await pilot.press("ctrl+q")
            await pilot.pause()
            assert ("The core ends with this screen" in desk.text()) == owns_core

        Desk(mode="PATROL", owns_core=owns_core).run(story)


def test_a_core_that_is_gone_is_a_sentence_across_the_screen() -> None:
    async def story(desk: Desk, pilot: Pilot[int]) -> None:
        desk.connection.lost = "the core has ended; the car stops by itself"
        await pilot.pause()
        text = desk.text()
        assert "✗ NO CORE" in text
        assert "the core has ended; the car stops by itself" in text

    Desk().run(story)


def test_names_from_files_cannot_draw() -> None:
    async def story(desk: Desk, pilot: Pilot[int]) -> None:
        desk.connection._take(
            [EventView(0, "INFO", "mission", "\x1b[31m[bold]x[/] \x1b]52;c;eA==\x07会议室")]
        )
        await pilot.press("3")
        text = desk.text()
        assert "[bold]x[/] 会议室" in text
        assert "\x1b" not in text

    Desk(cause="\x1b[2J[red]bad[/]").run(story)


def test_the_filter_and_the_scrolling_of_the_log() -> None:
    async def story(desk: Desk, pilot: Pilot[int]) -> None:
        desk.connection._take([EventView(n, "INFO", "link", f"event {n}!") for n in range(100)])
        await pilot.press("3")
        assert "event 99!" in desk.text()
        await pilot.press("pageup")
        assert "event 99!" not in desk.text()
        await pilot.press("end", "v")
        assert "event" not in desk.text().split("cautions")[1]

    Desk().run(story)


def test_scrolling_ends_at_the_oldest_line_of_a_merged_log() -> None:
    async def story(desk: Desk, pilot: Pilot[int]) -> None:
        again = [EventView(n, "WARNING", "operator", "STOP by dash-1") for n in range(50)]
        desk.connection._take([EventView(0, "INFO", "link", "event one"), *again])
        await pilot.press("3", "pageup", "pageup")
        assert "event one" in desk.text()

    Desk().run(story)


def test_without_colour_everything_is_still_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")

    async def story(desk: Desk, pilot: Pilot[int]) -> None:
        desk.turn()
        await pilot.pause()
        text = desk.text()
        assert desk.app.no_color
        for words in ("▶ PATROL", " SIM ", "● governor", "SPACE = STOP", "→"):
            assert words in text

    Desk().run(story)


def test_ascii_draws_nothing_else() -> None:
    async def story(desk: Desk, pilot: Pilot[int]) -> None:
        for key in ("1", "2", "3", "question_mark"):
            await pilot.press(key)
            desk.turn()
            await pilot.pause()
            assert desk.text().isascii()

    Desk(ascii_only=True).run(story, (120, 36))


def test_the_next_look_is_drawn_at_once() -> None:
    async def story(desk: Desk, pilot: Pilot[int]) -> None:
        for palette in (LIGHT, CONTRAST, DARK):
            desk.app.do(Action.THEME)
            await pilot.pause()
            assert desk.app.theme == palette.name

    Desk().run(story)


@pytest.mark.parametrize("palette", PALETTES, ids=lambda palette: palette.name)
def test_every_ink_can_be_read_on_its_ground(palette: Palette) -> None:
    for style in (*palette.styles(), *palette.map_styles()):
        assert style.color is not None
        assert style.bgcolor is not None
        assert _contrast(style.color.get_truecolor(), style.bgcolor.get_truecolor()) >= 3.9


def test_keys_typed_into_a_frozen_terminal_are_forgotten() -> None:
    async def story(desk: Desk, pilot: Pilot[int]) -> None:
        late = events.Key("g", "g")
        late.time -= 5.0
        desk.app.post_message(late)
        await pilot.pause()
        assert desk.sent() == []

    Desk(mode="MANUAL").run(story)


def test_the_page_is_the_one_that_was_asked_for() -> None:
    async def story(desk: Desk, pilot: Pilot[int]) -> None:
        await pilot.press("2")
        assert desk.app.page is Page.MISSION
        assert "visits" in desk.text()

    Desk().run(story)


def _contrast(one: tuple[int, int, int], other: tuple[int, int, int]) -> float:
    """Contrast ratio of WCAG 2."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: tuple[int, int, int]) -> float:
    parts = [value / 255 for value in colour]
    red, green, blue = (p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
