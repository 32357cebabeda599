# -*- coding: utf-8 -*-
# Copyright: Contributors to threetier.aws
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
"""Pure: a plan in Markdown, short enough for a comment on a pull request, which GitHub ends at 65,536 characters."""

from __future__ import annotations

import itertools
import re
from typing import Any

from ansible_collections.threetier.aws.plugins.plugin_utils._plan import text

LIMIT = 60_000
_NAMED = 4  # attributes that a resource's row names; the rest are counted


def page(plan: dict[str, Any]) -> str:
    """
    The plan as Markdown: what it comes to, a row for each resource, and folded by tier each attribute.

    What does not fit is left out, attributes first, and how much that is stands at the end.

    :param plan: as document.document makes it.
    """
    changes = [one for one in plan["resources"] if one["action"] in text.SIGNS]
    head = [f"### {plan['choices'].get('threetier_stack', '')}: plan", "", _sums(plan), ""]
    foot = ["", f"threetier.aws {plan['collection']}, {plan['time']}, `{plan['digest']}`", ""]
    notes = [f"- {_code(one['kind'])} {_code(one['name'])}: {one['note']}" for one in plan["resources"] if one["note"]]
    rows = [_resource(one) for one in changes]
    table = ["| | Resource | Where | Attributes |", "|---|---|---|---|", *rows, ""] if rows else []
    room = LIMIT - sum(len(line) + 1 for line in (*head, *foot, *notes)) - 400  # for the sentences on what is left out
    shown = _fitting(table, room)
    left = room - sum(len(line) + 1 for line in shown)
    details = _details(changes, left) if shown == table else []
    said = [*head, *shown, *_left_out(len(table) - len(shown), "resources"), *details]
    return "\n".join([*said, *(["", "Not for this run to do:", "", *notes] if notes else []), *foot])


def _sums(plan: dict[str, Any]) -> str:
    sums = text.SUMMARY.format(**plan["summary"])
    return f"**{sums}**" + (" **The run failed before its end.**" if plan["status"] == "incomplete" else "")


def _resource(one: dict[str, Any]) -> str:
    names = list(dict.fromkeys(row["attribute"] for row in one["rows"]))
    words = ", ".join(_code(name) for name in names[:_NAMED])
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    cells = (f"{text.SIGNS[one['action']]} {one['action']}", f"{_code(one['kind'])} {_code(one['name'])}")
    return "| " + " | ".join((*cells, text.place(one), words + more)) + " |"


def _details(changes: list[dict[str, Any]], room: int) -> list[str]:
    """Folded: each tier's resources, with all their attributes."""
    said: list[str] = []
    for where, those in itertools.groupby(changes, key=text.place):
        rows = [_attribute(one, row) for one in those for row in one["rows"]]
        title = f"<details><summary>{where}: {_count(rows)}</summary>"
        head = ["", title, "", "| Resource | Attribute | Before | After |", "|---|---|---|---|"]
        taken = sum(len(line) + 1 for line in (*said, *head)) + len("</details>\n\n")
        shown = _fitting(rows, room - taken)
        if not shown:
            return [*said, *_left_out(len(rows), "attributes from here on")] if rows else said
        said += [*head, *shown, "", "</details>"]
        if shown != rows:
            return [*said, *_left_out(len(rows) - len(shown), "attributes of this tier, and all of those after it")]
    return said


def _count(rows: list[str]) -> str:
    return f"{len(rows)} attribute{'' if len(rows) == 1 else 's'}"


def _attribute(one: dict[str, Any], row: dict[str, Any]) -> str:
    values = (_code(text.in_words(row[side])) if row[side] is not None else "" for side in ("before", "after"))
    return "| " + " | ".join((_code(one["name"]), _code(row["attribute"]), *values)) + " |"


def _fitting(lines: list[str], room: int) -> list[str]:
    """As many of the lines, from the first on, as there is room for."""
    ends = itertools.accumulate(len(line) + 1 for line in lines)
    return [line for line, end in zip(lines, ends, strict=True) if end <= room]


def _left_out(count: int, what: str) -> list[str]:
    return (
        ["", f"{count} {what} are left out here. The plan's JSON and its page have all of them."] if count > 0 else []
    )


def _code(words: str) -> str:
    """A span of code that nothing in it ends, in a cell that nothing in it ends."""
    longest = max((len(run) for run in re.findall("`+", words)), default=0)
    fence = "`" * (longest + 1)
    pad = " " if words[:1] == "`" or words[-1:] == "`" else ""
    return f"{fence}{pad}{words}{pad}{fence}".replace("|", "\\|") if words else ""
