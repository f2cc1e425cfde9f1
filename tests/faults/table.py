"""The fault matrix as the table of README.md: ``python tests/faults/table.py`` writes it."""

from __future__ import annotations

import re
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from matrix import Row, rows

from sim.faults import KINDS

README = Path(__file__).resolve().parents[2] / "README.md"
_BLOCK = re.compile(r"(<!-- faults: begin -->\n).*?(<!-- faults: end -->)", re.DOTALL)


def table() -> str:
    """Return the rows, one per fault and numbers, the phases left out."""
    seen: dict[str, Row] = {}
    for row in rows():
        seen.setdefault(_fault(row), row)
    head = "| row | family | fault | the car |\n|---|---|---|---|\n"
    lines = (
        f"| {row.id} | {KINDS[row.fault.kind].family} | {name} | {_reaction(row)} |\n"
        for name, row in seen.items()
    )
    return head + "".join(lines)


def _fault(row: Row) -> str:
    numbers = ", ".join(f"{name} {value:g}" for name, value in row.fault.values)
    lasting = "" if row.fault.for_s is None else f" for {row.fault.for_s:g} s"
    by_hand = ", driven by hand" if row.phase == "by hand" else ""
    where = "" if row.site == "room" else f", {row.site}"
    return f"{row.fault.kind}{f' ({numbers})' if numbers else ''}{lasting}{where}{by_hand}"


def _reaction(row: Row) -> str:
    expect = row.expect
    causes = " or ".join(cause.name for cause in expect.causes)
    rest = "" if expect.rest_ms is None else f", stands within {expect.rest_ms:g} ms"
    return {
        "goes on": "goes on with its mission",
        "latched": f"STOP, {causes}, within {expect.within_ms:g} ms{rest}",
        "disarmed": f"is disarmed within {expect.within_ms:g} ms{rest}",
        "held": f"is held, {causes}, within {expect.within_ms:g} ms{rest}",
        "waits": f"waits{rest}",
        "lost": f"knows within {expect.within_ms:g} ms that it is lost, waits for a person{rest}",
        "safe": "touches nothing",
    }[expect.outcome] + ("" if expect.gap_m == 0.0 else f", keeps {expect.gap_m:g} m away")


def with_table(text: str) -> str:
    """Return the README with the table of today."""
    return _BLOCK.sub(lambda block: block[1] + table() + block[2], text)


if __name__ == "__main__":
    README.write_text(with_table(README.read_text(encoding="utf-8")), encoding="utf-8")
