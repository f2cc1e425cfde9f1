"""In CI a test that is skipped for want of a tool fails; one whose data lie elsewhere does not."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.mark.parametrize(
    ("reason", "in_ci", "fails"),
    [
        ("qemu is not installed", "true", True),
        ("qemu is not installed", "", False),
        ("the maps are not on this machine", "true", False),
        ("a.map is not there: the maps are not part of the repository", "true", False),
    ],
)
def test_a_missing_tool_fails_in_ci_only(tmp_path: Path, reason: str, in_ci: str, fails: bool) -> None:
    hook = "from tests.conftest import pytest_sessionfinish\n__all__ = ['pytest_sessionfinish']\n"
    (tmp_path / "conftest.py").write_text(hook, encoding="utf-8")
    tests = f"import pytest\ndef test_a():\n    pytest.skip({reason!r})\ndef test_b():\n    pass\n"
    (tmp_path / "test_some.py").write_text(tests, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(tmp_path)],
        env={**os.environ, "CI": in_ci, "PYTHONPATH": str(ROOT)},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == (1 if fails else 0), done.stdout + done.stderr
    assert (f"a failure in CI: Skipped: {reason}" in done.stdout) is fails
