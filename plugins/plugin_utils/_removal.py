# -*- coding: utf-8 -*-
# Copyright: Contributors to threetier.aws
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
"""In which order resources are deleted, and by which calls of modules. Private to this collection; calls no API."""

from __future__ import annotations

import graphlib
from typing import Any

from ansible_collections.threetier.aws.plugins.plugin_utils._resource_kinds import filled, holds


def waves(kinds: list[dict[str, Any]]) -> list[list[dict[str, Any]]]:
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


def plan(
    found: dict[str, Any], kinds: list[dict[str, Any]], settings: dict[str, Any], refused: list[dict[str, Any]]
) -> dict[str, Any]:
    """
    What to do with all that was found, and how to say it.

    :param settings: what the templates of the kinds may use; `keep` are the words for what stays.
    :param refused: calls that were tried in vain, as `refusals` returns them.
    """
    known = {kind["type"]: kind for kind in kinds}
    resources = sorted(found["resources"], key=_place)
    lingering = [one for one in resources if holds(known.get(one["type"], {}).get("lingers"), one["properties"])]
    kept = [one for one in resources if known.get(one["type"], {}).get("keep") in settings["keep"]]
    nobodys = [one for one in resources if one not in kept and _is_nobodys(one, found, settings)]
    rest = [one for one in resources if one not in kept + nobodys + lingering]
    held = _held(rest, found["in_the_way"], known)
    goes = [one for one in rest if one["id"] not in held]
    reasons: dict[str, str] = {}
    for one in refused:
        for identity in one["ids"]:
            reasons.setdefault(identity, one["reason"])  # the first: what failed later may have failed for it
    shown = {
        "goes": _table(goes),
        "stays": _table(kept) + _away(found["elsewhere"], nobodys) + _said("warn", lingering, known),
        "protected, which is lifted first": _said("prepare", goes, known),
        "may not go": _said("warn", goes, known),
        "cannot go": [f"{_line(one)}: {held[one['id']]}" for one in rest if one["id"] in held],
    }
    return {
        "shown": {key: lines for key, lines in shown.items() if lines or key in ("goes", "stays")},
        "waves": [
            wave for number, kinds in enumerate(waves(kinds)) if (wave := _wave(number, kinds, goes, settings))["types"]
        ],
        "goes": shown["goes"],
        "stays": shown["stays"],
        "left": [
            f"{_line(one)}: {held.get(one['id']) or reasons.get(one['id']) or 'it is there still'}" for one in rest
        ],
        "pending": [one["id"] for one in goes if one["id"] not in reasons],
    }


