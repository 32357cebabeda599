# -*- coding: utf-8 -*-
# Copyright: Contributors to threetier.aws
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
"""
Pure: what differs between two states of a resource, one row for each attribute.

A row has the keys C(attribute), a path such as C(tags.Tier), C(before) and C(after). Of a policy each statement, of a
list each part, and of a text each line, is a row if it comes or goes.
"""

from __future__ import annotations

import difflib
import hashlib
import json
from typing import Any

from ansible_collections.threetier.aws.plugins.module_utils import _desired_and_actual

_SIDES = {"-": "before", "+": "after"}


def between(before: dict[str, Any], after: dict[str, Any], prefix: str = "") -> list[dict[str, Any]]:
    """The rows; attributes of attributes have their path, such as C(public_access.block_public_acls)."""
    rows: list[dict[str, Any]] = []
    for key in sorted({**before, **after}, key=str):
        path, found, wanted = f"{prefix}{key}", _read(before.get(key)), _read(after.get(key))
        if _is_policy(found) or _is_policy(wanted):
            rows += _statements(path, found, wanted)
        elif _plain(found) == _plain(wanted):
            continue
        elif isinstance(wanted, dict) and wanted and isinstance(found, (dict, type(None))):
            rows += between(found or {}, wanted, f"{path}.")
        elif _is_text(found) or _is_text(wanted):
            rows += _lines(path, found, wanted)
        elif _has_parts(found) or _has_parts(wanted) or (isinstance(found, list) and isinstance(wanted, list)):
            rows += _parts(path, _listed(found), _listed(wanted))
        else:
            rows.append({"attribute": path, "before": _none_if_empty(found), "after": _none_if_empty(wanted)})
    return rows


def created(attributes: dict[str, Any]) -> list[dict[str, Any]]:
    """The rows of what is to be created. Tags are left out, as are C(instance_tags): each resource has the stack's."""
    return [row for row in between({}, attributes) if not row["attribute"].partition(".")[0].endswith("tags")]


def _is_policy(value: object) -> bool:
    return isinstance(value, dict) and "Statement" in value


def _is_text(value: object) -> bool:
    return isinstance(value, str) and "\n" in value.strip()


def _lines(path: str, before: object, after: object) -> list[dict[str, Any]]:
    """Of a text each line that comes or goes is a row. One that comes or goes as a whole is a row by its digest."""
    if not before or not after:
        return [{"attribute": path, "before": _digest(before), "after": _digest(after)}]
    changes = [line for line in difflib.ndiff(str(before).splitlines(), str(after).splitlines()) if line[:1] in "-+"]
    return [
        {"attribute": path, "before": None, "after": None, _SIDES[line[0]]: line[2:].rstrip() or "an empty line"}
        for line in changes
    ]


def _digest(text: object) -> str | None:
    if not text:
        return None
    return f"{len(str(text).splitlines())} lines, sha256 {hashlib.sha256(str(text).encode()).hexdigest()}"


def _has_parts(value: object) -> bool:
    return isinstance(value, list) and any(isinstance(one, dict) for one in value)


def _parts(path: str, before: list[Any], after: list[Any]) -> list[dict[str, Any]]:
    found, wanted = ([_plain(one) for one in side] for side in (before, after))
    gone = [one for one, plain in zip(before, found, strict=True) if plain not in wanted]
    new = [one for one, plain in zip(after, wanted, strict=True) if plain not in found]
    rows: list[dict[str, Any]] = [{"attribute": path, "before": one, "after": None} for one in gone]
    return rows + [{"attribute": path, "before": None, "after": one} for one in new]


def _read(value: object) -> object:
    """A policy that is written as JSON, read; anything else as it is."""
    if isinstance(value, str) and value.startswith("{") and '"Statement"' in value:
        try:
            return json.loads(value)
        except ValueError:
            return value
    return value


def _statements(path: str, before: object, after: object) -> list[dict[str, Any]]:
    if _desired_and_actual.same_policy(before, after):
        return []
    found, wanted = (_in_words(side) for side in (before, after))
    rows: list[dict[str, Any]] = [
        {"attribute": path, "before": words, "after": None} for words in found if words not in wanted
    ]
    return rows + [{"attribute": path, "before": None, "after": words} for words in wanted if words not in found]


def _in_words(policy: object) -> list[str]:
    """Each statement of a policy, such as C(Allow s3:GetObject on arn:aws:s3:::x/*)."""
    if not isinstance(policy, dict):
        return []
    return [_statement(one) for one in _listed(policy.get("Statement"))]


def _statement(statement: dict[str, Any]) -> str:
    words = [str(statement.get("Effect"))]
    for start, key in (("", "Action"), ("all but ", "NotAction")):
        words += [start + _sorted(statement[key])] if key in statement else []
    for start, key in (("on ", "Resource"), ("on all but ", "NotResource")):
        words += [start + _sorted(statement[key])] if key in statement else []
    for start, key in (("to ", "Principal"), ("to all but ", "NotPrincipal")):
        words += [start + _principal(statement[key])] if key in statement else []
    if statement.get("Condition"):
        words.append("if " + json.dumps(_plain(statement["Condition"]), sort_keys=True))
    return " ".join(words)


def _principal(principal: object) -> str:
    if isinstance(principal, dict):
        return ", ".join(f"{kind} {_sorted(of)}" for kind, of in sorted(principal.items()))
    return str(principal)


def _sorted(value: object) -> str:
    return ", ".join(sorted(str(one) for one in _listed(value)))


def _listed(value: Any) -> list[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def _plain(value: object) -> object:
    """The same for what means the same: the order of lists, numbers as text, pairs of Name and Value."""
    if isinstance(value, dict):
        return {str(key): _plain(one) for key, one in value.items()} or None
    if isinstance(value, (list, tuple)):
        if not value:
            return None
        if all(isinstance(one, dict) and set(one) == {"Name", "Value"} for one in value):
            return {one["Name"]: _plain(one["Value"]) for one in value}
        return sorted((_plain(one) for one in value), key=str)
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return str(int(value) if value == int(value) else value)
    return _none_if_empty(value)


def _none_if_empty(value: object) -> object:
    return None if value in ("", [], {}) else value
