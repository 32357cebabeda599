# -*- coding: utf-8 -*-
# Copyright: Contributors to threetier.aws
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
"""
What AWS modules said in check mode, resource by resource.

The callback writes it in Ansible's main process. Workers are forked from that, so a later task's lookup reads it there.
"""

from __future__ import annotations

from typing import Any

from ansible_collections.threetier.aws.plugins.plugin_utils._plan import resources

_COLLECTIONS = ("amazon.aws.", "community.aws.", "threetier.aws.")
# What only looks, the lease, which is no part of a stack, and what is told of task by task.
_NO_RESOURCES = ("_info", ".stack_lease", ".parallel", ".plan_still_holds")
_ACTIONS = ("create", "change", "delete", "leave")
_resources: dict[tuple[str, str, str], dict[str, Any]] | None = None
_names: dict[str, str] = {}  # of security groups and subnets, by id


def begin() -> None:
    """From now on there is a record."""
    global _resources
    _resources = {}
    _names.clear()


def listens() -> bool:
    return _resources is not None


def note(action: str, task: str, given: list[Any], result: dict[str, Any], region: str, tier: str) -> None:
    """
    Add what one task, or one item of a loop, said.

    :param action: the module's full name.
    :param task: the task's name.
    :param given: the names of the options that the task sets.
    :param region: the host.
    :param tier: the role that the task is of; empty for a task of a play.
    """
    if _resources is None or not action.startswith(_COLLECTIONS):
        return
    for group in [result, *(result.get("security_groups") or [])]:
        if isinstance(group, dict) and group.get("group_id") and group.get("group_name"):
            _names[group["group_id"]] = group["group_name"]
    subnet = result.get("subnet")
    if isinstance(subnet, dict) and subnet.get("id"):
        _names[subnet["id"]] = str((subnet.get("tags") or {}).get("Name", subnet["id"]))
    if action.endswith(_NO_RESOURCES) or result.get("skipped"):
        return
    said = resources.of(action.rpartition(".")[2], task, given, result, _names)
    known = _resources.setdefault(
        (region, said["kind"], said["name"]), {"region": region, "tier": tier, **said, "action": "leave", "rows": []}
    )
    if known["action"] in ("leave", "change") and said["action"] != "leave":
        known["action"] = said["action"]
    known["note"] = known["note"] or said["note"]
    new = known["action"] == "create"  # whose tags go without saying
    known["rows"] += [
        row for row in said["rows"] if row not in known["rows"] and not (new and row["attribute"].startswith("tags"))
    ]


def all_resources() -> list[dict[str, Any]]:
    """
    Each resource that a module spoke of: C(region), C(tier), C(kind), C(name), C(action), C(rows) and C(note).

    :raises ValueError: if nobody listened.
    """
    if _resources is None:
        raise ValueError(
            "There is no plan: run with --check, and with callbacks_enabled = threetier.aws.plan in ansible.cfg "
            "(or ANSIBLE_CALLBACKS_ENABLED=threetier.aws.plan)."
        )
    return list(_resources.values())


def summary(those: list[dict[str, Any]]) -> dict[str, int]:
    """How many of the resources there are of each action."""
    actions = [one["action"] for one in those]
    return {action: actions.count(action) for action in _ACTIONS}
