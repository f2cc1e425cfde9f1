"""Make a site and a mission from a patrol graph and its map: every node once round, the short way."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from patrolcar.config.folder import MAX_IMAGE_BYTES, MAX_YAML_BYTES, DiskFolder, Folder, MemoryFolder, Tally
from patrolcar.config.problems import BadFileError, Problem
from patrolcar.errors import ConfigError
from patrolcar.geometry import Pose2
from patrolcar.mission.check import Planner, distances_between
from patrolcar.mission.graph import GraphNode, PatrolGraph, read_graph
from patrolcar.mission.model import Mission, Visit
from patrolcar.mission.order import Distances, shortest_order
from patrolcar.site import Site
from patrolcar.site.clearance import nearest_roomy_place
from patrolcar.site.grid import OccupancyGrid
from patrolcar.site.map_file import read_map
from patrolcar.site.site_file import read_site
from patrolcar.site.standing import spot_problem
from patrolcar.vehicle import Footprint

MOVE_WITHIN_M = 0.5


@dataclass(frozen=True, slots=True)
class Moved:
    """A node that was too close to something, and where it stands now."""

    node: int
    distance_m: float
    x_m: float
    y_m: float


@dataclass(frozen=True, slots=True)
class GraphMission:
    """The files of an imported mission, by name, and what a person should know about them."""

    files: dict[str, bytes]
    mission_name: str
    moved: tuple[Moved, ...]
    remarks: tuple[str, ...]

    def write(self, folder: Path) -> Path:
        """Write the files, return the mission's path; BadFileError when another file has a name already."""
        folder.mkdir(parents=True, exist_ok=True)
        different = [name for name, content in self.files.items() if _differs(folder / name, content)]
        if different:
            text = "is there already and differs; remove it or choose another folder"
            raise BadFileError([Problem(str(folder / name), 0, 0, "", text) for name in different])
        for name, content in self.files.items():
            (folder / name).write_bytes(content)
        return folder / self.mission_name


def mission_from_graph(
    graph_path: Path,
    map_path: Path,
    *,
    loops: int = 1,
    dwell_s: float = 0.0,
    footprint: Footprint | None = None,
    move_within_m: float = 0.0,
    planner: Planner | None = None,
) -> GraphMission:
    """Return the files of a mission that visits every node of a graph; nothing is written yet.

    Args:
        graph_path: The ``.graph`` file.
        map_path: The map_server YAML of the same map. When the picture it names is missing and one
            with the YAML's own name lies beside it, that one is taken, with a remark.
        loops: How often to go round.
        dwell_s: How long to stay at each node.
        footprint: Of the car that must fit; the simulator's car when None.
        move_within_m: How far a node may be moved to give the car room; 0 refuses instead.
        planner: Tells real driving distances, which order the nodes better than the graph's own: by
            13 % of the way on the cumberland map. The graph's own distances when None.

    Raises:
        BadFileError: graph and map do not belong together, a node has no room, or the graph falls
            into islands.

    """
    graph = read_graph(DiskFolder(graph_path.parent), graph_path.name)
    files, grid, remarks = _map_files(map_path)
    car = footprint or Footprint()
    _check_same_map(graph, grid, str(map_path))
    nodes, moved = _with_room(graph, grid, car.circumscribed_m, move_within_m)
    name, site_name = graph_path.stem, f"{graph_path.stem}_site.yaml"
    ways = graph.distances()
    if planner is not None:
        files[site_name] = _site_text(name, graph, nodes, (0,), map_path.name).encode()
        ways = _driven(read_site(MemoryFolder(files), site_name, car), nodes, car, planner)
    order = _round_trip(graph, ways)
    files[site_name] = _site_text(name, graph, nodes, order, map_path.name).encode()
    mission_name = f"{name}_mission.yaml"
    files[mission_name] = _mission_text(name, order, loops, dwell_s).encode()
    return GraphMission(files, mission_name, moved, tuple(remarks))


def _map_files(map_path: Path) -> tuple[dict[str, bytes], OccupancyGrid, list[str]]:
    folder = DiskFolder(map_path.parent)
    tally = Tally(folder)
    try:
        grid = read_map(tally, map_path.name).grid
    except BadFileError as error:
        renamed = _with_own_picture(folder, map_path)
        if renamed is None:
            raise
        files, remark = renamed
        try:
            grid = read_map(MemoryFolder(files), map_path.name).grid
        except BadFileError:
            raise error from None
        return files, grid, [remark]
    return {PurePosixPath(name).name: content for name, content in tally.files.items()}, grid, []


