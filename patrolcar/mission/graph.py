"""Read patrol graphs of the ROS package patrolling_sim (``.graph``).

A graph is numbers in words of text: node count; width, height, resolution, offset x, offset y of the
map; then for each node its number, x, y, count of neighbours, and for each of those its number,
compass direction and distance. x, y and distances are in pixels and y counts upward from the
bottom of the picture: so read, all nodes of the five maps we tested stand at least 0.67 m from
anything, and counted from the top, 27 of 124 stand in walls or right beside them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NoReturn

import numpy as np

from patrolcar.config.folder import MAX_YAML_BYTES, Folder
from patrolcar.config.problems import BadFileError, Problem, shown
from patrolcar.errors import ConfigError
from patrolcar.mission.order import Distances

MAX_NODES = 500
_WORD = re.compile(r"\S+")
_NUMBER = re.compile(r"-?[0-9]{1,9}(?:\.[0-9]{1,12})?", re.ASCII)


@dataclass(frozen=True, slots=True)
class GraphNode:
    """A node in metres of the map, with its neighbours' numbers and how far they are."""

    number: int
    x_m: float
    y_m: float
    line: int
    neighbours: tuple[tuple[int, float], ...]


@dataclass(frozen=True, slots=True)
class PatrolGraph:
    """A patrol graph; nodes are numbered from 0 without a gap."""

    title: str
    width: int
    height: int
    resolution_m: float
    offset_x_m: float
    offset_y_m: float
    nodes: tuple[GraphNode, ...] = field(repr=False)

    def distances(self) -> Distances:
        """Return the shortest ways along the graph, metres, shape (n, n); ``inf`` between islands.

        Source: Floyd 1962, Algorithm 97.
        """
        count = len(self.nodes)
        ways = np.full((count, count), np.inf)
        np.fill_diagonal(ways, 0.0)
        for node in self.nodes:
            for other, length_m in node.neighbours:
                shorter = min(ways[node.number, other], length_m)
                ways[node.number, other] = ways[other, node.number] = shorter
        for middle in range(count):
            np.minimum(ways, ways[:, middle, None] + ways[None, middle, :], out=ways)
        return ways


def read_graph(folder: Folder, name: str) -> PatrolGraph:
    """Return the graph ``name`` out of ``folder``; BadFileError."""
    title = folder.title(name)
    try:
        text = folder.read(name, MAX_YAML_BYTES * 4).decode("ascii", "replace")
    except ConfigError as error:
        raise BadFileError([Problem(title, 0, 0, "", str(error))]) from error
    return _GraphReader(text, title).graph()


class _GraphReader:
    """Takes the words one by one; a mistake is told with the line and column of its word."""

    def __init__(self, text: str, title: str) -> None:
        self._title, self._text = title, text
        self._words: Iterator[re.Match[str]] = _WORD.finditer(text)
        self._at = 0

    def graph(self) -> PatrolGraph:
        count = self._whole("the number of nodes", 1, MAX_NODES)
        width, height = (
            self._whole("the map's width", 1, 1 << 20),
            self._whole("the map's height", 1, 1 << 20),
        )
        resolution_m = self._number("the map's resolution", 0.01, 10.0)
        offset_x_m = self._number("the map's offset in x", -1e5, 1e5)
        offset_y_m = self._number("the map's offset in y", -1e5, 1e5)
        nodes = []
        for number in range(count):
            self._whole(f"node number {number}", number, number)
            line = self._line_and_column(self._at)[0]
            x, y = self._whole("x in pixels", 0, width - 1), self._whole("y in pixels", 0, height - 1)
            degree = self._whole("the count of neighbours", 0, count)
            neighbours = tuple(self._neighbour(count, resolution_m) for _ in range(degree))
            nodes.append(
                GraphNode(
                    number, offset_x_m + x * resolution_m, offset_y_m + y * resolution_m, line, neighbours
                )
            )
        extra = next(self._words, None)
        if extra:
            self._at = extra.start()
            self._refuse("the file goes on after its last node")
        return PatrolGraph(self._title, width, height, resolution_m, offset_x_m, offset_y_m, tuple(nodes))

    def _neighbour(self, count: int, resolution_m: float) -> tuple[int, float]:
        number = self._whole("a neighbour's number", 0, count - 1)
        self._word("a compass direction such as N or SW")
        return number, self._whole("a distance in pixels", 0, 1 << 20) * resolution_m

    def _word(self, meaning: str) -> str:
        found = next(self._words, None)
        if found is None:
            self._at = len(self._text.rstrip())
            self._refuse(f"the file ends where {meaning} is expected")
        self._at = found.start()
        return found[0]

    def _number(self, meaning: str, low: float, high: float) -> float:
        word = self._word(meaning)
        if not _NUMBER.fullmatch(word) or not low <= float(word) <= high:
            self._refuse(f"{shown(word)} is not {meaning} ({low:g} to {high:g})")
        return float(word)

    def _whole(self, meaning: str, low: int, high: int) -> int:
        word = self._word(meaning)
        if not _NUMBER.fullmatch(word) or "." in word or not low <= int(word) <= high:
            self._refuse(f"{shown(word)} is not {meaning} ({low} to {high})")
        return int(word)

    def _line_and_column(self, at: int) -> tuple[int, int]:
        return self._text.count("\n", 0, at) + 1, at - self._text.rfind("\n", 0, at)

    def _refuse(self, text: str) -> NoReturn:
        raise BadFileError([Problem(self._title, *self._line_and_column(self._at), "", text)])
