"""The shared library with one mutated source: one file compiled, the rest linked as it was."""

from __future__ import annotations

import subprocess
from pathlib import Path

from firmware_protocol.build_native import FLAGS, INCLUDE_FOLDER, compiler, sources

from .targets import ROOT

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
        self._objects = {source: folder / f"{source.stem}.o" for source in sources(ROOT)}
        for source, target in self._objects.items():
            if not self._compiled(source, target):
                message = f"{source} does not compile"
                raise ValueError(message)

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
        others = [target for other, target in self._objects.items() if other != source]
        return self._linked([*others, made], self._folder / "mutated.so")

    def _compiled(self, source: Path, target: Path, *more: str) -> bool:
        include = ("-I", str(ROOT / INCLUDE_FOLDER), *more)
        command = [*self._command, *_COMPILE, "-c", "-w", *include, str(source), "-o", str(target)]
        return subprocess.run(command, capture_output=True, check=False).returncode == 0

    def _linked(self, objects: list[Path], target: Path) -> Path:
        target.unlink(missing_ok=True)  # a library in use must not be written into
        subprocess.run([*self._command, "-shared", *map(str, objects), "-o", str(target), "-lm"], check=True)
        return target


def _code(made: Path) -> bytes:
    """Return an object without what names its source."""
    bare = made.with_suffix(".bare")
    subprocess.run(["objcopy", "--strip-all", "-R", ".comment", str(made), str(bare)], check=True)
    return bare.read_bytes()
