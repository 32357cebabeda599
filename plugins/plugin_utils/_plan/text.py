# -*- coding: utf-8 -*-
# Copyright: Contributors to threetier.aws
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
"""Pure: a plan as lines for a terminal of 80 columns. Nothing is cut: what is long is continued below."""

from __future__ import annotations

import itertools
import textwrap
from typing import Any

WIDTH = 80
SIGNS = {"create": "+", "change": "~", "delete": "-"}
SUMMARY = "Plan: {create} to create, {change} to change, {delete} to delete, {leave} left as they are."


def lines(resources: list[dict[str, Any]], summary: dict[str, int]) -> list[str]:
    """
    :param resources: as record.all_resources has them.
    :param summary: how many there are of each action.
    """
    said: list[str] = []
    for where, those in itertools.groupby((one for one in resources if one["action"] in SIGNS), key=place):
        said += ["", f"{where}:"]
        for one in those:
            said += _resource(one)
    return [*said, *_notes(resources), "", SUMMARY.format(**summary)]


def place(resource: dict[str, Any]) -> str:
    """Where a resource belongs, in words: its region and its tier."""
    return ", ".join(word for word in (resource["region"], resource["tier"]) if word)


def _notes(resources: list[dict[str, Any]]) -> list[str]:
    """What no run can do, which is no change."""
    noted = [one for one in resources if one["note"]]
    said = ["", "Not for this run to do:"] if noted else []
    for one in noted:
        said += [*_wrapped("  ", f"{one['kind']} {one['name']}"), *_wrapped("        ", one["note"])]
    return said


def in_words(value: object) -> str:
    """An attribute's value as one line."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list) and not any(isinstance(one, (dict, list)) for one in value):
        return ", ".join(in_words(one) for one in value)
    if isinstance(value, list):
        return "; ".join(in_words(one) for one in value)
    if isinstance(value, dict):
        return ", ".join(f"{key} {in_words(one)}" for key, one in value.items() if one not in (None, "", [], {}))
    return " ".join(str(value).split())


def _resource(one: dict[str, Any]) -> list[str]:
    heading = _wrapped(f"  {SIGNS[one['action']]} ", f"{one['kind']} {one['name']}")
    width = max([len(row["attribute"]) for row in one["rows"]], default=0)
    # A long path, such as one of a bucket's public access block, does not push all values to the right.
    return [*heading, *itertools.chain(*(_row(row, one["action"], min(width, 28)) for row in one["rows"]))]


def _row(row: dict[str, Any], action: str, width: int) -> list[str]:
    before, after = in_words(row["before"]), in_words(row["after"])
    sign, words = "~", f"{before} -> {after}"
    if row["before"] is None:
        sign, words = "+", after
    elif row["after"] is None:
        sign, words = "-", before
    start = f"      {' ' if action == 'create' else sign} {row['attribute'].ljust(width)}  "
    room = WIDTH - len(start)
    if len(words) <= room:
        return [start + words]
    attribute = _wrapped(f"      {' ' if action == 'create' else sign} ", row["attribute"])
    if sign == "~":
        return [*attribute, *_wrapped("          before  ", before), *_wrapped("          after   ", after)]
    if max(len(word) for word in words.split()) > room:
        return [*attribute, *_wrapped(" " * 10, words)]
    return _wrapped(start, words)


def _wrapped(start: str, words: str) -> list[str]:
    return textwrap.wrap(
        words,
        width=WIDTH,
        initial_indent=start,
        subsequent_indent=" " * len(start),
        break_on_hyphens=False,
        break_long_words=True,
    )
