"""AWS WAF's way to decide: the rules of a web ACL in the order of their priority, until one ends it."""

from __future__ import annotations

import base64
import html
import ipaddress
import operator
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote_plus

from .managed import GROUPS
from .rates import Rates
from .request import Finding, Request

_COMPARE: dict[str, Callable[[int, int], bool]] = {
    "EQ": operator.eq,
    "NE": operator.ne,
    "LE": operator.le,
    "LT": operator.lt,
    "GE": operator.ge,
    "GT": operator.gt,
}
_TRANSFORM: dict[str, Callable[[str], str]] = {
    "NONE": str,
    "LOWERCASE": str.lower,
    "URL_DECODE": unquote_plus,
    "HTML_ENTITY_DECODE": html.unescape,
    "COMPRESS_WHITE_SPACE": lambda text: re.sub(r"\s+", " ", text),
}
_POSITION: dict[str, Callable[[str, str], bool]] = {
    "EXACTLY": operator.eq,
    "STARTS_WITH": str.startswith,
    "ENDS_WITH": str.endswith,
    "CONTAINS": operator.contains,
}


@dataclass
class Verdict:
    """
    :param rule: name of the rule that has ended it, Default_Action if none has.
    :param group_rule: the rule of a managed group that did.
    :param counted: rules that have matched and only count, each with the rule of its group, or nothing.
    """

    action: str = "ALLOW"
    rule: str = "Default_Action"
    group_rule: str = ""
    counted: list[tuple[str, str]] = field(default_factory=list)
    labels: list[str] = field(default_factory=list)


class WebACL:
    """
    A web ACL that can be asked.

    :param config: as GetWebACL returns it.
    :param ip_sets: addresses by the ARN of the set.
    """

    def __init__(self, config: dict[str, Any], ip_sets: dict[str, list[str]], rates: Rates) -> None:
        self.arn, self._default = config["ARN"], next(iter(config["DefaultAction"]))
        self._namespace = config["LabelNamespace"]
        self._rules = sorted(config["Rules"], key=lambda rule: int(rule["Priority"]))
        self._networks = {arn: [ipaddress.ip_network(one) for one in known] for arn, known in ip_sets.items()}
        self._rates = rates

    def decide(self, request: Request, inspect: Callable[[Request], list[Finding]]) -> Verdict:
        """:param inspect: asked at most once, and only if a rule needs to know."""
        look = _Look(self, request, inspect)
        verdict = look.verdict
        for rule in self._rules:
            if ended := look.apply(rule):
                verdict.rule, (verdict.action, verdict.group_rule) = rule["Name"], ended
                return verdict
        verdict.action = self._default.upper()
        return verdict

    def networks(self, arn: str) -> list[Any]:
        return self._networks.get(arn, [])

    def over_limit(self, rule: str, statement: dict[str, Any], request: Request) -> bool:
        key = request.address if statement["AggregateKeyType"] != "CONSTANT" else "*"
        if statement["AggregateKeyType"] == "FORWARDED_IP":
            key = (request.header(statement["ForwardedIPConfig"]["HeaderName"]) or key).partition(",")[0].strip()
        window = int(statement.get("EvaluationWindowSec", 300))
        return self._rates.count((self.arn, rule, key), window) > int(statement["Limit"])

    def label(self, name: str) -> str:
        return f"{self._namespace}{name}"


