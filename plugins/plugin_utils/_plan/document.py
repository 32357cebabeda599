# -*- coding: utf-8 -*-
# Copyright: Contributors to threetier.aws
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
"""Pure: a plan that can be kept and signed, and what has moved since."""

from __future__ import annotations

import hashlib
import json
from typing import Any
from typing import Sequence

from ansible_collections.threetier.aws.plugins.plugin_utils import _collection
from ansible_collections.threetier.aws.plugins.plugin_utils._plan import record, text

_WOULD_BE = {"create": "created", "change": "changed", "delete": "deleted", "leave": "left as it is"}


def document(
    resources: list[dict[str, Any]], choices: dict[str, Any], time: str, failed: Sequence[str] = ()
) -> dict[str, Any]:
    """
    The plan, with a digest of all that it stands on.

    Its C(status) is C(changes), C(no changes), or C(incomplete) if the run failed in a region.

    :param resources: as record.all_resources has them.
    :param choices: the values of the choices, none of them secret.
    :param time: when it was made; it is not part of the digest.
    :param failed: the regions in which the run failed.
    """
    summary = record.summary(resources)
    changes = sum(summary.values()) > summary["leave"]
    status = "incomplete" if failed else "changes" if changes else "no changes"
    held = {"status": status, "collection": _collection.version(), "choices": choices, "resources": resources}
    plain = json.loads(json.dumps(held, default=str))
    return {"time": time, "digest": digest(plain), "summary": summary, **plain}


def unfit(signed: dict[str, Any]) -> list[str]:
    """Why the signed plan cannot be done whatever AWS has, a sentence each."""
    if digest(signed) != signed.get("digest"):
        return ["The plan was changed after it was made: its digest is another one."]
    if signed["status"] == "incomplete":
        return ["The run that made it failed before its end, so it leaves out what it did not come to."]
    if signed["collection"] != _collection.version():
        return [f"It was made with version {signed['collection']} of threetier.aws. This is {_collection.version()}."]
    return []


def moved(signed: dict[str, Any], now: dict[str, Any]) -> list[str]:
    """What no longer holds of the signed plan, a sentence each; nothing if it can be done as it was signed."""
    sentences = []
    for name in sorted({*signed["choices"], *now["choices"]}):
        before, after = (text.in_words(side["choices"].get(name)) for side in (signed, now))
        if before != after:
            sentences.append(f"{name} was {before}, and is {after} now.")
    return sentences + _of_resources(signed["resources"], now["resources"])


def _of_resources(signed: list[dict[str, Any]], now: list[dict[str, Any]]) -> list[str]:
    before, after = ({(one["region"], one["kind"], one["name"]): one for one in side} for side in (signed, now))
    sentences = []
    for key in {**before, **after}:
        one, other = before.get(key), after.get(key)
        if _without_note(one) != _without_note(other):
            sentences.append(f"{key[0]}, {key[1]} {key[2]}: {_difference(one, other)}")
    return sentences


def _without_note(resource: dict[str, Any] | None) -> dict[str, Any] | None:
    """Whether somebody has confirmed a subscription meanwhile makes no other plan."""
    return {**resource, "note": ""} if resource else None


def _difference(one: dict[str, Any] | None, other: dict[str, Any] | None) -> str:
    if one is None or other is None:
        return "it is not in the plan, but would be now." if one is None else "it is in the plan, but would not be now."
    if one["action"] != other["action"]:
        return f"it was to be {_WOULD_BE[one['action']]}, and would be {_WOULD_BE[other['action']]} now."
    rows = [row for row in other["rows"] if row not in one["rows"]] or [
        row for row in one["rows"] if row not in other["rows"]
    ]
    return f"{', '.join(dict.fromkeys(row['attribute'] for row in rows))} would become something else now."


def digest(plan: dict[str, Any]) -> str:
    """Of all that a plan stands on, which its time and its sums are not."""
    held = {key: plan.get(key) for key in ("status", "collection", "choices", "resources")}
    return "sha256:" + hashlib.sha256(json.dumps(held, sort_keys=True).encode()).hexdigest()
