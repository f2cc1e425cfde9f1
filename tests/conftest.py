"""For all tests: an example may take as long as a busy machine needs, and in CI no tool may be missing."""

from __future__ import annotations

import os
from typing import Final

import pytest
from hypothesis import settings

if settings.get_current_profile_name() == "default":  # not in CI, and not in a process that chose its own
    settings.register_profile("unhurried", deadline=None)
    settings.load_profile("unhurried")

DATA_IS_ELSEWHERE: Final = ("not part of the repository", "not on this machine")


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Fail in CI when tests were skipped for want of a tool: a promise nobody looked at is none."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if not os.environ.get("CI") or reporter is None:
        return
    reasons = {str(report.longrepr[2]) for report in reporter.stats.get("skipped", [])}
    missed = sorted(reason for reason in reasons if not reason.endswith(DATA_IS_ELSEWHERE))
    if missed:
        reporter.write_line(f"skipped, which is a failure in CI: {'; '.join(missed)}", red=True)
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
