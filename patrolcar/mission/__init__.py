"""What to patrol, in which order, how far the car has come, and how well each place is kept.

``patrolcar.mission`` holds the values and the progress. The loaders are in
``patrolcar.mission.mission_file``, apart, because reading YAML costs start-up time.
"""

from patrolcar.mission.model import Mission, OnFailure, Order, Visit
from patrolcar.mission.progress import HOME, Goal, Patrol, Phase, PlaceTally

__all__ = [
    "HOME",
    "Goal",
    "Mission",
    "OnFailure",
    "Order",
    "Patrol",
    "Phase",
    "PlaceTally",
    "Visit",
]
