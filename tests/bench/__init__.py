"""Benchmarks: ``python -m tests.bench NAME [--json]``. Figures are printed, never asserted."""
