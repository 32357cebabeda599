"""Pure: what is wrong with the rules of a web ACL, and the capacity that they take."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from .engine.managed import GROUPS
from .errors import invalid

_COSTS = {
    "IPSetReferenceStatement": 1,
    "LabelMatchStatement": 1,
    "SizeConstraintStatement": 1,
    "ByteMatchStatement": 10,
    "RegexMatchStatement": 3,
    "RateBasedStatement": 2,
    "AndStatement": 0,
    "OrStatement": 0,
    "NotStatement": 0,
}
_WINDOWS = (60, 120, 300, 600)
_ACTIONS = {"Allow", "Block", "Count"}
_GROUPS_ONLY = "ManagedRuleGroupStatement"


def check(rules: list[dict[str, Any]]) -> None:
    """:raises WAFv2ClientError: for what WAF would refuse, and for what the lab's engine cannot do."""
    for key in ("Name", "Priority"):
        seen = [rule[key] for rule in rules]
        if twice := next((one for one in seen if seen.count(one) > 1), None):
            raise invalid(f"RULE_{key.upper()}", twice)
    for rule in rules:
        kind, said = next(iter(rule["Statement"].items()))
        action = rule.get("OverrideAction") if kind == _GROUPS_ONLY else rule.get("Action")
        allowed = {"None", "Count"} if kind == _GROUPS_ONLY else _ACTIONS
        if not action or not set(action) <= allowed:
            raise invalid("RULE_ACTION", action)
        for kind, said in statements(rule["Statement"]):
            _check_statement(kind, said)


def _check_statement(kind: str, said: dict[str, Any]) -> None:
    if kind == _GROUPS_ONLY:
        group = GROUPS.get(said["Name"]) if said["VendorName"] == "AWS" else None
        if group is None:
            raise invalid("MANAGED_RULE_GROUP_STATEMENT", said["Name"])
        known = {rule.name for rule in group.rules}
        overridden = [*(said.get("RuleActionOverrides") or []), *(said.get("ExcludedRules") or [])]
        if unknown := next((one["Name"] for one in overridden if one["Name"] not in known), None):
            raise invalid("EXCLUDED_RULE", unknown)
    elif kind not in _COSTS:
        raise invalid("STATEMENT", kind)
    elif kind == "RateBasedStatement":
        if not 10 <= int(said["Limit"]) <= 2_000_000_000:
            raise invalid("RATE_BASED_STATEMENT", said["Limit"])
        if int(said.get("EvaluationWindowSec", 300)) not in _WINDOWS:
            raise invalid("RATE_BASED_STATEMENT", said["EvaluationWindowSec"])


def statements(statement: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each kind of statement in this one, with what it says; this one first."""
    kind, said = next(iter(statement.items()))
    yield kind, said
    inner = [*(said.get("Statements") or []), said.get("Statement"), said.get("ScopeDownStatement")]
    for one in filter(None, inner):
        yield from statements(one)


def capacity(rules: list[dict[str, Any]]) -> int:
    """Web ACL capacity units."""
    return sum(
        GROUPS[said["Name"]].capacity if kind == _GROUPS_ONLY else _COSTS[kind]
        for rule in rules
        for kind, said in statements(rule["Statement"])
    )


def ip_sets(rules: list[dict[str, Any]]) -> set[str]:
    """The ARNs of the sets that they ask for."""
    return {
        said["ARN"]
        for rule in rules
        for kind, said in statements(rule["Statement"])
        if kind == "IPSetReferenceStatement"
    }
