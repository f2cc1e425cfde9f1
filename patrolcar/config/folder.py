"""The one door to the disk for files that name other files.

A site names a map and a map names an image. Whatever those names say, nothing outside the folder
of the first file is opened: no absolute names, no way up, no link that leads away, no device.
A recording holds the same files in memory, so both answer to the same ``Folder``.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import Protocol

from patrolcar.config.problems import listed, nearest, shown
from patrolcar.errors import ConfigError

MAX_YAML_BYTES = 64 * 1024
MAX_SITE_BYTES = 1024 * 1024
MAX_IMAGE_BYTES = 64 * 1024 * 1024 + 64 * 1024  # 4096 x 4096 pixels of four bytes, and a header


class Folder(Protocol):
    """Where a file and everything it names is read from."""

    def read(self, name: str, limit: int) -> bytes:
        """Return a file's bytes; ConfigError (text without a place) when it is missing, odd or too big."""

    def title(self, name: str) -> str:
        """Return what to call the file in a message."""


class DiskFolder:
    """A folder on the disk; nothing outside it is ever opened."""

    def __init__(self, path: Path) -> None:
        """Take the folder; it need not exist yet."""
        self._path = path

    def read(self, name: str, limit: int) -> bytes:
        """Return a file's bytes, at most ``limit`` of them."""
        _refuse_wandering(name)
        target = self._path / name
        try:
            root = self._path.resolve()
            inside = target.resolve().is_relative_to(root)
        except (OSError, RuntimeError) as error:  # RuntimeError: links in a circle (Python < 3.13)
            raise ConfigError(_why(error)) from error
        if not inside:
            text = f"{shown(name)} leads out of the folder it must stay in; copy the file here"
            raise ConfigError(text)
        try:
            return read_regular_file(target, limit)
        except FileNotFoundError as error:
            raise ConfigError(self._not_found(name)) from error
        except OSError as error:
            raise ConfigError(_why(error)) from error

    def title(self, name: str) -> str:
        """Return the path as the person wrote it, with the name."""
        return str(self._path / name)

    def _not_found(self, name: str) -> str:
        try:
            beside = sorted(entry.name for entry in (self._path / name).parent.iterdir())
        except OSError:
            beside = []
        return _missing(name, beside)


class MemoryFolder:
    """Files kept in a recording or made by a test; names use forward slashes."""

    def __init__(self, files: Mapping[str, bytes]) -> None:
        """Take the files by relative name."""
        self._files = files

    def read(self, name: str, limit: int) -> bytes:
        """Return a file's bytes, at most ``limit`` of them."""
        _refuse_wandering(name)
        content = self._files.get(str(PurePosixPath(name)))
        if content is None:
            raise ConfigError(_missing(name, sorted(self._files)))
        if len(content) > limit:
            raise ConfigError(_too_big(limit))
        return content

    def title(self, name: str) -> str:
        """Return the name itself."""
        return name


class SubFolder:
    """A folder inside another one."""

    def __init__(self, outer: Folder, inner: str) -> None:
        """Take the outer folder and the relative path of the inner one."""
        self._outer, self._inner = outer, inner

    def read(self, name: str, limit: int) -> bytes:
        """Return a file's bytes, at most ``limit`` of them; the name may not leave the inner folder."""
        _refuse_wandering(name)
        return self._outer.read(str(PurePosixPath(self._inner) / name), limit)

    def title(self, name: str) -> str:
        """Return what the outer folder calls the file."""
        return self._outer.title(str(PurePosixPath(self._inner) / name))


class Tally:
    """A folder that remembers everything that was read from it, for the recording."""

    def __init__(self, folder: Folder) -> None:
        """Take the folder that does the reading."""
        self.files: dict[str, bytes] = {}
        self._folder = folder

    def read(self, name: str, limit: int) -> bytes:
        """Return a file's bytes and remember them."""
        content = self._folder.read(name, limit)
        self.files[str(PurePosixPath(name))] = content
        return content

    def title(self, name: str) -> str:
        """Return what the folder behind calls the file."""
        return self._folder.title(name)


def read_regular_file(path: Path, limit: int) -> bytes:
    """Return the bytes of an ordinary file; OSError or ConfigError otherwise.

    Opened without waiting, and looked at only after opening: a pipe or a device neither hangs us
    nor slips in between a check and its use.
    """
    flags = (
        os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
    )
    try:
        descriptor = os.open(path, flags)
    except ValueError as error:  # a zero byte in the name
        raise ConfigError(str(error)) from error
    with os.fdopen(descriptor, "rb") as file:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            text = "is not an ordinary file (a folder, a pipe or a device); name a file"
            raise ConfigError(text)
        content = file.read(limit + 1)
    if len(content) > limit:
        raise ConfigError(_too_big(limit))
    return content


def _refuse_wandering(name: str) -> None:
    path = PurePosixPath(name.replace("\\", "/"))
    if not name or "\0" in name:
        text = f"{shown(name)} is not a file name"
        raise ConfigError(text)
    if path.is_absolute() or ".." in path.parts or ":" in path.parts[0]:
        text = f"{shown(name)} leads out of the folder it must stay in; copy the file here"
        raise ConfigError(text)


def _missing(name: str, beside: list[str]) -> str:
    hint = nearest(PurePosixPath(name).name, beside)
    if hint:
        return f"there is no file {shown(name)}; {hint}"
    return f"there is no file {shown(name)} (here are: {listed(beside) or 'no files'})"


def _too_big(limit: int) -> str:
    return f"is larger than {limit // 1024} KiB, the most this kind of file may have"


def _why(error: BaseException) -> str:
    reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return f"cannot be read: {reason}"
