"""The simulated world on a terminal: what really is, which no host ever sees.

The simulator is another process. It hands over a picture ten times a second and never waits for this one,
so a slow terminal costs pictures and not the car's time.
"""
