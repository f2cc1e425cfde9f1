"""The owner of the port: what it tells, when it tries again, and how it treats a line that is silent."""

from __future__ import annotations

from patrolcar.errors import LinkError
from patrolcar.runtime.connection import RETRY_EVERY_NS, SILENT_AFTER_NS, Connection

TURN_NS = 20_000_000
SECOND = 1_000_000_000


class Wire:
    """A link that says what it is told to."""

    name = "wire"

    def __init__(self, line: Line) -> None:
        self._line = line

    def fileno(self) -> int | None:
        return None

    def read(self, now_ns: int) -> bytes:
        del now_ns
        if self._line.error:
            raise LinkError(self._line.error)
        return self._line.says

    def write(self, data: bytes) -> None:
        if self._line.error:
            raise LinkError(self._line.error)
        self._line.heard.append(data)

    def close(self) -> None:
        self._line.closed += 1


class Line:
    """What is at the port."""

    def __init__(self) -> None:
        self.says, self.error, self.missing = b"", "", ""
        self.opened_ns: list[int] = []
        self.closed = 0
        self.heard: list[bytes] = []
        self.now_ns = 0

    def open(self) -> Wire:
        self.opened_ns.append(self.now_ns)
        if self.missing:
            raise LinkError(self.missing)
        return Wire(self)


def told(connection: Connection, line: Line, until_ns: int) -> list[str]:
    """Turn a connection until then; return what it told."""
    news = []
    while line.now_ns < until_ns:
        _, lost = connection.read(line.now_ns)
        connection.write(b"turn", line.now_ns)
        news += [lost] if lost else []
        line.now_ns += TURN_NS
    return news


def test_a_missing_port_is_told_once_and_tried_five_times_a_second() -> None:
    line = Line()
    line.missing = "no port"
    assert told(Connection(line.open, "car"), line, 10 * SECOND) == ["no port"]
    assert len(line.opened_ns) == 10 * SECOND // RETRY_EVERY_NS


def test_a_port_that_comes_back_is_used_within_the_retry_time_and_its_next_loss_is_news() -> None:
    line = Line()
    line.says = b"telemetry"
    connection = Connection(line.open, "car")
    assert told(connection, line, 1 * SECOND) == []
    for _ in range(3):
        line.error = "gone"
        assert told(connection, line, line.now_ns + SECOND) == ["gone"]
        line.error, plugged_ns = "", line.now_ns
        assert told(connection, line, line.now_ns + SECOND) == []
        assert min(ns for ns in line.opened_ns if ns >= plugged_ns) - plugged_ns <= RETRY_EVERY_NS


def test_a_silent_port_is_opened_again_ever_more_seldom_and_that_is_told_once() -> None:
    line = Line()
    connection = Connection(line.open, "car")
    news = told(connection, line, 300 * SECOND)
    assert len(news) == 1
    assert "silent" in news[0]
    gaps = [b - a for a, b in zip(line.opened_ns, line.opened_ns[1:], strict=False)]
    assert gaps[0] >= SILENT_AFTER_NS
    assert [round(gap / SECOND) for gap in gaps] == [5, 10, 20, 40, 60, 60, 60]
    assert line.closed == len(gaps)


def test_bytes_end_the_suspicion() -> None:
    line = Line()
    connection = Connection(line.open, "car")
    told(connection, line, 20 * SECOND)
    line.says = b"x"
    opened = len(line.opened_ns)
    assert told(connection, line, line.now_ns + 100 * SECOND) == []
    assert len(line.opened_ns) <= opened + 1
    line.says = b""
    assert len(told(connection, line, line.now_ns + 6 * SECOND)) == 1
