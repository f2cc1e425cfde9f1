"""What `patrolcar doctor` looks at: the machine, the port, and what talks on the line.

Each check is a function that returns a row, or None when it has nothing to look at. What a check reads of
the computer comes from a :class:`~patrolcar.cli.checkup.machine.Machine`, so tests build their own.
"""