class _Look:
    """One request before one web ACL."""

    def __init__(self, acl: WebACL, request: Request, inspect: Callable[[Request], list[Finding]]) -> None:
        self.acl, self.request, self.verdict = acl, request, Verdict()
        self._inspect = inspect
        self._found: list[Finding] | None = None
        self._tests: dict[str, Callable[[dict[str, Any]], bool]] = {
            "AndStatement": lambda said: all(map(self.matches, said["Statements"])),
            "OrStatement": lambda said: any(map(self.matches, said["Statements"])),
            "NotStatement": lambda said: not self.matches(said["Statement"]),
            "IPSetReferenceStatement": self._in_ip_set,
            "LabelMatchStatement": self._has_label,
            "ByteMatchStatement": self._has_bytes,
            "RegexMatchStatement": lambda said: re.search(said["RegexString"], self._field(said)) is not None,
            "SizeConstraintStatement": self._has_size,
        }

    def apply(self, rule: dict[str, Any]) -> tuple[str, str] | None:
        """The action and the group's rule if this rule ends it, None if it goes on."""
        kind, said = next(iter(rule["Statement"].items()))
        if kind == "ManagedRuleGroupStatement":
            return self._apply_group(rule, said)
        if kind == "RateBasedStatement":
            within = said.get("ScopeDownStatement")
            hit = (not within or self.matches(within)) and self.acl.over_limit(rule["Name"], said, self.request)
        else:
            hit = self.matches(rule["Statement"])
        if not hit:
            return None
        self.verdict.labels += [self.acl.label(one["Name"]) for one in rule.get("RuleLabels") or []]
        return self._act(next(iter(rule["Action"])), rule["Name"], "")

    def matches(self, statement: dict[str, Any]) -> bool:
        kind, said = next(iter(statement.items()))
        return self._tests[kind](said)

    def _act(self, action: str, rule: str, group_rule: str) -> tuple[str, str] | None:
        if action == "Count":
            self.verdict.counted.append((rule, group_rule))
            return None
        return action.upper(), group_rule

    def _apply_group(self, rule: dict[str, Any], said: dict[str, Any]) -> tuple[str, str] | None:
        if (within := said.get("ScopeDownStatement")) and not self.matches(within):
            return None
        group = GROUPS[said["Name"]]
        actions = {one["Name"]: next(iter(one["ActionToUse"])) for one in said.get("RuleActionOverrides") or []}
        actions |= {one["Name"]: "Count" for one in said.get("ExcludedRules") or []}
        only_counts = "Count" in (rule.get("OverrideAction") or {})
        for one in group.rules:
            if not one.test(self.request, self._findings()):
                continue
            self.verdict.labels.append(group.label_of(one))
            ended = self._act(actions.get(one.name, "Block"), rule["Name"], one.name)
            if ended and only_counts:
                return self._act("Count", rule["Name"], one.name)
            if ended:
                return ended
        return None

    def _findings(self) -> list[Finding]:
        if self._found is None:
            self._found = self._inspect(self.request)
        return self._found

    def _in_ip_set(self, said: dict[str, Any]) -> bool:
        address = ipaddress.ip_address(self.request.address)
        return any(address in network for network in self.acl.networks(said["ARN"]))

    def _has_label(self, said: dict[str, Any]) -> bool:
        key = said["Key"]
        if said["Scope"] == "NAMESPACE":
            return any(label.startswith(key) for label in self.verdict.labels)
        return any(label == key or label.endswith(f":{key}") for label in self.verdict.labels)

    def _has_bytes(self, said: dict[str, Any]) -> bool:
        wanted, text = base64.b64decode(said["SearchString"]).decode("latin-1"), self._field(said)
        return _POSITION[said["PositionalConstraint"]](text, wanted)

    def _has_size(self, said: dict[str, Any]) -> bool:
        size = self.request.body_size if "Body" in said["FieldToMatch"] else len(self._field(said))
        return _COMPARE[said["ComparisonOperator"]](size, int(said["Size"]))

    def _field(self, said: dict[str, Any]) -> str:
        """The part of the request that a statement names, transformed as it says."""
        kind, more = next(iter(said["FieldToMatch"].items()))
        text = {
            "UriPath": lambda: self.request.path,
            "QueryString": lambda: self.request.query,
            "AllQueryArguments": lambda: self.request.query,
            "Method": lambda: self.request.method,
            "Body": lambda: self.request.body.decode("latin-1"),
            "SingleHeader": lambda: self.request.header(more["Name"]) or "",
        }[kind]()
        for one in sorted(said["TextTransformations"], key=lambda found: int(found["Priority"])):
            text = _TRANSFORM[one["Type"]](text)
        return text
