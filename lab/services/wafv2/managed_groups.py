"""AWS's managed rule groups, and the capacity that rules take: moto knows neither."""

from __future__ import annotations

import json
from typing import Any

from moto.wafv2.responses import WAFV2Response

from ...monkeypatch import wrap
from . import rules
from .engine.managed import GROUPS
from .errors import MISSING, refusal

_JSON = {"Content-Type": "application/json"}


def list_groups(_original: Any) -> Any:
    def list_available_managed_rule_groups(_self: WAFV2Response) -> Any:
        found = [
            {"VendorName": "AWS", "Name": name, "VersioningSupported": True, "Description": group.description}
            for name, group in GROUPS.items()
        ]
        return 200, _JSON, json.dumps({"ManagedRuleGroups": found})

    return list_available_managed_rule_groups


def describe_group(_original: Any) -> Any:
    def describe_managed_rule_group(self: WAFV2Response) -> Any:
        group = GROUPS.get(json.loads(self.body)["Name"])
        if group is None:
            raise refusal("WAFNonexistentItemException", MISSING)
        described = {
            "Capacity": group.capacity,
            "Rules": [{"Name": rule.name, "Action": {"Block": {}}} for rule in group.rules],
            "LabelNamespace": f"awswaf:managed:aws:{group.label}:",
            "AvailableLabels": [{"Name": group.label_of(rule)} for rule in group.rules],
        }
        return 200, _JSON, json.dumps(described)

    return describe_managed_rule_group


def check_capacity(_original: Any) -> Any:
    def answer(self: WAFV2Response) -> Any:
        sent = json.loads(self.body)["Rules"]
        rules.check(sent)
        return 200, _JSON, json.dumps({"Capacity": rules.capacity(sent)})

    return answer


def install() -> None:
    wrap(WAFV2Response, "list_available_managed_rule_groups", list_groups)
    wrap(WAFV2Response, "describe_managed_rule_group", describe_group)
    wrap(WAFV2Response, "check_capacity", check_capacity)