def _with_own_picture(folder: Folder, map_path: Path) -> tuple[dict[str, bytes], str] | None:
    """Return the map's files with the picture named like the YAML in place of a missing one."""
    lines = folder.read(map_path.name, MAX_YAML_BYTES).decode("utf-8", "replace").splitlines()
    for suffix in (".pgm", ".png"):
        picture = map_path.stem + suffix
        try:
            content = folder.read(picture, MAX_IMAGE_BYTES)
        except ConfigError:
            continue
        named = [line for line in lines if line.startswith("image:")]
        text = "\n".join(f"image: {picture}" if line.startswith("image:") else line for line in lines) + "\n"
        remark = (
            f"{map_path}: the picture of {' '.join(named) or 'image:'} is missing; took {picture} instead"
        )
        return {map_path.name: text.encode(), picture: content}, remark
    return None


def _check_same_map(graph: PatrolGraph, grid: OccupancyGrid, map_title: str) -> None:
    pairs = (
        ("width", graph.width, grid.columns),
        ("height", graph.height, grid.rows),
        ("resolution", graph.resolution_m, grid.resolution_m),
        ("offset x", graph.offset_x_m, grid.origin_x_m),
        ("offset y", graph.offset_y_m, grid.origin_y_m),
    )
    different = [
        (what, ours, theirs) for what, ours, theirs in pairs if not math.isclose(ours, theirs, abs_tol=1e-6)
    ]
    if different:
        text = "; ".join(
            f"{what} {ours:g} here, {theirs:g} in {map_title}" for what, ours, theirs in different
        )
        raise BadFileError([Problem(graph.title, 2, 1, "", f"the map is another one: {text}")])


def _with_room(
    graph: PatrolGraph, grid: OccupancyGrid, needed_m: float, move_within_m: float
) -> tuple[list[GraphNode], tuple[Moved, ...]]:
    nodes, moved, problems = [], [], []
    for node in graph.nodes:
        wrong = spot_problem(grid, Pose2(node.x_m, node.y_m), (), needed_m)
        better = nearest_roomy_place(grid, node.x_m, node.y_m, needed_m, move_within_m) if wrong else None
        if better:
            x, y = round(better[0], 4), round(better[1], 4)
            moved.append(Moved(node.number, math.hypot(x - node.x_m, y - node.y_m), x, y))
            nodes.append(replace(node, x_m=x, y_m=y))
        else:
            nodes.append(node)
        if wrong and not better:
            hint = f" (no room within {move_within_m:g} m either)" if move_within_m else ""
            problems.append(Problem(graph.title, node.line, 1, f"node {node.number}", wrong + hint))
    if problems:
        raise BadFileError(problems)
    return nodes, tuple(moved)


def _driven(site: Site, nodes: Sequence[GraphNode], car: Footprint, planner: Planner) -> Distances:
    visits = tuple(Visit(f"node {node.number}") for node in nodes)
    return distances_between(Mission(site.name, "", visits), site, planner(site, car))[1:, 1:]


def _round_trip(graph: PatrolGraph, ways: Distances) -> tuple[int, ...]:
    """Return the nodes in driving order, beginning with node 0 (where the car starts)."""
    islands = [node for node in graph.nodes if not math.isfinite(ways[0, node.number])]
    if islands:
        text = "there is no way here from node 0; add an edge or remove the node"
        raise BadFileError(
            [Problem(graph.title, node.line, 1, f"node {node.number}", text) for node in islands]
        )
    if len(graph.nodes) == 1:
        return (0,)
    others = shortest_order(ways, 1, return_home=True)  # node 0 is the start, so the rest are the visits
    return (0, *(index + 1 for index in others))


def _site_text(
    name: str, graph: PatrolGraph, nodes: list[GraphNode], order: tuple[int, ...], map_name: str
) -> str:
    first, second = nodes[order[0]], nodes[order[1 % len(order)]]
    heading_deg = math.degrees(math.atan2(second.y_m - first.y_m, second.x_m - first.x_m))
    lines = [
        f"# Made from {Path(graph.title).name}: {len(nodes)} nodes.",
        f'site: "{_quotable(name)}"',
        f'map: "{_quotable(map_name)}"',
        f"start: [{first.x_m:.4f}, {first.y_m:.4f}, {heading_deg:.1f}]",
        "places:",
        *(f"  node {node.number}: [{node.x_m:.4f}, {node.y_m:.4f}]" for node in nodes),
    ]
    return "\n".join(lines) + "\n"


def _mission_text(name: str, order: tuple[int, ...], loops: int, dwell_s: float) -> str:
    lines = [
        f"# Made from {name}.graph: every node, in an order that makes the way short.",
        f'mission: "{_quotable(name)} patrol"',
        f'site: "{_quotable(name)}_site.yaml"',
        "order: listed",
        f"loops: {loops}",
        "return_home: true",
        f"every_visit: {{dwell_s: {dwell_s:g}, on_failure: retry, retries: 2}}",
        "visits:",
        *(f"  - node {number}" for number in order),
    ]
    return "\n".join(lines) + "\n"


def _quotable(name: str) -> str:
    return name.replace("\\", "\\\\").replace('"', '\\"')


def _differs(path: Path, content: bytes) -> bool:
    try:
        return path.read_bytes() != content
    except FileNotFoundError:
        return False
