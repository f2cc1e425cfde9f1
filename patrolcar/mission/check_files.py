"""Check files of any kind without using them: the work behind ``patrolcar check``."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType
from typing import TypeAlias

from patrolcar.config.folder import MAX_SITE_BYTES, DiskFolder
from patrolcar.config.problems import BadFileError, Problem
from patrolcar.config.yaml_reader import read_site_document
from patrolcar.errors import ConfigError
from patrolcar.mission.check import Planner
from patrolcar.mission.graph import read_graph
from patrolcar.mission.mission_file import load_mission
from patrolcar.site.map_file import load_map
from patrolcar.site.site_file import load_site
from patrolcar.site.vehicle_file import load_vehicle
from patrolcar.vehicle import Footprint


class FileKind(StrEnum):
    """What a file is, by what it says and not by its name."""

    SITE = "site"
    MISSION = "mission"
    MAP = "map"
    GRAPH = "graph"
    VEHICLE = "vehicle"


_KEYS = {
    "mission": FileKind.MISSION,
    "visits": FileKind.MISSION,
    "vehicle": FileKind.VEHICLE,
    "image": FileKind.MAP,
    "site": FileKind.SITE,
    "places": FileKind.SITE,
    "rooms": FileKind.SITE,
}
"""The first of these keys that a file has at its top tells its kind."""


Others: TypeAlias = Mapping[str, Callable[[Path], object]]
"""Readers of files that others know, by the key at their top; each raises BadFileError."""


def check_files(
    paths: Iterable[Path],
    footprint: Footprint | None = None,
    planner: Planner | None = None,
    others: Others = MappingProxyType({}),
) -> list[Problem]:
    """Return every mistake in the files, each once; empty when all are good.

    Args:
        paths: Sites, missions, maps, graphs and vehicles in any mixture.
        footprint: Of the car that must fit; the simulator's car when None.
        planner: Asks whether the places of a mission can be reached; without it, nobody asks.
        others: Files that only the simulator knows, and who reads them.

    """
    problems: dict[Problem, None] = {}
    for path in paths:
        try:
            read = _reader(path, others)
            if read is not None:
                read(path)
            else:
                check_file(path, footprint or Footprint(), planner)
        except BadFileError as error:
            problems.update(dict.fromkeys(error.problems))
    return list(problems)


def _reader(path: Path, others: Others) -> Callable[[Path], object] | None:
    """Return who else reads a file, by the first key at its top that somebody knows."""
    if not others or _looks_like_a_graph(path):
        return None
    root = read_site_document(DiskFolder(path.parent), path.name).root
    return next((others[key] for key in root.keys() if key in others), None)  # noqa: SIM118 - a node, not a dict


def check_file(path: Path, footprint: Footprint, planner: Planner | None = None) -> FileKind:
    """Return the kind of a good file; BadFileError with every mistake of a bad one."""
    kind = file_kind(path)
    if kind is FileKind.GRAPH:
        read_graph(DiskFolder(path.parent), path.name)
    elif kind is FileKind.MAP:
        load_map(path)
    elif kind is FileKind.VEHICLE:
        load_vehicle(path)
    elif kind is FileKind.SITE:
        load_site(path, footprint)
    else:
        load_mission(path, footprint, planner)
    return kind


def file_kind(path: Path) -> FileKind:
    """Return what a file is; BadFileError when it is none of the kinds, or not readable."""
    folder = DiskFolder(path.parent)
    title = folder.title(path.name)
    if _looks_like_a_graph(path):
        return FileKind.GRAPH
    keys = read_site_document(folder, path.name).root.keys()
    for key, kind in _KEYS.items():
        if key in keys:
            return kind
    kinds = "site, mission, scenario, vehicle, map or graph"
    text = f"is no {kinds}; begin it with its kind, such as mission: Night round"
    raise BadFileError([Problem(title, 1, 1, "", text)])


def _looks_like_a_graph(path: Path) -> bool:
    """Return whether a file begins with a number; BadFileError when it cannot be read."""
    folder = DiskFolder(path.parent)
    try:
        first = folder.read(path.name, MAX_SITE_BYTES).split(None, 1)[:1]
    except ConfigError as error:
        raise BadFileError([Problem(folder.title(path.name), 0, 0, "", str(error))]) from error
    return bool(first) and first[0].isdigit()
