"""Write down everything the pilot was given and everything it sent, and read it back.

An MCAP file: ``/wire/received`` and ``/wire/sent`` hold the bytes of every tick, ``/intents`` what
people asked, and ``/pose`` and ``/log`` are for looking at it in Foxglove. Messages are written one by
one, without chunks, and handed to the operating system every tick, so a killed process leaves
everything up to its last tick; such a file lacks its footer, and :func:`ticks` reads it all the same.
What the pilot was built from (site, vehicle, mission, seed) lies in the file too, so a recording needs
nothing else to be replayed.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Final

from mcap.exceptions import McapError
from mcap.records import Attachment, Channel, Message, Metadata
from mcap.stream_reader import StreamReader
from mcap.writer import CompressionType, Writer

from patrolcar.errors import ConfigError

PROFILE: Final = "patrolcar"
FORMAT: Final = "1"
HEAD_BYTES: Final = 1024  # a file that cannot be read this far is something else
RECEIVED, SENT, INTENTS, POSE, LOG = "/wire/received", "/wire/sent", "/intents", "/pose", "/log"
_SETUP: Final = "patrolcar.setup"
REQUIRED: Final = frozenset({"format", "wall_clock_ns", "files", "file", "kind", "session", "seed"})
_FRAME_SCHEMA: Final = {"type": "object"}


@dataclass(frozen=True, slots=True)
class Setup:
    """What the pilot was built from."""

    settings: Mapping[str, str]  # small values: session number, seed, names
    files: Mapping[str, bytes]  # site, map, vehicle and mission files by relative name


@dataclass(frozen=True, slots=True)
class Tick:
    """One turn of the loop: what went in, and what came out."""

    now_ns: int
    received: bytes
    intents: tuple[Mapping[str, Any], ...]
    sent: bytes


class Recorder:
    """Append ticks to one file.

    Args:
        path: File to write; its folder is made.
        setup: What the pilot was built from.
        wall_clock_ns: Unix time that belongs to ``now_ns`` 0; only a label for people.

    """

    def __init__(self, path: Path, setup: Setup, wall_clock_ns: int) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.path = path
        self._file: IO[bytes] = path.open("wb")
        self._writer = Writer(self._file, use_chunking=False, compression=CompressionType.NONE)
        self._writer.start(profile=PROFILE, library="patrolcar")
        self._wall_clock_ns = wall_clock_ns
        self._writer.add_metadata(
            _SETUP,
            {
                "format": FORMAT,
                "wall_clock_ns": str(wall_clock_ns),
                "files": str(len(setup.files)),
                **setup.settings,
            },
        )
        for name, data in setup.files.items():
            self._writer.add_attachment(0, 0, name, "application/octet-stream", data)
        self._channels = {
            topic: self._writer.register_channel(topic, "pcp1", 0) for topic in (RECEIVED, SENT)
        }
        self._channels[INTENTS] = self._json_channel(INTENTS, "patrolcar.Intent")
        self._channels[POSE] = self._json_channel(POSE, "foxglove.PoseInFrame")
        self._channels[LOG] = self._json_channel(LOG, "foxglove.Log")

    def _json_channel(self, topic: str, schema: str) -> int:
        schema_id = self._writer.register_schema(schema, "jsonschema", json.dumps(_FRAME_SCHEMA).encode())
        return self._writer.register_channel(topic, "json", schema_id)

    def tick(self, now_ns: int, received: bytes, intents: Sequence[Mapping[str, Any]], sent: bytes) -> None:
        """Append one turn of the loop."""
        for intent in intents:
            self._add(INTENTS, json.dumps(intent).encode(), now_ns)
        self._add(RECEIVED, received, now_ns)
        self._add(SENT, sent, now_ns)
        self._file.flush()  # to the operating system, so that a killed process loses nothing it was told

    def event(self, now_ns: int, severity: str, source: str, text: str) -> None:
        """Append a line of the event list."""
        level = {"INFO": 2, "CAUTION": 3, "WARNING": 4}[severity]
        line = {
            "timestamp": self._stamp(now_ns),
            "level": level,
            "name": source,
            "message": text,
            "file": "",
            "line": 0,
        }
        self._add(LOG, json.dumps(line).encode(), now_ns)

    def pose(self, now_ns: int, x_m: float, y_m: float, quaternion_zw: tuple[float, float]) -> None:
        """Append where the car believes to be, in the map frame."""
        z, w = quaternion_zw
        pose = {
            "position": {"x": x_m, "y": y_m, "z": 0.0},
            "orientation": {"x": 0.0, "y": 0.0, "z": z, "w": w},
        }
        line = {"timestamp": self._stamp(now_ns), "frame_id": "map", "pose": pose}
        self._add(POSE, json.dumps(line).encode(), now_ns)

    def close(self) -> None:
        """Write the index and the footer."""
        self._writer.finish()  # type: ignore[no-untyped-call]  # mcap leaves it bare
        self._file.close()

    def _stamp(self, now_ns: int) -> dict[str, int]:
        sec, nsec = divmod(self._wall_clock_ns + now_ns, 1_000_000_000)
        return {"sec": sec, "nsec": nsec}

    def _add(self, topic: str, data: bytes, now_ns: int) -> None:
        at_ns = self._wall_clock_ns + now_ns
        self._writer.add_message(self._channels[topic], at_ns, data, at_ns)


def read_setup(path: Path) -> Setup:
    """Return what the recorded pilot was built from.

    Raises:
        ConfigError: The file is missing or is not a recording of patrolcar.

    """
    files: dict[str, bytes] = {}
    settings: dict[str, str] = {}
    for record in _records(path):
        if isinstance(record, Attachment):
            files[record.name] = record.data
        elif isinstance(record, Metadata) and record.name == _SETUP:
            settings = dict(record.metadata)
        elif isinstance(record, Message):
            break
    if not settings:
        message = f"{path}: not a recording of patrolcar (it has no setup)"
        raise ConfigError(message)
    missing = REQUIRED - settings.keys()
    if missing or len(files) != int(settings.get("files", "-1")):
        message = f"{path}: the recording is cut within its head; nothing of it can be replayed"
        raise ConfigError(message)
    if settings.get("format") != FORMAT:
        message = f"{path}: recording format {settings.get('format')}, this program reads {FORMAT}"
        raise ConfigError(message)
    return Setup(settings, files)


def ticks(path: Path) -> Iterator[Tick]:
    """Yield every whole tick of a recording, also of one whose writer was killed."""
    wall_clock_ns = int(read_setup(path).settings["wall_clock_ns"])
    topics: dict[int, str] = {}
    intents: list[Mapping[str, Any]] = []
    received = b""
    for record in _records(path):
        if isinstance(record, Channel):
            topics[record.id] = record.topic
        elif isinstance(record, Message):
            topic = topics.get(record.channel_id)
            if topic == INTENTS:
                intents.append(_intent(path, record.data))
            elif topic == RECEIVED:
                received = record.data
            elif topic == SENT:
                yield Tick(record.log_time - wall_clock_ns, received, tuple(intents), record.data)
                intents = []


def _intent(path: Path, data: bytes) -> Mapping[str, Any]:
    try:
        found = json.loads(data)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        message = f"{path}: the recording is damaged: {data[:40]!r} is no intent"
        raise ConfigError(message)
    return found


def _records(path: Path) -> Iterator[object]:
    """Yield the records of a file; one that was cut ends early."""
    try:
        stream = path.open("rb")
    except OSError as error:
        message = f"{path}: cannot be read ({error.strerror}); expected a recording (.mcap)"
        raise ConfigError(message) from error
    with stream:
        try:
            yield from StreamReader(stream).records
        except (McapError, struct.error, ValueError, EOFError) as error:  # ValueError: text that is none
            if stream.tell() < HEAD_BYTES:
                message = f"{path}: not an MCAP file ({error})"
                raise ConfigError(message) from error
