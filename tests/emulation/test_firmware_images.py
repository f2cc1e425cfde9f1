"""What the linked images promise; no emulator needed."""

from __future__ import annotations

import re
import struct

import pytest
from emulated_host import Images

from firmware_protocol.boards import BOARDS, FIRMWARE, room
from firmware_protocol.elf import FLASH_START, NotAnImageError, flash_bytes, identity_of, sizes_of

RAM_START = 0x2000_0000
KB = 1024


@pytest.mark.parametrize("name", BOARDS)
def test_every_image_builds_without_a_warning_and_starts_where_the_chip_looks(
    name: str, image: Images
) -> None:
    flash = flash_bytes(image(name).file.read_bytes())
    stack_top, reset = struct.unpack_from("<2I", flash)
    assert RAM_START < stack_top <= RAM_START + image(name).sizes.ram
    assert reset & 1  # Thumb
    assert FLASH_START < reset < FLASH_START + len(flash)


def test_the_f103_image_fits_32_kb_of_flash_and_8_kb_of_ram(image: Images) -> None:
    sizes = image("stm32f103").sizes
    assert sizes.flash <= 32 * KB
    assert sizes.ram <= 8 * KB


def test_no_image_for_a_car_carries_the_wheel_model() -> None:
    for board in BOARDS.values():
        assert board.for_hardware == (not any(part.startswith("pil/") for part in board.parts))


@pytest.mark.parametrize("name", BOARDS)
def test_every_image_says_for_which_board_it_is(name: str, image: Images) -> None:
    assert identity_of(flash_bytes(image(name).file.read_bytes())) == name


def test_an_elf_file_that_is_cut_or_lies_elsewhere_is_no_image(image: Images) -> None:
    whole = image("stm32f405").file.read_bytes()
    for size in (*range(4, 60), len(whole) // 2, len(whole) - 40):
        with pytest.raises(NotAnImageError):
            sizes_of(whole[:size])
    program_header = struct.unpack_from("<28xI", whole)[0]
    elsewhere = bytearray(whole)
    struct.pack_into("<I", elsewhere, program_header + 12, 0xF000_0000)
    with pytest.raises(NotAnImageError, match="do not lie in the flash"):
        flash_bytes(bytes(elsewhere))


def test_what_is_no_image_says_nothing() -> None:
    assert identity_of(b"") is None
    assert identity_of(bytes(KB)) is None
    assert identity_of(b"PCAR:stm32f405".ljust(KB)) is None


@pytest.mark.parametrize("name", BOARDS)
def test_no_image_reaches_into_the_flash_that_keeps_saved_values(name: str, image: Images) -> None:
    board = BOARDS[name]
    saved = {"stm32f405": 0x0800_8000, "stm32f103": 0x0800_F000}[board.chip]  # STORAGE of flash.c
    assert FLASH_START + room(board).flash <= saved
    assert image(name).sizes.flash <= room(board).flash
    assert image(name).sizes.ram <= room(board).ram


@pytest.mark.parametrize("chip", ["stm32f405", "stm32f103"])
def test_no_pin_has_two_jobs_and_each_is_in_the_wiring_table(chip: str) -> None:
    folder = FIRMWARE / "ports" / chip
    used = re.findall(r"\{PCP_PORT_([A-D]), (\d+)\}", (folder / "pins.c").read_text(encoding="ascii"))
    pins = [port + number for port, number in used] + ["A9", "A10", "A13", "A14"]  # the line and SWD
    assert len(pins) > 30
    assert len(set(pins)) == len(pins)
    rows = [
        line.split("|")[1] for line in (folder / "README.md").read_text().splitlines() if line.startswith("|")
    ]
    wired = re.findall(r"\b[A-D]\d+\b", " ".join(rows))
    assert sorted({*wired} - {"B10", "B11"}) == sorted(pins)  # those two are kept for an IMU
    assert len(set(wired)) == len(wired)
