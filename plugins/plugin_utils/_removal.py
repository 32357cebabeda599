# -*- coding: utf-8 -*-
# Copyright: Contributors to threetier.aws
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
"""In which order resources are deleted, and by which calls of modules. Private to this collection; calls no API."""

from __future__ import annotations

import graphlib

from ansible_collections.threetier.aws.plugins.plugin_utils._resource_kinds import filled, holds


def waves(kinds: list[dict]) -> list[list[dict]]:
    """
    The kinds in the order in which they are deleted, parted where the slow ones have to be waited for.

    A kind is in a wave after those of the slow kinds that must be gone before it. In a wave slow kinds come first.
    """
    known = {kind["type"]: kind for kind in kinds}
    after = {name: [each for each in kind.get("after", []) if each in known] for name, kind in known.items()}
    follows = {name: [each for each in kind.get("follows", []) if each in known] for name, kind in known.items()}
    sorter = graphlib.TopologicalSorter({name: after[name] + follows[name] for name in known})
    sorter.prepare()
    number: dict[str, int] = {}
    ready: list[str] = []
    while sorter.is_active():
        for name in sorter.get_ready():
            gone = [number[each] + bool(known[each].get("slow")) for each in after[name]]
            number[name] = max([0, *gone, *(number[each] for each in follows[name])])
            ready.append(name)
        ready.sort(key=lambda name: (number[name], not known[name].get("slow"), name))
        done = ready.pop(0)
        number[done] = number.pop(done)  # the dictionary keeps the order
        sorter.done(done)
    return [[known[name] for name in number if number[name] == wave] for wave in sorted({*number.values()})]


def calls(kind: dict, resources: list[dict], settings: dict) -> list[dict]:
    """
    The calls of modules that delete all resources of one kind: first what prepares each of them, then the deletions.

    :param settings: what the kind's templates may use beside the resource's id and properties.
    """
    there = [
        (resource, {**settings, **resource["properties"], "id": resource["id"]})
        for resource in resources
        if not holds(kind.get("leaving"), resource["properties"])
    ]
    found = [
        _call(kind, step, resource, context)
        for step in kind.get("prepare", [])
        for resource, context in there
        if holds(step["when"], context)
    ]
    delete = kind["delete"]
    there = [(resource, context) for resource, context in there if not holds(delete.get("unless"), context)]
    if delete.get("together") and there:
        ids = [resource["id"] for resource, _context in there]
        return [*found, _call(kind, delete, there[0][0], {**settings, "ids": ids}, ", ".join(ids))]
    return found + [_call(kind, delete, resource, context) for resource, context in there]


def name_of(resource: dict) -> str:
    return resource["tags"].get("Name") or resource["id"]


def _call(kind: dict, step: dict, resource: dict, context: dict, name: str = "") -> dict:
    arguments = filled(step["arguments"], context)
    return {
        "type": kind["type"],
        "name": name or name_of(resource),
        "module": step["module"],
        "arguments": {key: value for key, value in arguments.items() if value != ""},  # empty: not given
        "retry": step.get("retry", ""),
    }
