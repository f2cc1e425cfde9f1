"""Make a site and a mission from a patrol graph and its map: every node once round, the short way."""

from __future__ import annotations

import argparse
from pathlib import Path

from patrolcar.cli import Exit
from patrolcar.cli.arguments import duration, positive
from patrolcar.mission.graph_import import MOVE_WITHIN_M, mission_from_graph
from patrolcar.runtime.plan import planner


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("graph", type=Path, metavar="GRAPH", help="patrol graph (.graph of patrolling_sim)")
    parser.add_argument(
        "--map", type=Path, required=True, metavar="FILE", help="map_server YAML of the same map"
    )
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="folder for the written files")
    parser.add_argument(
        "--loops", type=positive, default=1, metavar="N", help="how often to go round (default 1)"
    )
    parser.add_argument(
        "--dwell-s", type=duration, default=0.0, metavar="S", help="how long to stay at each node"
    )
    parser.add_argument(
        "--move",
        action="store_true",
        help=f"move nodes that are too close to a wall, by up to {MOVE_WITHIN_M} m",
    )


def run(options: argparse.Namespace) -> int:
    """Write the files and say what was made."""
    made = mission_from_graph(
        options.graph,
        options.map,
        loops=options.loops,
        dwell_s=options.dwell_s,
        move_within_m=MOVE_WITHIN_M if options.move else 0.0,
        planner=planner,
    )
    path = made.write(options.out)
    for remark in made.remarks:
        print(remark)
    for moved in made.moved:
        print(f"node {moved.node} moved by {moved.distance_m:.2f} m to ({moved.x_m:.2f}, {moved.y_m:.2f})")
    print(f"{path} written; drive it with: patrolcar run {path}")
    return Exit.DONE
