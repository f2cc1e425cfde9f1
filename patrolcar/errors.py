"""The four kinds of failure, by what the caller can do about them."""


class PatrolcarError(Exception):
    """Base of everything patrolcar raises on purpose; its text is written for a person."""


class ConfigError(PatrolcarError):
    """A person has to fix a file. The text holds every mistake found, one per line."""


class LinkError(PatrolcarError):
    """The line to the controller is gone or unusable; opening it again may help."""


class CommandError(PatrolcarError):
    """Our own code asked for something impossible."""
