"""What stands in for the car: its physics, its sensors, its line, and the real controller in the middle."""
