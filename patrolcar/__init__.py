"""patrolcar: companion software for an STM32 patrol car.

From a script, drive or watch a running core with :class:`patrolcar.client.Client`; on the command line,
``patrolcar --help``.
"""

__version__ = "0.1.0"
