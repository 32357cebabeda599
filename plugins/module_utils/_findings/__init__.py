# -*- coding: utf-8 -*-
# Copyright: Contributors to threetier.aws
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
"""
Findings: what was looked at, how it is, and what mends it. Pure. Private to this collection.

Each role's findings stand in a file of its name beside this one, which is found by its place. It says
`findings(seen, …)`, its PLACES, and by ORDER where they are along the way.
"""

from __future__ import annotations

import fnmatch
import importlib
import json
import pkgutil
from typing import Any
from typing import Iterable

Finding = dict[str, Any]  # place, name, state (good, bad, unknown), says, mend; address, where people may go there


def good(place: str, name: str, says: str) -> Finding:
    return dict(place=place, name=name, state="good", says=says, mend="")


def bad(place: str, name: str, says: str, mend: str) -> Finding:
    return dict(place=place, name=name, state="bad", says=says, mend=mend)


def unknown(place: str, name: str, says: str, mend: str = "Look again when the rest is mended.") -> Finding:
    return dict(place=place, name=name, state="unknown", says=says, mend=mend)


def either(holds: Any, place: str, name: str, fine: str, wrong: str, mend: str) -> Finding:
    return good(place, name, fine) if holds else bad(place, name, wrong, mend)


def unseen(result: Any) -> str:
    """Why a look came to nothing: the message of a task that failed; empty if it did not."""
    if not isinstance(result, dict):
        return "nobody looked"
    failed = any(result.get(key) for key in ("failed", "exception", "failed_when_suppressed_exception", "unreachable"))
    return first_line(result.get("msg") or "no reason given") if failed else ""


def first_line(text: Any) -> str:
    """Without what Ansible puts before it."""
    told = str(text).strip().removeprefix("Task failed: ")
    return told.splitlines()[0][:300] if told else ""


def errors(place: str, function: str, result: dict[str, Any]) -> Finding:
    """What a function's log tells of late, as logs_event_info returns it."""
    if problem := unseen(result):
        return unknown(place, function, f"Its log could not be read: {problem}")
    events = result.get("events") or []
    if not events:
        return good(place, function, "None of late.")
    last = events[-1]
    return bad(
        place,
        function,
        f"{len(events)} of late, the last at {last['time']}: {first_line(last['message'])}",
        f"Mend what it says, then run playbooks/redrive.yml. All of it: aws logs tail /aws/lambda/{function}",
    )


def dead_letters(place: str, queue: str, result: dict[str, Any], what: str, again: str) -> Finding:
    """
    What waits in a queue for dead letters, as sqs_queue_info returns it.

    :param what: is counted in it, as a sentence begins.
    :param again: what makes the queue.
    """
    if problem := unseen(result):
        return unknown(place, queue, f"The queue could not be looked at: {problem}")
    if not result.get("queues"):
        return bad(place, queue, "There is no such queue: what fails is lost.", again)
    count = result["queues"][0]["approximate_number_of_messages"]
    mend = "Mend the function if it fails, then run playbooks/redrive.yml."
    return either(count == 0, place, queue, "None.", f"{what}: {count}.", mend)


def of(subject: str, seen: Any, **names: Any) -> list[Finding]:
    """What a subject's file beside this one makes of what was looked at; ModuleNotFoundError if there is none."""
    found: list[Finding] = importlib.import_module(f"{__name__}.{subject}").findings(seen, **names)
    return found


def places() -> dict[str, int]:
    """Each place with its number along a request's way, and then an upload's. Each file says its own places."""
    ordered = [place for file in sorted(_files(), key=lambda file: file.ORDER) for place in file.PLACES]
    return {place: number for number, place in enumerate(dict.fromkeys(ordered))}


def picture() -> tuple[list[tuple[Any, ...]], list[tuple[Any, ...]]]:
    """The boxes and arrows that the files say, for the status page; see `_topology`."""
    files = sorted(_files(), key=lambda file: file.ORDER)
    boxes, arrows = ([each for file in files for each in getattr(file, name, ())] for name in ("BOXES", "ARROWS"))
    return boxes, arrows


def _files() -> list[Any]:
    return [importlib.import_module(f"{__name__}.{found.name}") for found in pkgutil.iter_modules(__path__)]


def in_order(findings: Iterable[Finding]) -> list[Finding]:
    """Along the way, a place that no file says last; what is not good first within its place."""
    known = places()
    return sorted(findings, key=lambda one: (known.get(one["place"], len(known)), one["state"] == "good", one["name"]))


def table(findings: Iterable[Finding]) -> list[str]:
    """A short one: what is good is counted by place, all else has a line."""
    lines = []
    ordered = in_order(findings)
    for place in dict.fromkeys(one["place"] for one in ordered):
        here = [one for one in ordered if one["place"] == place]
        fine = [one for one in here if one["state"] == "good"]
        if fine:
            what = fine[0]["name"] if len(fine) == 1 else f"{len(fine)} of {len(here)}"
            lines.append(("ok", place, what, fine[0]["says"] if len(fine) == 1 else ""))
        marks = dict(bad="WRONG", unknown="?")
        lines += [(marks[one["state"]], place, one["name"], one["says"]) for one in here if one["state"] != "good"]
    mark, where, what = (min(60, max((len(line[column]) for line in lines), default=0)) for column in range(3))
    return [f"{line[0]:{mark}}  {line[1]:{where}}  {line[2]:{what}}  {line[3]}".rstrip() for line in lines]


def summary(findings: Iterable[Finding]) -> list[str]:
    """What is wrong and what mends it, a sentence each."""
    wrong = [one for one in in_order(findings) if one["state"] != "good"]
    return [f"{one['place']} {one['name']}: {one['says']} {one['mend']}".rstrip() for one in wrong]


def allows(policy: Any, service: str, action: str, context: dict[str, str]) -> bool:
    """Whether a resource's policy lets a service do something, under the conditions that this collection writes."""
    document = json.loads(policy) if isinstance(policy, str) and policy else policy or {}
    statements = _field(document, "Statement") or []
    for statement in statements if isinstance(statements, list) else [statements]:
        principal = _field(statement, "Principal")
        services = principal if isinstance(principal, str) else _field(principal or {}, "Service")
        fits = _field(statement, "Effect") == "Allow" and service in _list(services)
        wanted = (fnmatch.fnmatchcase(action.lower(), str(one).lower()) for one in _list(_field(statement, "Action")))
        if fits and any(wanted) and _holds(_field(statement, "Condition") or {}, context):
            return True
    return False


def _holds(conditions: dict[str, Any], context: dict[str, str]) -> bool:
    for tests in conditions.values():
        for key, allowed in tests.items():
            value = context.get(key.lower().replace("_", ""), "")
            if not any(fnmatch.fnmatchcase(value, str(one)) for one in _list(allowed)):
                return False
    return True


def _field(thing: dict[str, Any], name: str) -> Any:
    """Some modules turn a policy's keys into snake case."""
    return thing.get(name, thing.get(name.lower()))


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
