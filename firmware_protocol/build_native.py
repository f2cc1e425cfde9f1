"""Compile all C of the project into one shared library.

Used by the build hook at install and by hand: ``python -m firmware_protocol.build_native``.
The codec calls functions of the interpreter that loads the library (wire_native/pcp_python.h), so they stay
undefined in it: Linux allows that, on macOS the linker is told so.
Takes ``cc`` (or ``$CC``) when there is one, else the compiler inside the ``ziglang`` wheel.
``-ffp-contract=off`` keeps x86-64 and ARM builds equal bit for bit.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LIBRARY = Path("firmware_protocol/_native/libpatrolcar.so")
BUILT_FROM = LIBRARY.with_suffix(".sources")
"""Beside the library: the fingerprint of the sources it was built from."""
SOURCE_FOLDERS = (
    "firmware_protocol/firmware/src",
    "firmware_protocol/firmware/ports/host",
    "firmware_protocol/wire_native",
    "patrolcar/kernels",
    "sim/kernels",
)
INCLUDE_FOLDER = "firmware_protocol/firmware/include"
FLAGS = (
    *("-std=c11", "-O3", "-fPIC", "-shared", "-ffp-contract=off"),
    *("-fno-math-errno", "-fno-semantic-interposition"),  # square roots and calls inside the library: inline
)
WARNINGS = (
    "-Wall",
    "-Wextra",
    "-Wconversion",
    "-Wshadow",
    "-Wstrict-prototypes",
)


class BuildError(Exception):
    """The C could not be compiled; the text says what to do."""


def compiler() -> list[str] | None:
    """Return the command of a C compiler, or None when only the ``ziglang`` wheel can help."""
    for name in (os.environ.get("CC"), "cc", "gcc", "clang"):
        if name and shutil.which(name):
            return [name]
    if importlib.util.find_spec("ziglang") is not None:
        return [sys.executable, "-m", "ziglang", "cc"]
    return None


def sources(root: Path = ROOT) -> list[Path]:
    """Return every C file of the library, in a fixed order."""
    return [file for folder in SOURCE_FOLDERS for file in sorted((root / folder).glob("*.c"))]


def fingerprint(root: Path = ROOT) -> str:
    """Return what is another text when any C of the library is another."""
    folders = (*SOURCE_FOLDERS, INCLUDE_FOLDER)
    digest = hashlib.blake2b(digest_size=16)
    for file in sorted(file for folder in folders for file in (root / folder).glob("*.[ch]")):
        digest.update(f"{file.relative_to(root).as_posix()} {file.stat().st_size}\n".encode())
        digest.update(file.read_bytes())
    return digest.hexdigest()


def is_stale(root: Path = ROOT) -> bool:
    """Whether this is a checkout whose C was changed since the library was built, for example by a pull."""
    if not (root / ".git").exists():
        return False  # an installed package holds what was built with it
    built_from = root / BUILT_FROM
    return not built_from.exists() or built_from.read_text(encoding="ascii") != fingerprint(root)


def compile_command(target: Path, root: Path = ROOT, extra: tuple[str, ...] = ()) -> list[str]:
    """Return the command that writes the library to ``target``."""
    command = compiler()
    if command is None:
        message = (
            "patrolcar: no C compiler found: install one (Debian: apt install gcc) or run "
            "'pip install ziglang', then install again"
        )
        raise BuildError(message)
    files = [str(file) for file in sources(root)]
    return [
        *command,
        *FLAGS,
        *WARNINGS,
        *extra,
        "-I",
        str(root / INCLUDE_FOLDER),
        *files,
        "-o",
        str(target),
        "-lm",
        *(("-undefined", "dynamic_lookup") if sys.platform == "darwin" else ()),
    ]


def build(root: Path = ROOT, target: Path | None = None, extra: tuple[str, ...] = ()) -> Path:
    """Compile the library and return where it lies; a half-written one is never left behind."""
    is_ours = target is None
    target = target or root / LIBRARY
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_suffix(f".{os.getpid()}.partial")
    command = compile_command(partial, root, extra)
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603  (our own command)
    if done.returncode != 0:
        partial.unlink(missing_ok=True)
        message = f"patrolcar: compiling the controller failed:\n{done.stderr}\ncommand: {' '.join(command)}"
        raise BuildError(message)
    partial.replace(target)
    if is_ours:
        (root / BUILT_FROM).write_text(fingerprint(root), encoding="ascii")
    return target


if __name__ == "__main__":
    try:
        sys.stdout.write(f"{build(extra=('-Werror',))}\n")
    except BuildError as error:
        sys.exit(str(error))
