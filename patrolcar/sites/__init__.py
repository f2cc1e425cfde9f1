"""Sites and missions that come with patrolcar."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

DEMO_SITE = "school.yaml"
DEMO_MISSION = "school_round.yaml"
DEMO_SCENARIO = "school_day.yaml"
"""The demo's mission, and a world with doors that open and people who are in a hurry."""


def demo_folder() -> Path:
    """Return the folder of the demo building and its mission (patrolcar is never run from a zip file)."""
    return Path(str(files(__name__)))
