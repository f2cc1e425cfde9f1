"""The core process: the only room that waits, reads a clock and moves bytes."""
