"""Would a resource policy let this principal do that? Enough of IAM's logic for the lab."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from fnmatch import fnmatchcase
from typing import Any

_OPERATORS: dict[str, Callable[[str, str], bool]] = {
    "StringEquals": lambda wanted, found: wanted == found,
    "StringEqualsIgnoreCase": lambda wanted, found: wanted.lower() == found.lower(),
    "StringLike": lambda wanted, found: fnmatchcase(found, wanted),
    "ArnEquals": lambda wanted, found: fnmatchcase(found, wanted),
    "ArnLike": lambda wanted, found: fnmatchcase(found, wanted),
    "Bool": lambda wanted, found: wanted.lower() == found.lower(),
}


def allows(
    policy: str | bytes | Mapping[str, Any] | None,
    *,
    action: str,
    resource: str | None = None,
    service: str | None = None,
    context: Mapping[str, str] | None = None,
) -> bool:
    """
    :param policy: document, None if there is none.
    :param resource: ARN; None for a trust policy, which names none.
    :param service: asking AWS service, such as sns.amazonaws.com; None for an anonymous caller.
    :param context: condition keys of the request, such as aws:SourceArn.
    """
    if not policy:
        return False
    document = json.loads(policy) if isinstance(policy, str | bytes) else policy
    known = {key.lower(): value for key, value in (context or {}).items()}
    hits = {
        statement["Effect"]
        for statement in statements(document)
        if _principal(statement, service)
        and _named(statement, "Action", action.lower(), str.lower)
        and (resource is None or _named(statement, "Resource", resource, str))
        and _conditions(statement.get("Condition") or {}, known)
    }
    return hits == {"Allow"}


def statements(document: Mapping[str, Any]) -> list[Any]:
    """Those of a policy, which may hold one that is in no list."""
    return _list(document.get("Statement"))


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _principal(statement: Mapping[str, Any], service: str | None) -> bool:
    principal = statement.get("Principal")
    if principal == "*":
        return True
    if not isinstance(principal, Mapping):
        return False
    if service:
        return bool({service, "*"} & set(_list(principal.get("Service")))) or "*" in _list(principal.get("AWS"))
    return "*" in _list(principal.get("AWS"))


def _named(statement: Mapping[str, Any], kind: str, value: str, fold: Callable[[str], str]) -> bool:
    if f"Not{kind}" in statement:
        return not any(fnmatchcase(value, fold(pattern)) for pattern in _list(statement[f"Not{kind}"]))
    return any(fnmatchcase(value, fold(pattern)) for pattern in _list(statement.get(kind)))


def _conditions(conditions: Mapping[str, Any], context: Mapping[str, str]) -> bool:
    return all(
        _condition(operator, key.lower(), _list(wanted), context)
        for operator, keys in conditions.items()
        for key, wanted in keys.items()
    )


def _condition(operator: str, key: str, wanted: list[Any], context: Mapping[str, str]) -> bool:
    optional = operator.endswith("IfExists")
    name = operator.removesuffix("IfExists")
    negative = "Not" in name
    compare = _OPERATORS.get(name.replace("Not", ""))
    if compare is None:
        return False
    if key not in context:
        return optional or negative
    return any(compare(str(value), context[key]) for value in wanted) != negative
