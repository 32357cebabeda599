# -*- coding: utf-8 -*-
# Copyright: Contributors to threetier.aws
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
"""
What AWS modules said in check mode, resource by resource.

The callback writes it in Ansible's main process. Workers are forked from that, so a later task's lookup reads it there.
"""

from __future__ import annotations

from typing import Any

from ansible_collections.threetier.aws.plugins.plugin_utils import _plan_diff

_COLLECTIONS = ("amazon.aws.", "community.aws.", "threetier.aws.")
# What only looks, the lease, which is no part of a stack, and what is told of task by task.
_NO_RESOURCES = ("_info", ".stack_lease", ".parallel")
_resources: dict[tuple[str, str], dict[str, Any]] | None = None


def begin() -> None:
    """From now on there is a record."""
    global _resources
    _resources = {}


def listens() -> bool:
    return _resources is not None


def note(action: str, task: str, given: list[Any], result: dict[str, Any]) -> None:
    """
    Add what one task, or one item of a loop, said.

    :param action: the module's full name.
    :param task: the task's name.
    :param given: the names of the options that the task sets.
    """
    if (
        _resources is None
        or not action.startswith(_COLLECTIONS)
        or action.endswith(_NO_RESOURCES)
        or result.get("skipped")
    ):
        return
    kind, name, verb, rows = _plan_diff.of(action.rpartition(".")[2], task, given, result)
    known = _resources.setdefault((kind, name), {"verb": "leave", "rows": []})
    if known["verb"] in ("leave", "change"):
        known["verb"] = verb if verb != "leave" else known["verb"]
        known["rows"] += rows


def rows() -> list[dict[str, Any]]:
    """What differs, one entry for each attribute. ValueError if nobody listened."""
    if _resources is None:
        raise ValueError(
            "There is no plan: run with --check, and with callbacks_enabled = threetier.aws.plan in ansible.cfg "
            "(or ANSIBLE_CALLBACKS_ENABLED=threetier.aws.plan)."
        )
    return [
        {"resource": f"{kind} {name}", **row}
        for (kind, name), resource in _resources.items()
        for row in (resource["rows"] if resource["verb"] == "change" else [_plan_diff.WHOLE.get(resource["verb"])])
        if row
    ]


def report() -> list[str]:
    """The table and the summary, as lines; none if nobody listened, or if no module of a resource said anything."""
    if not _resources:
        return []
    verbs = [resource["verb"] for resource in _resources.values()]
    count = {verb: verbs.count(verb) for verb in ("create", "change", "delete", "leave")}
    summary = "Plan: {create} to create, {change} to change, {delete} to delete, {leave} left as they are."
    return ["", *table(rows()), summary.format(**count)]


def table(differences: list[dict[str, Any]]) -> list[str]:
    if not differences:
        return []
    columns = ("resource", "attribute", "wanted", "found")
    lines = [tuple(column.upper() for column in columns)]
    lines += [tuple(_short(row[column]) for column in columns) for row in differences]
    widths = [max(len(line[number]) for line in lines) for number in range(len(columns))]
    return ["  ".join(word.ljust(width) for word, width in zip(line, widths, strict=True)).rstrip() for line in lines]


def _short(value: object) -> str:
    words = " ".join(str(value).split())
    return words if len(words) <= 60 else words[:59] + "…"
