"""What a cold start of the command line costs, as CPU time of whole processes."""

from __future__ import annotations

import resource
import subprocess
import sys
from statistics import median

ROUNDS = 7


def measure() -> dict[str, object]:
    """Return CPU seconds of ``patrolcar --help``, and of the interpreter alone."""
    return {
        "help_cpu_s": round(median(cpu_s("-m", "patrolcar", "--help") for _ in range(ROUNDS)), 3),
        "python_cpu_s": round(median(cpu_s("-c", "pass") for _ in range(ROUNDS)), 3),
    }


def cpu_s(*arguments: str) -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, *arguments], stdout=subprocess.DEVNULL, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
