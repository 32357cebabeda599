"""The table of cycles: each resource by step, what it said and how often it wrote, at the end of the run."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

_HEAD = ("resource", "step", "check", "apply", "check", "apply", "writes")


def _rows(reporter: Any) -> Iterator[tuple[str, ...]]:
    for report in reporter.getreports("passed") + reporter.getreports("failed"):
        for name, value in report.user_properties:
            if name == "cycle" and report.when == "call":
                said = ("yes" if changed else "no" for changed in value["changed"])
                yield value["resource"], value["step"], *said, " ".join(map(str, value["writes"]))


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Tests tell of a cycle by a user property: workers of a parallel run have no terminal of their own."""
    rows = sorted(_rows(terminalreporter), key=lambda row: row[0])
    if not rows:
        return
    terminalreporter.section("changed, by resource and step; writing calls of each run")
    widths = [max(map(len, column)) for column in zip(_HEAD, *rows, strict=True)]
    for row in (_HEAD, *rows):
        terminalreporter.write_line("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)))


@pytest.fixture
def note_cycle(request: pytest.FixtureRequest) -> Any:
    """note_cycle("sns_subscription", "create", changed=[…], writes=[0, 1, 0, 0]) puts a row into the table."""

    def note(resource: str, step: str, *, changed: list[bool], writes: list[int]) -> None:
        row = {"resource": resource, "step": step, "changed": changed, "writes": writes}
        request.node.user_properties.append(("cycle", row))

    return note
