"""For all tests: an example may take as long as a busy machine needs for it."""

from __future__ import annotations

from hypothesis import settings

if settings.get_current_profile_name() == "default":  # not in CI, and not in a process that chose its own
    settings.register_profile("unhurried", deadline=None)
    settings.load_profile("unhurried")
