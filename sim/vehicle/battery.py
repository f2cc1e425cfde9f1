"""Three lithium cells in series: open-circuit voltage over charge, a resistance, and one RC pair.

``sim_battery_step`` draws a constant current for one step, exactly; the voltage sags at once by the
resistance and creeps further by the RC pair.
"""

from __future__ import annotations

import ctypes
from dataclasses import dataclass

from sim.native import OCV_POINTS, BatteryStruct

LITHIUM_ION_CELL_V = (3.00, 3.45, 3.56, 3.62, 3.67, 3.74, 3.83, 3.92, 4.01, 4.10, 4.20)
"""Rest voltage of a usual 18650 cell at charge 0, 0.1 ... 1."""


@dataclass(frozen=True, slots=True)
class BatteryParameters:
    """A pack; ``idle_a`` is what the electronics and the computer draw."""

    cells: int = 3
    cell_v: tuple[float, ...] = LITHIUM_ION_CELL_V
    capacity_ah: float = 2.6
    resistance_ohm: float = 0.28
    rc_ohm: float = 0.10
    rc_s: float = 30.0
    idle_a: float = 0.45
    charge: float = 0.9

    def __post_init__(self) -> None:
        """Refuse a table of another length and a charge outside 0 to 1."""
        if len(self.cell_v) != OCV_POINTS:
            message = (
                f"battery.cell_v has {len(self.cell_v)} voltages, expected {OCV_POINTS} (charge 0, 0.1 ... 1)"
            )
            raise ValueError(message)
        if not 0.0 <= self.charge <= 1.0:
            message = f"battery.charge is {self.charge}, expected 0 to 1"
            raise ValueError(message)

    def struct(self) -> BatteryStruct:
        """Return the kernel's copy, rested at ``charge``."""
        voltages = (ctypes.c_double * OCV_POINTS)(*(self.cells * volts for volts in self.cell_v))
        rested_v = self.ocv_v
        return BatteryStruct(
            voltages,
            self.capacity_ah * 3600.0,
            self.resistance_ohm,
            self.rc_ohm,
            self.rc_s,
            self.idle_a,
            self.charge,
            0.0,
            rested_v,
            0.0,
            0.0,
        )

    @property
    def ocv_v(self) -> float:
        """Open-circuit voltage at ``charge``, linear between the points of the table."""
        place = self.charge * (OCV_POINTS - 1)
        low = min(int(place), OCV_POINTS - 2)
        return self.cells * (self.cell_v[low] + (place - low) * (self.cell_v[low + 1] - self.cell_v[low]))
