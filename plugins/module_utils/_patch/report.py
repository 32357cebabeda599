# -*- coding: utf-8 -*-
# Copyright: Contributors to threetier.aws
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a patch run did to each host, as rows and as a table of text. Private to this collection."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

_COLUMNS = ("host", "role", "packages", "reboot", "seconds", "result")


def rows(hosts: Iterable[str], results: dict[str, dict[str, Any]], planned: bool = False) -> list[dict[str, Any]]:
    """One row for each host, in their order. After more than a plan, who is still due was not reached."""
    found = []
    for host in hosts:
        row = {"host": host, "role": "", "packages": [], "held": [], "rebooted": False, "seconds": 0, "reason": ""}
        row = {**row, "result": "not reached", **results.get(host, {})}
        if row["result"] == "due" and not planned:
            row["result"] = "not reached"
        found.append(row)
    return found


def table(found: list[dict[str, Any]]) -> list[str]:
    """Lines for a terminal: a host for each, and below it one for each further package and for what went wrong."""
    cells = [_COLUMNS]
    notes: dict[int, str] = {}
    for row in found:
        packages = [_package(one) for one in row["packages"]] or [""]
        reboot = "yes" if row["rebooted"] else "no"
        cells.append((row["host"], row["role"], packages[0], reboot, str(row["seconds"]), row["result"]))
        cells.extend(("", "", package, "", "", "") for package in packages[1:])
        if row["reason"]:
            notes[len(cells) - 1] = f"  {row['host']}: {row['reason']}"
    widths = [max(len(line[column]) for line in cells) for column in range(len(_COLUMNS))]
    lines = []
    for number, line in enumerate(cells):
        lines.append("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())
        if number in notes:
            lines.append(notes[number])
    return lines


def _package(one: dict[str, Any]) -> str:
    return f"{one['name']} {one['from'] or '(new)'} -> {one['to'] or '(removed)'}"
