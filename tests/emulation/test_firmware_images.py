"""What the linked images promise; no emulator needed."""

from __future__ import annotations

import struct

import pytest
from emulated_host import Images

from firmware_protocol.build_firmware import BOARDS, FLASH_START, flash_bytes

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