def refusals(results: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Of the results of a loop over calls: which resources were not deleted, and why."""
    return [{"ids": one["__teardown_call"]["ids"], "reason": one["refused"]} for one in results if one.get("refused")]


def _is_nobodys(resource: dict[str, Any], found: dict[str, Any], settings: dict[str, Any]) -> bool:
    """
    Whether it may be that another region made it: it is listed everywhere, no tag says who made it, and either the
    stack has something in another region, or nothing of it stood in this one when the teardown began.
    """
    return resource["region"] is None and bool(found["elsewhere"] or not settings["stands_here"])


def _held(
    resources: list[dict[str, Any]], in_the_way: list[dict[str, Any]], known: dict[str, dict[str, Any]]
) -> dict[str, str]:
    """Why a resource cannot go, by its id: something of somebody else keeps it."""
    ours = {one["properties"].get("arn", one["id"]) for one in resources} | {one["id"] for one in resources}
    found: dict[str, list[str]] = {}
    for resource in resources:
        identities = {resource["id"], resource["properties"].get("arn")}
        found[resource["id"]] = [
            f"{_line(other)} ({_owner(other)}) needs it" for other in in_the_way if identities & {*other["holds"]}
        ]
        users = resource["properties"].get(known.get(resource["type"], {}).get("held_by", ""), [])
        found[resource["id"]] += [f"{user} needs it" for user in users if user not in ours]
    remedy = "Delete that or have its owner do it, then run the teardown again."
    return {identity: f"{'; '.join(reasons)}. {remedy}" for identity, reasons in found.items() if reasons}


def _owner(resource: dict[str, Any]) -> str:
    tags = [f"{key}={value}" for key, value in sorted(resource["tags"].items()) if key != "Name"]
    return f"not of this stack, tags {', '.join(tags)}" if tags else "not of this stack, no tags say whose"


def _away(elsewhere: list[dict[str, Any]], nobodys: list[dict[str, Any]]) -> list[str]:
    made = [f"{_line(one)}: {one['region']} made it; tear it down there" for one in sorted(elsewhere, key=_place)]
    unclear = [
        f"{_line(one)}: no tag Region says which region made it. Run the teardown where the stack stands, or tag it"
        for one in nobodys
    ]
    return made + unclear


def _said(key: str, resources: list[dict[str, Any]], known: dict[str, dict[str, Any]]) -> list[str]:
    """What the steps under a key of the kinds say of those resources that they are for."""
    return [
        f"{_line(resource)}: {step['says']}"
        for resource in resources
        for step in known.get(resource["type"], {}).get(key, [])
        if "says" in step and holds(step.get("when", "true"), {**resource["properties"], "id": resource["id"]})
    ]


def _wave(
    number: int, kinds: list[dict[str, Any]], resources: list[dict[str, Any]], settings: dict[str, Any]
) -> dict[str, Any]:
    there = {kind["type"]: [one for one in resources if one["type"] == kind["type"]] for kind in kinds}
    return {
        "number": number,
        "types": [name for name in there if there[name]],
        "slow": [kind["type"] for kind in kinds if kind.get("slow") and there[kind["type"]]],
        "steps": _steps(kinds, there, settings),
    }


def _steps(
    kinds: list[dict[str, Any]], there: dict[str, list[dict[str, Any]]], settings: dict[str, Any]
) -> list[list[dict[str, Any]]]:
    """
    The calls of a wave. Those of one step do not depend on each other.

    Protections are lifted first of all: a group cannot go as long as one of its instances is protected. Then all that
    is slow is started, before anything else.
    """
    steps: dict[int, list[dict[str, Any]]] = {}
    ends: dict[str, int] = {}
    slow = 0
    for kind in kinds:  # each comes after those that it waits for
        waits = [*kind.get("after", []), *kind.get("follows", [])]
        step = max([1, *(ends[each] + 1 for each in waits if each in ends)])
        step = step if kind.get("slow") else max(step, slow)
        prepares, deletes = calls(kind, there[kind["type"]], settings)
        for call in prepares:
            steps.setdefault(0 if call["lifts"] else step, []).append(call)
        step += any(not call["lifts"] for call in prepares)
        steps.setdefault(step, []).extend(deletes)
        ends[kind["type"]] = step if deletes else step - 1
        slow = max(slow, ends[kind["type"]]) if kind.get("slow") else slow
    return [steps[number] for number in sorted(steps) if steps[number]]


def calls(
    kind: dict[str, Any], resources: list[dict[str, Any]], settings: dict[str, Any]
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """
    The calls of modules that delete all resources of one kind: what prepares each of them, and the deletions.

    :param settings: what the kind's templates may use beside the resource's id and properties.
    """
    there = [
        (resource, {**settings, **resource["properties"], "id": resource["id"]})
        for resource in resources
        if not holds(kind.get("leaving"), resource["properties"])
    ]
    prepares = [
        _call(kind, step, [resource], context)
        for step in kind.get("prepare", [])
        for resource, context in there
        if holds(step.get("when", "true"), context)
    ]
    delete = kind["delete"]
    there = [(resource, context) for resource, context in there if not holds(delete.get("unless"), context)]
    if delete.get("together") and there:
        together = [resource for resource, _context in there]
        return prepares, [_call(kind, delete, together, {**settings, "ids": [one["id"] for one in together]})]
    return prepares, [_call(kind, delete, [resource], context) for resource, context in there]


def _call(
    kind: dict[str, Any], step: dict[str, Any], resources: list[dict[str, Any]], context: dict[str, Any]
) -> dict[str, Any]:
    arguments = filled(step["arguments"], context)
    return {
        "type": kind["type"],
        "name": ", ".join(_name(one) for one in resources),
        "ids": [one["id"] for one in resources],
        "module": step["module"],
        "arguments": {key: value for key, value in arguments.items() if value != ""},  # empty: not given
        "retry": step.get("retry", ""),
        "lifts": step.get("says", ""),
    }


def _name(resource: dict[str, Any]) -> str:
    return str(resource["tags"].get("Name") or resource["id"])


def _place(resource: dict[str, Any]) -> tuple[str, str, str]:
    return resource["type"], _name(resource), resource["id"]


def _line(resource: dict[str, Any]) -> str:
    name, identity = _name(resource), resource["id"]
    return f"{resource['type']} {name}" + (f" {identity}" if name not in identity else "")


def _table(resources: list[dict[str, Any]]) -> list[str]:
    """Kind, name, and the id where it says more than the name."""
    rows = [(one["type"], _name(one), one["id"] if _name(one) not in one["id"] else "") for one in resources]
    widths = [max((len(row[column]) for row in rows), default=0) for column in (0, 1)]
    return [f"{kind:{widths[0]}}  {name:{widths[1]}}  {identity}".rstrip() for kind, name, identity in rows]
