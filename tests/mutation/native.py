"""The shared library with one mutated source: one file compiled, the rest linked as it was."""

from __future__ import annotations

import resource
import signal
import subprocess
from pathlib import Path

from firmware_protocol.build_native import FLAGS, INCLUDE_FOLDER, compiler, sources

from .targets import ROOT

FIRMWARE = ROOT / "firmware_protocol/firmware/src"
SPACE = tuple(sorted((ROOT / "tests/firmware/space").glob("*.c")))
_COMPILE = tuple(flag for flag in FLAGS if flag != "-shared")


class NativeBuild:
    """Objects of every C source in a folder, and libraries made of them.

    Raises:
        FileNotFoundError: There is no C compiler.

    """

    def __init__(self, folder: Path) -> None:
        command = compiler()
        if command is None:
            message = "no C compiler (Debian: apt install gcc)"
            raise FileNotFoundError(message)
        self._command = command
        self._folder = folder
        self._replaced: Path | None = None
        self._objects = {source: folder / f"{source.stem}.o" for source in sources(ROOT)}
        for source, target in self._objects.items():
            if not self._compiled(source, target):
                message = f"{source} does not compile"
                raise ValueError(message)

    def breaks_a_law(self, limit_s: int, *, patiently: bool) -> bool:
        """Whether the last mutant breaks a law of tests/firmware/space within so much CPU time.

        Patiently: one that is still lost in its states then is broken, too.
        """
        mutated = self._folder / "mutated.o"
        program = self._folder / "explore"
        command = [*self._command, *map(str, (*self._walk(), mutated)), "-o", str(program)]
        subprocess.run(command, check=True)
        return any(_fails([str(program), world], limit_s, patiently) for world in ("ranges", "body"))

    def _walk(self) -> list[Path]:
        """Return the explorer and the firmware, without what was mutated."""
        made = [self._folder / f"space_{source.stem}.o" for source in SPACE]
        for source, target in zip(SPACE, made, strict=True):
            if not target.exists() and not self._compiled(source, target):
                message = f"{source} does not compile"
                raise ValueError(message)
        firmware = [at for source, at in self._objects.items() if source.parent == FIRMWARE]
        return [*made, *(at for at in firmware if at != self._replaced)]

    def library(self, name: str = "whole.so") -> Path:
        """Return the library without a mistake."""
        return self._linked(list(self._objects.values()), self._folder / name)

    def mutated(self, file: str, text: str) -> Path | bool | None:
        """Return the library with ``text`` in place of a source.

        None when it does not compile; False when the compiler makes the same machine code of it, so that
        no test can ever tell them apart.
        """
        source = ROOT / file
        mutated, made = self._folder / "mutated.c", self._folder / "mutated.o"
        mutated.write_text(text, encoding="utf-8")
        if not self._compiled(mutated, made, "-I", str(source.parent)):
            return None
        if _code(made) == _code(self._objects[source]):
            return False
        self._replaced = self._objects[source]
        others = [target for target in self._objects.values() if target != self._replaced]
        return self._linked([*others, made], self._folder / "mutated.so")

    def _compiled(self, source: Path, target: Path, *more: str) -> bool:
        include = ("-I", str(ROOT / INCLUDE_FOLDER), *more)
        command = [*self._command, *_COMPILE, "-c", "-w", *include, str(source), "-o", str(target)]
        return subprocess.run(command, capture_output=True, check=False).returncode == 0

    def _linked(self, objects: list[Path], target: Path) -> Path:
        target.unlink(missing_ok=True)  # a library in use must not be written into
        subprocess.run([*self._command, "-shared", *map(str, objects), "-o", str(target), "-lm"], check=True)
        return target


def _fails(command: list[str], limit_s: int, patiently: bool) -> bool:
    def limited() -> None:
        resource.setrlimit(resource.RLIMIT_CPU, (limit_s, limit_s + 1))

    done = subprocess.run(command, capture_output=True, check=False, preexec_fn=limited)
    is_lost = done.returncode == -signal.SIGXCPU
    return patiently if is_lost else done.returncode != 0


def _code(made: Path) -> bytes:
    """Return an object without what names its source."""
    bare = made.with_suffix(".bare")
    subprocess.run(["objcopy", "--strip-all", "-R", ".comment", str(made), str(bare)], check=True)
    return bare.read_bytes()
