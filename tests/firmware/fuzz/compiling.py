"""Compile C for a test, or say why this machine cannot."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from firmware_protocol.build_native import INCLUDE_FOLDER, ROOT, compiler

HERE = Path(__file__).resolve().parent
FIRMWARE = ROOT / "firmware_protocol/firmware/src"
STRICT = ("-std=c11", "-Wall", "-Wextra", "-Wshadow", "-Wstrict-prototypes", "-Werror")
SANITIZERS = (
    "-g",
    "-O1",
    "-fsanitize=address,undefined,float-cast-overflow,float-divide-by-zero",
    "-fno-sanitize-recover=all",
)


class NoCompilerError(Exception):
    """This machine cannot build that; the text says what is missing."""


def compiled(target: Path, sources: tuple[Path, ...], *flags: str) -> Path:
    """Return ``target`` built from ``sources`` and the firmware's headers.

    Raises:
        NoCompilerError: There is no C compiler.
        subprocess.CalledProcessError: The C is wrong, or the flags are not for this compiler.

    """
    command = compiler()
    if command is None:
        message = "no C compiler (Debian: apt install gcc)"
        raise NoCompilerError(message)
    files = [str(source) for source in sources]
    include = ["-I", str(ROOT / INCLUDE_FOLDER), "-I", str(HERE)]
    subprocess.run([*command, *STRICT, *flags, *include, *files, "-o", str(target)], check=True)
    return target


def sanitized_codec(target: Path) -> dict[str, str]:
    """Build everything that has to do with frames with ASan and UBSan; return the environment to run it in.

    Raises:
        NoCompilerError: There is no compiler, or none with a sanitizer that can be loaded into Python.

    """
    command = compiler()
    runtime = _printed([*(command or []), "-print-file-name=libasan.so"]) if command else ""
    if not Path(runtime).is_absolute():
        message = f"{command or 'no compiler'}: no libasan.so to load before Python (Debian: apt install gcc)"
        raise NoCompilerError(message)
    sources = (
        *(FIRMWARE / name for name in ("pcp_frame.c", "pcp_decoder.c", "pcp_messages.c")),
        ROOT / "firmware_protocol/firmware/ports/host/pcp_host_decoder.c",
        *sorted((ROOT / "firmware_protocol/wire_native").glob("*.c")),
    )
    compiled(target, sources, "-shared", "-fPIC", *SANITIZERS)
    return {
        **os.environ,
        "PATROLCAR_NATIVE": str(target),
        "LD_PRELOAD": runtime,
        "PYTHONMALLOC": "malloc",  # so that each object has its own red zones
        "ASAN_OPTIONS": "detect_leaks=0",  # Python keeps much until it ends
    }


def _printed(command: list[str]) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def campaign(target: Path) -> Path:
    """Return the fuzzing campaign with ASan and UBSan; NoCompilerError when the compiler has none."""
    probe = target.with_suffix(".c")
    probe.write_text("int main(void) { return 0; }\n", encoding="utf-8")
    try:
        subprocess.run([compiled(target, (probe,), *SANITIZERS)], check=True, capture_output=True)
    except subprocess.CalledProcessError as error:
        message = f"the C compiler has no address and undefined behaviour sanitizers ({error})"
        raise NoCompilerError(message) from error
    ours = tuple(HERE / name for name in ("world.c", "program.c", "campaign.c"))
    return compiled(target, (*sorted(FIRMWARE.glob("*.c")), *ours), *SANITIZERS)
