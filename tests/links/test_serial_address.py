"""What an address of a serial port means, and how its mistakes are told."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from patrolcar.errors import LinkError
from patrolcar.links.boards import ANY_BOARD, BOARDS, board_of
from patrolcar.links.serial_address import LARGEST_BAUD, SerialAddress, serial_address
from patrolcar.links.usb_ports import Port

switches = st.none() | st.booleans()
targets = st.sampled_from(
    ["/dev/ttyUSB0", "/dev/serial/by-id/usb-x-if00", "auto", "usb://1a86:7523/A&B"[:15]]
)


@given(targets, st.none() | st.integers(1, LARGEST_BAUD), switches, switches, st.none() | st.just("a.key"))
def test_an_address_that_is_written_down_reads_the_same(
    target: str, baud: int | None, dtr: bool | None, rts: bool | None, key: str | None
) -> None:
    address = SerialAddress(target, baud, dtr, rts, key)
    assert serial_address(str(address)) == address


@given(st.text(max_size=40))
def test_any_text_is_an_address_or_one_sentence(text: str) -> None:
    try:
        address, told = serial_address(text), text
    except LinkError as error:
        address, told = SerialAddress(text), str(error)
    assert told.startswith(text)
    assert address.baud is None or 0 < address.baud <= LARGEST_BAUD


def test_all_mistakes_are_told_in_one_sentence() -> None:
    with pytest.raises(LinkError) as refused:
        serial_address("usb://12:34?baud=0&parity=odd&dtr=maybe&rts=on&rts=off&key=")
    told = str(refused.value)
    assert "\n" not in told
    for words in ("not a USB id", "'baud=0'", "'parity=odd'", "'dtr=maybe'", "rts is given twice", "'key='"):
        assert words in told


@pytest.mark.parametrize("baud", ["0", "-1", "", "fast", "1e6", "12000001", "²", "9" * 5000])
def test_a_speed_that_would_hang_up_or_is_none_is_refused(baud: str) -> None:
    with pytest.raises(LinkError, match="expected baud=N"):
        serial_address(f"/dev/ttyUSB0?baud={baud}")


def test_a_usb_address_fits_by_id_and_by_serial_number_when_it_names_one() -> None:
    port = Port("/dev/ttyACM0", 0x0483, 0x5740, "ABC")
    assert serial_address("usb://0483:5740").fits(port)
    assert serial_address("usb://0483:5740/ABC").fits(port)
    assert not serial_address("usb://0483:5740/ABD").fits(port)
    assert not serial_address("usb://0483:5741").fits(port)


def test_only_boards_that_want_a_listener_get_dtr_and_none_gets_rts() -> None:
    assert board_of(0x0483, 0x5740).dtr
    assert not board_of(0x1A86, 0x7523).dtr
    assert not any(board.rts for board in BOARDS.values())
    assert all(board.dtr for board in BOARDS.values() if not board.has_baud)
    assert board_of(0x1234, 0x5678) == board_of(None, None) == ANY_BOARD
    assert not ANY_BOARD.dtr
