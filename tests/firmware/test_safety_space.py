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
Build = Callable[[str, str, str], subprocess.CompletedProcess[str]]

# file, what it says, what it says instead, words of the law that must break
MISTAKES = (
    (
        "safety",
        "ctl->safety.state == PCP_STATE_ARMED || ctl->safety.braking",
        "true",
        "have power only while ARMED",
    ),
    ("safety", "failing |= !ctl->motion.at_rest ?", "failing |= false ?", "ARM is refused"),
    ("safety", "failing |= ctl->reflex.silent ?", "failing |= false ?", "ARM is refused"),
    ("safety", "watch_lease(ctl, in->now_us);", "", "no lease outlives"),
    ("safety", "pcp_stop(ctl, PCP_CAUSE_OVERRUN, now_us);", "", "a late step"),
    ("safety", "pcp_stop(ctl, PCP_CAUSE_BUMPER, now_us);", "", "a bumper"),
    (
        "safety",
        "safety->bumpers != 0 || safety->battery_low || safety->braking ||",
        "",
        "STOPPED is left only",
    ),
    ("safety", "if (stop_count != safety->stop_count)", "if (false)", "STOPPED is left only"),
    ("safety", "if (safety->state != PCP_STATE_STOPPED)", "if (false)", "where nothing is latched"),
    ("safety", "pcp_disarm(ctl, PCP_CAUSE_HOST_SILENT, now_us);", "", "a host that is silent"),
    ("safety", "is_over(in->now_us, safety->brake_from_us, PCP_BRAKE_LIMIT_US)", "false", "braking ends"),
    ("reflex", "wanted.vx_mps = 0.0f;", "", "towards something near"),
    ("session", "pcp_stop(ctl, PCP_CAUSE_HOST_STOP, now_us);", "", "STOP and BREAK"),
    ("session", "return session != 0 && session == ctl->owner.session;", "return session != 0;", "nothing"),
    ("session", "if (earlier != NULL)", "if (false)", "change nothing"),
    ("session", "ctl->safety.state != PCP_STATE_ARMED || is_silent", "true", "changes hands"),
    ("session", "(ahead != 0 && ahead < 0x8000u)", "true", "an old count"),
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

    def run(part: str, before: str, after: str) -> subprocess.CompletedProcess[str]:
        name = f"pcp_{part}"
        source = (FIRMWARE / f"{name}.c").read_text(encoding="utf-8")
        assert before in source, f"{name}.c does not say {before!r} any more"
        changed = folder / "changed.c"
        changed.write_text(source.replace(before, after), encoding="utf-8")
        flags = ("-O2", "-ffp-contract=off", "-w", "-I", str(FIRMWARE))
        others = tuple(made for stem, made in objects.items() if stem != name)
        program = compiled(folder / "explore", (changed, *others), *flags)
        return subprocess.run([program], capture_output=True, text=True, check=False)

    return run


def test_no_event_in_any_reachable_state_breaks_a_law(explored: Build) -> None:
    done = explored("safety", "", "")
    assert done.returncode == 0, done.stderr
    counters: dict[str, int] = json.loads(done.stdout)
    print(counters)
    assert counters["transitions"] == counters["states"] * counters["events"]  # to the last reachable state
    assert counters["states"] > 100_000
    for kind in ("armed", "stopped", "braking", "moving"):
        assert counters[kind] > 1000, kind


@pytest.mark.parametrize(("part", "before", "after", "law"), MISTAKES)
def test_a_planted_mistake_is_found(explored: Build, part: str, before: str, after: str, law: str) -> None:
    done = explored(part, before, after)
    assert done.returncode == 1
    assert law in done.stderr
