"""Every event in every state that the compiled controller can reach, and the laws of space/laws.c.

Counters are printed (``pytest -rP``). That the laws have power is shown by planted mistakes: each is found.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from fuzz.compiling import FIRMWARE, NoCompilerError, compiled

SPACE = Path(__file__).resolve().parent / "space"
EXPLORE = tuple(sorted(SPACE.glob("*.c")))
Build = Callable[[str, str, str, str], subprocess.CompletedProcess[str]]

# world, file, what it says, what it says instead, words of the law that must break
MISTAKES = (
    (
        "ranges",
        "safety",
        "state == PCP_STATE_ARMED || ctl->safety.braking;",
        "state < 9;",
        "have power only while",
    ),
    ("ranges", "safety", "failing |= !ctl->motion.at_rest ?", "failing |= false ?", "ARM is refused"),
    ("ranges", "safety", "{PCP_CAUSE_RANGE_SILENT, PCP_ARM_CHECK_RANGES_SILENT},", "", "ARM is refused"),
    ("ranges", "safety", "watch_lease(ctl, in->now_us);", "", "no lease outlives"),
    (
        "ranges",
        "safety",
        "PCP_CAUSE_CHARGING,       PCP_CAUSE_OVERRUN,",
        "PCP_CAUSE_CHARGING,",
        "a late step",
    ),
    ("ranges", "safety", "PCP_CAUSE_RUNAWAY,        PCP_CAUSE_BUMPER,", "PCP_CAUSE_RUNAWAY,", "a bumper"),
    ("ranges", "safety", "if (!may_clear(ctl))", "if (false)", "STOPPED is left only"),
    ("ranges", "safety", "if (stop_count != safety->stop_count)", "if (false)", "STOPPED is left only"),
    ("ranges", "safety", "if (safety->state != PCP_STATE_STOPPED)", "if (false)", "where nothing is latched"),
    ("ranges", "safety", "pcp_disarm(ctl, PCP_CAUSE_HOST_SILENT, now_us);", "", "a host that is silent"),
    (
        "ranges",
        "safety",
        "is_done || is_over(now_us, safety->brake_from_us, PCP_BRAKE_LIMIT_US)",
        "is_done",
        "braking",
    ),
    ("ranges", "reflex", "wanted.vx_mps = 0.0f;", "", "towards something near"),
    ("ranges", "session", "pcp_stop(ctl, PCP_CAUSE_HOST_STOP, now_us);", "", "STOP and BREAK"),
    (
        "ranges",
        "session",
        "return session != 0 && session == ctl->owner.session;",
        "return session != 0;",
        "nothing",
    ),
    ("ranges", "session", "if (earlier != NULL)", "if (false)", "change nothing"),
    ("ranges", "session", "ctl->safety.state != PCP_STATE_ARMED || is_silent", "true", "changes hands"),
    ("ranges", "session", "(ahead != 0 && ahead < 0x8000u)", "true", "an old count"),
    ("body", "safety", "PCP_CAUSE_TILT,           PCP_CAUSE_MEMORY,", "PCP_CAUSE_MEMORY,", "every cause"),
    ("body", "safety", "{PCP_CAUSE_TILT, PCP_ARM_CHECK_TILTED},", "", "ARM is refused"),
    ("body", "safety", "{PCP_CAUSE_MEMORY, PCP_ARM_CHECK_MEMORY},", "", "ARM is refused"),
    ("body", "safety", "ctl->imu.implausible_left_us > 0 ?", "false ?", "ARM is refused"),
    (
        "body",
        "safety",
        "safety->braking = effect == PCP_EFFECT_BRAKE;",
        "",
        "take the power in the same step",
    ),
    ("body", "safety", "if (is_latched && !is_graver(safety, cause))", "if (is_latched)", "take the power"),
    ("body", "safety", "safety->shorted ? PCP_SHORT_US : 0", "0", "held for half a second"),
    ("body", "safety", "&&\n                           !ctl->imu.silent", "", "seeing"),
    (
        "body",
        "controller",
        "!pcp_motors_enabled(ctl) || ctl->safety.shorted",
        "!pcp_motors_enabled(ctl)",
        "no duty",
    ),
    ("body", "supply", "pcp_note(ctl, PCP_CAUSE_CHARGING, safety->charging.is);", "", "without its cause"),
    (
        "body",
        "reflex",
        "reflex->holding_at_cliff ? (pcp_twist_t){0.0f, 0.0f, 0.0f} : wanted",
        "wanted",
        "edge",
    ),
)


@pytest.fixture(scope="module")
def explored(tmp_path_factory: pytest.TempPathFactory) -> Build:
    """Explore the controller after one replacement in one of its sources."""
    folder = tmp_path_factory.mktemp("space")
    try:
        objects = {
            source.stem: compiled(folder / f"{source.stem}.o", (source,), "-O2", "-ffp-contract=off", "-c")
            for source in (*sorted(FIRMWARE.glob("*.c")), *EXPLORE)
        }
    except NoCompilerError as error:
        pytest.skip(str(error))

    def run(world: str, part: str, before: str, after: str) -> subprocess.CompletedProcess[str]:
        name = f"pcp_{part}"
        source = (FIRMWARE / f"{name}.c").read_text(encoding="utf-8")
        assert before in source, f"{name}.c does not say {before!r} any more"
        changed = folder / "changed.c"
        changed.write_text(source.replace(before, after), encoding="utf-8")
        flags = ("-O2", "-ffp-contract=off", "-w", "-I", str(FIRMWARE))
        others = tuple(made for stem, made in objects.items() if stem != name)
        program = compiled(folder / "explore", (changed, *others), *flags)
        return subprocess.run([program, world], capture_output=True, text=True, check=False)

    return run


@pytest.mark.parametrize(("world", "least"), [("ranges", 20_000), ("body", 40_000)])
def test_no_event_in_any_reachable_state_breaks_a_law(explored: Build, world: str, least: int) -> None:
    done = explored(world, "safety", "", "")
    assert done.returncode == 0, done.stderr
    counters: dict[str, int] = json.loads(done.stdout)
    print(counters)
    assert counters["transitions"] == counters["states"] * counters["events"]  # to the last reachable state
    assert counters["states"] > least
    for kind in ("armed", "stopped", "braking", "moving"):
        assert counters[kind] > 1000, kind


@pytest.mark.parametrize(("world", "part", "before", "after", "law"), MISTAKES)
def test_a_planted_mistake_is_found(
    explored: Build, world: str, part: str, before: str, after: str, law: str
) -> None:
    done = explored(world, part, before, after)
    assert done.returncode == 1, done.stdout
    assert law in done.stderr
