# -*- coding: utf-8 -*-
# Copyright: Contributors to threetier.aws
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
"""
Rules by which listeners of an Application Load Balancer answer only who sends a secret header. Private to this
collection.

Two rules do it: the first forwards what carries the header, the second refuses the rest.
"""

from __future__ import annotations

from typing import Any
from typing import NamedTuple

from ansible_collections.threetier.aws.plugins.module_utils import _calls

Rule = dict[str, Any]

ACCEPTED, OTHER = "the secret's values", "other values"
_REFUSAL = dict(
    Type="fixed-response",
    FixedResponseConfig=dict(StatusCode="403", ContentType="text/plain", MessageBody="Forbidden"),
)
_ANYTHING = dict(Field="path-pattern", PathPatternConfig=dict(Values=["*"]))
_BALANCER_MISSING = ("LoadBalancerNotFound", "LoadBalancerNotFoundException")


class Gate(NamedTuple):
    """What a listener that forwards has of the two rules."""

    listener: dict[str, Any]
    accepting: Rule | None
    refusing: Rule | None

    @property
    def accepted(self) -> list[str]:
        """The values that the header may have."""
        return _header(self.accepting)["Values"] if self.accepting else []


@_calls.read("find the load balancer", None, missing=_BALANCER_MISSING)
def _balancer(client: Any, name: str) -> str | None:
    return str(client.describe_load_balancers(Names=[name])["LoadBalancers"][0]["LoadBalancerArn"])


@_calls.read("list its listeners", [])
def _listeners(client: Any, arn: str) -> list[dict[str, Any]]:
    pages = client.get_paginator("describe_listeners").paginate(LoadBalancerArn=arn)
    found: list[dict[str, Any]] = pages.build_full_result()["Listeners"]
    return found


@_calls.read("list the rules of a listener", [])
def _rules(client: Any, arn: str) -> list[Rule]:
    found: list[Rule] = client.get_paginator("describe_rules").paginate(ListenerArn=arn).build_full_result()["Rules"]
    return found


@_calls.call("add a rule to the listener")
def _add(client: Any, listener: str, priority: int, condition: dict[str, Any], actions: list[dict[str, Any]]) -> None:
    client.create_rule(ListenerArn=listener, Priority=priority, Conditions=[condition], Actions=actions)


@_calls.call("change a rule of the listener")
def _change(client: Any, arn: str, condition: dict[str, Any], actions: list[dict[str, Any]]) -> None:
    client.modify_rule(RuleArn=arn, Conditions=[condition], Actions=actions)


@_calls.delete("delete a rule of the listener", missing=("RuleNotFound", "RuleNotFoundException"))
def _remove(client: Any, arn: str) -> None:
    client.delete_rule(RuleArn=arn)


def find(client: Any, load_balancer: str, header: str) -> list[Gate]:
    """Of each listener that forwards by default. None if there is no such load balancer."""
    arn = _balancer(client, load_balancer)
    forwarding = [
        one for one in (_listeners(client, arn) if arn else []) if one["DefaultActions"][-1]["Type"] == "forward"
    ]
    gates = []
    for listener in sorted(forwarding, key=lambda one: int(one["Port"])):
        rules = [rule for rule in _rules(client, listener["ListenerArn"]) if not rule["IsDefault"]]
        accepting = next((rule for rule in rules if _names(rule, header)), None)
        refusing = next((rule for rule in rules if _refuses(rule)), None)
        gates.append(Gate(listener, accepting, refusing))
    return gates


def is_closed(gate: Gate, values: list[str]) -> bool:
    """Whether the listener answers exactly those whose header has one of these values."""
    if not (gate.accepting and gate.refusing) or sorted(gate.accepted) != sorted(values):
        return False
    first, second = int(gate.accepting["Priority"]), int(gate.refusing["Priority"])
    return first < second and _target(gate.accepting["Actions"]) == _target(gate.listener["DefaultActions"])


def close(client: Any, gate: Gate, header: str, values: list[str], priority: int) -> None:
    """Let who has the header in first, and then refuse the rest."""
    condition = dict(Field="http-header", HttpHeaderConfig=dict(HttpHeaderName=header, Values=values))
    actions = gate.listener["DefaultActions"]
    if gate.accepting:
        _change(client, gate.accepting["RuleArn"], condition, actions)
    else:
        _add(client, gate.listener["ListenerArn"], priority, condition, actions)
    if not gate.refusing:
        _add(client, gate.listener["ListenerArn"], priority + 1, _ANYTHING, [_REFUSAL])


def open_up(client: Any, gate: Gate) -> None:
    """Refuse nobody first."""
    for rule in (gate.refusing, gate.accepting):
        if rule:
            _remove(client, rule["RuleArn"])


def shown(gate: Gate, header: str, values: list[str]) -> dict[str, Any]:
    """Of a diff, without the values."""
    if not (gate.accepting or gate.refusing):
        return {}
    same = sorted(gate.accepted) == sorted(values)
    return dict(
        _described(gate, header),
        accepts=(ACCEPTED if same else OTHER) if gate.accepting else "nothing",
        anything_else="is refused" if gate.refusing else "is answered",
        forwards_to=_target(gate.accepting["Actions"]) if gate.accepting else [],
    )


def wanted(gate: Gate, header: str) -> dict[str, Any]:
    """Of a closed listener, likewise."""
    target = _target(gate.listener["DefaultActions"])
    return dict(_described(gate, header), accepts=ACCEPTED, anything_else="is refused", forwards_to=target)


def _described(gate: Gate, header: str) -> dict[str, Any]:
    return dict(port=gate.listener["Port"], header=header)


def _header(rule: Rule) -> dict[str, Any]:
    return dict(rule["Conditions"][0].get("HttpHeaderConfig") or {"HttpHeaderName": "", "Values": []})


def _names(rule: Rule, header: str) -> bool:
    return len(rule["Conditions"]) == 1 and _header(rule)["HttpHeaderName"].lower() == header.lower()


def _refuses(rule: Rule) -> bool:
    """Whether it is the rule that refuses all."""
    patterns = (rule["Conditions"][0].get("PathPatternConfig") or rule["Conditions"][0]).get("Values")
    action = rule["Actions"][-1]
    status = (action.get("FixedResponseConfig") or {}).get("StatusCode")
    return len(rule["Conditions"]) == 1 and patterns == ["*"] and status == "403"


def _target(actions: list[dict[str, Any]]) -> Any:
    """The target groups that actions forward to."""
    last = actions[-1]
    groups = (last.get("ForwardConfig") or {}).get("TargetGroups") or [last]
    return sorted(str(group.get("TargetGroupArn")) for group in groups)
