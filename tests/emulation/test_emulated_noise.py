"""Damage on the line, in the ARM code: receive interrupt, ring, decoder."""

from __future__ import annotations

from random import Random

from emulated_host import Boards, Hosts

from firmware_protocol.framing import FrameEncoder
from firmware_protocol.messages import SPEC_OF, Alive, Drive, Heartbeat, LinkStats, State

BURST = 250


def rejects(stats: LinkStats | None) -> int:
    return 0 if stats is None else stats.bad_crc + stats.bad_length + stats.bad_cobs + stats.unknown


def test_noise_between_frames_is_counted_and_the_car_drives_on(boards: Boards, hosts: Hosts) -> None:
    host, random = hosts(boards()).connected().armed(), Random(1)
    host.moving()
    for _ in range(40):
        host.link.write(random.randbytes(20) + b"\0")
        host.turn()
    host.until(lambda: rejects(host.last(LinkStats)) >= 40, "the noise is counted")
    assert host.status.state == State.ARMED
    assert host.odom.vx_mps > 0.25


def test_thousands_of_random_bytes_move_nothing_and_restart_nothing(boards: Boards, hosts: Hosts) -> None:
    host, random = hosts(boards()).connected(), Random(2)
    boot_ids = {alive.boot_id for alive in host.every(Alive)}
    for _ in range(60):
        host.link.write(random.randbytes(400))
        host.turn()
    host.link.write(b"\0")
    host.until(lambda: rejects(host.last(LinkStats)) > 50, "the noise is counted")
    host.live(100)
    boot_ids |= {alive.boot_id for alive in host.every(Alive)}
    assert len(boot_ids) == 1
    assert host.status.state == State.DISARMED
    assert host.duties == [0.0] * 4
    host.armed()


def test_a_long_burst_of_frames_loses_none(boards: Boards, hosts: Hosts) -> None:
    host, encoder = hosts(boards()).connected(), FrameEncoder()
    host.beats = False
    host.live(50)
    host.seen.clear()
    host.until(lambda: host.last(LinkStats), "statistics come")
    before = host.every(LinkStats)[-1]
    frames = [encoder.encode(SPEC_OF[Heartbeat], Heartbeat(host.session.number, i)) for i in range(BURST)]
    for piece in range(0, BURST, 25):
        host.link.write(b"".join(frames[piece : piece + 25]))
        host.turn()
    host.until(lambda: host.every(LinkStats)[-1].frames >= before.frames + BURST, "all have arrived")
    after = host.every(LinkStats)[-1]
    assert after.frames == before.frames + BURST
    assert rejects(after) == rejects(before)


def test_a_frame_that_comes_byte_by_byte_is_a_frame(boards: Boards, hosts: Hosts) -> None:
    host = hosts(boards()).connected().armed()
    host.beats = False  # nothing may come in between
    for byte in host.session.drive(0.2, 0.0, 0.0, 500):
        host.link.write(bytes((byte,)))
        host.turn()
    host.until(lambda: host.odom.drive_count == 1, "it is obeyed")


def test_drives_of_another_session_are_refused(boards: Boards, hosts: Hosts) -> None:
    host, encoder = hosts(boards(), 5).connected().armed(), FrameEncoder()
    stranger = (Drive(6, count, 200, 0.5, 0.0, 0.0) for count in range(1, 20))
    host.link.write(b"".join(encoder.encode(SPEC_OF[Drive], drive) for drive in stranger))
    host.until(lambda: (stats := host.last(LinkStats)) and stats.refused >= 19, "they are counted")
    assert host.odom.drive_count == 0
    assert host.stands
