"""Fuzzing of the controller's receive path: ``python -m tests.firmware.fuzz`` says how."""
