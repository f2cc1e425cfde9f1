"""Hatchling build hook: compile the C when patrolcar is installed."""

from __future__ import annotations

import importlib.util
import sysconfig
from pathlib import Path
from types import ModuleType
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


def _build_native(root: Path) -> ModuleType:
    """Load ``build_native.py`` from its file: the package itself is not installed yet."""
    spec = importlib.util.spec_from_file_location("build_native", root / "firmware_protocol/build_native.py")
    if spec is None or spec.loader is None:
        message = "firmware_protocol/build_native.py is missing from the source tree"
        raise FileNotFoundError(message)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class NativeBuildHook(BuildHookInterface):  # type: ignore[misc]  # hatchling is there only while building
    """Put the shared library into the wheel, or beside the sources for an editable install."""

    def dependencies(self) -> list[str]:
        """Ask for the compiler wheel only where the machine has no compiler."""
        return [] if _build_native(Path(self.root)).compiler() else ["ziglang>=0.13"]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Compile, and mark the wheel as made for this kind of machine."""
        del version
        native = _build_native(Path(self.root))
        native.build()
        platform = sysconfig.get_platform().replace("-", "_").replace(".", "_")
        build_data["tag"] = f"py3-none-{platform}"
        build_data["pure_python"] = False
        build_data["artifacts"].append(native.LIBRARY.as_posix())
