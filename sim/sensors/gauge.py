"""The battery gauge: voltage and current with the noise of a cheap converter."""

from __future__ import annotations

from dataclasses import dataclass

from sim.native import BatteryStruct
from sim.noise import BLOCK, stream


@dataclass(frozen=True, slots=True)
class GaugeParameters:
    """Standard deviations of one sample."""

    voltage_sigma_v: float = 0.01
    current_sigma_a: float = 0.02


class Gauge:
    """Reads the battery in wire units."""

    def __init__(self, parameters: GaugeParameters, seed: int) -> None:
        self._parameters = parameters
        self._generator = stream(seed, "gauge")
        self._rows: list[list[float]] = []

    def read(self, battery: BatteryStruct) -> tuple[int, int, int]:
        """Return millivolts, milliamperes out of the battery, and percent of charge."""
        if not self._rows:
            spread = (1000.0 * self._parameters.voltage_sigma_v, 1000.0 * self._parameters.current_sigma_a)
            self._rows = (self._generator.standard_normal((BLOCK, 2)) * spread).tolist()
        millivolts, milliamperes = self._rows.pop()
        voltage = min(max(round(1000.0 * battery.terminal_v + millivolts), 0), 65535)
        current = min(max(round(1000.0 * battery.current_a + milliamperes), -32768), 32767)
        return voltage, current, round(100.0 * battery.charge)
