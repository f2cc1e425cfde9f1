"""What the checks may read of this computer; tests hand in a tree of their own."""

from __future__ import annotations

import contextlib
import grp
import os
import platform
import pwd
import stat
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from firmware_protocol.native import library
from patrolcar.links.usb_ports import PortLister, listed_ports


class Node(NamedTuple):
    """A device node: who may use it and what it is."""

    owner: int
    group: int
    group_name: str
    mode: int
    major: int
    minor: int
    inode: int
    is_character_device: bool


class User(NamedTuple):
    """Who asks."""

    uid: int
    name: str
    groups: frozenset[int]


class Process(NamedTuple):
    """A running program."""

    pid: int
    name: str
    command: str


@dataclass(frozen=True, slots=True)
class Machine:
    """The parts of a computer that decide whether a serial port works."""

    proc: Path
    sys: Path
    udev_state: Path
    udev_rules: tuple[Path, ...]
    user: User
    python: tuple[int, int, int]
    system: str
    list_ports: PortLister
    node_at: Callable[[str], Node | None]
    load_library: Callable[[], object]

    def processes(self) -> Iterator[Process]:
        """Yield the running programs whose names can be read."""
        for folder in sorted(self.proc.glob("[0-9]*"), key=lambda each: int(each.name)):
            with contextlib.suppress(OSError):
                words = (folder / "cmdline").read_bytes().split(b"\0")
                command = " ".join(word.decode(errors="replace") for word in words if word)
                yield Process(int(folder.name), (folder / "comm").read_text().strip(), command)

    def holders(self, path: str) -> list[Process]:
        """Return the programs that have the device open, as far as this user may see."""
        node, real = self.node_at(path), os.path.realpath(path)
        locking = self._locking(node) if node else set()
        return [
            process for process in self.processes() if process.pid in locking or self._has_open(process, real)
        ]

    def rules_with(self, *words: str) -> list[Path]:
        """Return the udev rule files that have a line with all these words."""
        files = (file for folder in self.udev_rules for file in sorted(folder.glob("*.rules")))
        return [file for file in files if any(all(word in line for word in words) for line in _lines(file))]

    def _has_open(self, process: Process, real: str) -> bool:
        with contextlib.suppress(OSError):
            for number in (self.proc / str(process.pid) / "fd").iterdir():
                with contextlib.suppress(OSError):
                    if str(number.readlink()) == real:
                        return True
        return False

    def _locking(self, node: Node) -> set[int]:
        """Return who holds a lock on the node; the list of locks is readable where open files are not."""
        pids = set()
        for line in _lines(self.proc / "locks"):
            words = line.split()
            if any(word.endswith(f":{node.inode}") for word in words):
                pids |= {int(word) for word in words[4:5] if word.isdecimal()}
        return pids


def _lines(file: Path) -> list[str]:
    try:
        return file.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return []


def this_machine() -> Machine:
    """Return the computer this runs on."""
    uid = os.geteuid()
    try:
        name = pwd.getpwuid(uid).pw_name
    except KeyError:
        name = str(uid)
    return Machine(
        proc=Path("/proc"),
        sys=Path("/sys"),
        udev_state=Path("/run/udev/data"),
        udev_rules=tuple(Path(root, "udev/rules.d") for root in ("/etc", "/run", "/usr/lib", "/lib")),
        user=User(uid, name, frozenset({*os.getgroups(), os.getegid()})),
        python=sys.version_info[:3],
        system=f"{platform.system()} {platform.release()} {platform.machine()}",
        list_ports=listed_ports,
        node_at=node_at,
        load_library=library,
    )


def node_at(path: str) -> Node | None:
    """Return the device node at a path, links followed; None when there is nothing."""
    try:
        found = os.stat(path)  # noqa: PTH116  (Path.stat does the same with more words)
    except OSError:
        return None
    try:
        group_name = grp.getgrgid(found.st_gid).gr_name
    except KeyError:
        group_name = str(found.st_gid)
    return Node(
        owner=found.st_uid,
        group=found.st_gid,
        group_name=group_name,
        mode=stat.S_IMODE(found.st_mode),
        major=os.major(found.st_rdev),
        minor=os.minor(found.st_rdev),
        inode=found.st_ino,
        is_character_device=stat.S_ISCHR(found.st_mode),
    )
