"""Where the car drives: the grid, walls, places, zones and people's ways of one building.

``patrolcar.site`` holds the values. The loaders are in ``patrolcar.site.site_file`` and
``patrolcar.site.vehicle_file``, apart, because reading YAML costs start-up time.
"""

from patrolcar.site.grid import FREE, OCCUPIED, UNKNOWN, OccupancyGrid
from patrolcar.site.model import PersonRoute, Place, Site, Zone, ZoneKind

__all__ = [
    "FREE",
    "OCCUPIED",
    "UNKNOWN",
    "OccupancyGrid",
    "PersonRoute",
    "Place",
    "Site",
    "Zone",
    "ZoneKind",
]
