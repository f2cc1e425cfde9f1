"""A campaign as JUnit XML, the file by which build servers show tests."""

from __future__ import annotations

from collections.abc import Sequence
from xml.etree.ElementTree import Element, SubElement, tostring

from sim.campaign.row import CRASHED, Row
from sim.campaign.summary import Question


def junit(name: str, rows: Sequence[Row], questions: Sequence[Question], again: str) -> str:
    """Return one test case per seed, and one per comparison with the baseline.

    Args:
        name: What was repeated.
        rows: One per seed.
        questions: The comparison with a baseline; empty without one.
        again: Command that drives one seed again; ``{seed}`` stands for its number.

    """
    failures = sum(not row.is_good and row.ending != CRASHED for row in rows)
    failures += sum(question.is_worse for question in questions)
    suite = Element(
        "testsuite",
        name=name,
        tests=str(len(rows) + len(questions)),
        failures=str(failures),
        errors=str(sum(row.ending == CRASHED for row in rows)),
    )
    for row in rows:
        case = SubElement(
            suite, "testcase", classname=name, name=f"seed {row.seed}", time=f"{row.cpu_s or 0.0}"
        )
        if not row.is_good:
            kind = "error" if row.ending == CRASHED else "failure"
            trouble = SubElement(case, kind, message=_printable(f"{row.ending}: {row.why}"))
            trouble.text = f"collisions: {row.collisions}; once more: {again.format(seed=row.seed)}"
    for question in questions:
        case = SubElement(suite, "testcase", classname=f"{name} against the baseline", name=question.title)
        if question.is_worse:
            text = f"{question.before:.4g} became {question.after:.4g}, p = {question.p_value:.3g}"
            SubElement(case, "failure", message=text)
    return tostring(suite, encoding="unicode", xml_declaration=True) + "\n"


def _printable(text: str) -> str:
    """Return text without what XML cannot hold."""
    return "".join(char if char.isprintable() else " " for char in text)
