# -*- coding: utf-8 -*-
# Copyright: Contributors to threetier.aws
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
"""Rows in columns, for people to read. Private to this collection."""

from __future__ import annotations

from typing import Any
from typing import Iterable
from typing import Sequence


def lines(rows: Iterable[dict[str, Any]], columns: Sequence[str]) -> list[str]:
    """One line for each row below a line of headings, each column as wide as it has to be."""
    cells = [[column.replace("_", " ") for column in columns]]
    cells += [["" if row.get(column) is None else str(row[column]) for column in columns] for row in rows]
    widths = [max(len(line[number]) for line in cells) for number in range(len(columns))]
    return ["  ".join(cell.ljust(widths[number]) for number, cell in enumerate(line)).rstrip() for line in cells]
