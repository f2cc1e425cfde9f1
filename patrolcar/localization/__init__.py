"""Where the car is on the map: Monte Carlo localisation, and how far to trust it."""

from patrolcar.localization.health import Health, HealthWatch
from patrolcar.localization.match import MatchField
from patrolcar.localization.montecarlo import Estimate, Localizer, MotionNoise

__all__ = ["Estimate", "Health", "HealthWatch", "Localizer", "MatchField", "MotionNoise"]
