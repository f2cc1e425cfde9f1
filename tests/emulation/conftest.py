"""Images and emulated boards. What is not installed skips a test with the reason, but fails it in CI."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from emulated_host import Boards, EmulatedHost, Hosts, Images, lacks

from firmware_protocol.boards import BOARDS
from firmware_protocol.build_firmware import Built, build, cross_compiler
from sim.qemu import QEMU, Emulator, emulator_is_installed


@pytest.fixture(scope="session")
def image(tmp_path_factory: pytest.TempPathFactory) -> Images:
    """Build an image by its name, once."""
    if cross_compiler() is None:
        lacks("no compiler for STM32: apt-get install gcc-arm-none-eabi, or pip install ziglang")
    folder, built = tmp_path_factory.mktemp("firmware"), dict[str, Built]()

    def made(name: str) -> Built:
        if name not in built:
            built[name] = build(BOARDS[name], Path(folder) / f"{name}.elf")
        return built[name]

    return made


@pytest.fixture(scope="session")
def emulator() -> None:
    """QEMU must be there."""
    if not emulator_is_installed():
        lacks(f"{QEMU} is not installed: apt-get install --no-install-recommends qemu-system-arm")


@pytest.fixture
def boards(image: Images, emulator: None) -> Iterator[Boards]:
    """Start emulated boards; they end with the test, also when it fails."""
    del emulator
    with ExitStack() as stack:

        def started(name: str = "pil-f405", *, held: bool = False) -> Emulator:
            return stack.enter_context(Emulator(image(name).file, BOARDS[name].machine, held=held))

        yield started


@pytest.fixture
def hosts() -> Iterator[Hosts]:
    """Connect hosts to boards; they hang up with the test."""
    with ExitStack() as stack:

        def connected(board: Emulator, session: int = 77) -> EmulatedHost:
            host = EmulatedHost(board.address, session)
            stack.callback(host.close)
            return host

        yield connected
