"""Planning on the map, following the path, and avoiding what is in the way."""

from patrolcar.navigation.navigator import Guidance, GuidanceState, Navigator
from patrolcar.navigation.planner import NoPath, Path, PlanFailure, Planner

__all__ = ["Guidance", "GuidanceState", "Navigator", "NoPath", "Path", "PlanFailure", "Planner"]
