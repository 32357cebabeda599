"""The doctor on the firewall: what is wrong is named, with what mends it; and the rules of a web ACL."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.threetier.aws.plugins.module_utils._findings import waf
from ansible_collections.threetier.aws.plugins.module_utils._wafv2 import rules

REGIONAL = {"scope": "REGIONAL", "prefix": "demo"}
GLOBAL = {"scope": "CLOUDFRONT", "prefix": "demo-us-east-1"}
BLOCKS = {"Name": "rate", "Action": {"Block": {}}}
SAMPLE = {"action": "BLOCK", "rule": "SQLi_BODY", "client_ip": "203.0.113.9", "method": "POST", "uri": "/insert"}
SET = {"name": "demo-blocked-ipv4", "addresses": ["203.0.113.0/24"]}


def acl(item: dict[str, str] | None = None, **other: Any) -> dict[str, Any]:
    found = {"web_acl": {"Rules": [BLOCKS]}, "resources": ["arn"], "requests": {"blocked": 7}, "samples": [SAMPLE]}
    return {"item": item or REGIONAL, **found, **other}


def log(before: dict[str, Any], after: dict[str, Any]) -> dict[str, Any]:
    return {"item": {"item": REGIONAL}, "diff": {"before": before, "after": after}}


def seen(**other: Any) -> dict[str, Any]:
    """All well, but for what is said."""
    ip_set = {"item": [REGIONAL, SET], "addresses": SET["addresses"]}
    return {"acls": [acl()], "sets": [ip_set], "logs": [log({"to": "a"}, {"to": "a"})], **other}


def told(looked: dict[str, Any], mode: str = "block") -> dict[str, str]:
    """What is not well, by name."""
    return {one["name"]: f"{one['says']} {one['mend']}" for one in waf.findings(looked, mode) if one["state"] != "good"}


def test_what_the_firewall_has_done_is_told() -> None:
    assert told(seen()) == {}
    assert waf.findings({}, "off") == []
    said = waf.findings(seen(), "block")[0]["says"]
    assert "7 blocked, 0 counted, 0 allowed" in said
    assert "SQLi_BODY from 203.0.113.9: POST /insert" in said
    assert waf.findings(seen(), "count")[0]["says"].startswith("It counts and blocks nothing.")


@pytest.mark.parametrize(
    ("fault", "name", "says"),
    [
        ({"acls": [acl(web_acl={})]}, "demo-web-acl", "There is no such web ACL"),
        ({"acls": [acl(resources=[])]}, "demo-web-acl", "It is on no load balancer"),
        ({"acls": [acl(GLOBAL, resources=[])]}, "demo-us-east-1-web-acl", "It is on no distribution"),
        ({"acls": [{"item": REGIONAL, "failed": True, "msg": "denied"}]}, "demo-web-acl", "denied"),
        (
            {"acls": [acl(web_acl={"Rules": [{"Name": "sql", "OverrideAction": {"Count": {}}}]})]},
            "demo-web-acl rules",
            "sql only counts what it should block.",
        ),
        ({"logs": [log({}, {"to": "a"})]}, "aws-waf-logs-demo-web-acl", "Nothing is logged"),
        ({"logs": [log({"to": "b"}, {"to": "a"})]}, "aws-waf-logs-demo-web-acl", "logged elsewhere"),
        (
            {"sets": [{"item": [REGIONAL, SET], "addresses": ["198.51.100.0/24"]}]},
            "demo-blocked-ipv4",
            "It lacks 203.0.113.0/24. It has 198.51.100.0/24, which is not chosen.",
        ),
    ],
)
def test_each_fault_is_named(fault: dict[str, Any], name: str, says: str) -> None:
    found = told(seen(**fault))
    assert list(found) == [name]
    assert says in found[name]


def test_a_list_is_a_set_for_each_version_of_ip() -> None:
    sets = rules.ip_sets("demo", ["2001:db8::/32", "203.0.113.7/32"], [])
    assert [(one["name"], one["addresses"]) for one in sets] == [
        ("demo-allowed-ipv4", ["203.0.113.7/32"]),
        ("demo-allowed-ipv6", ["2001:db8::/32"]),
        ("demo-blocked-ipv4", []),
        ("demo-blocked-ipv6", []),
    ]


def test_rules_block_or_all_of_them_only_count() -> None:
    sets = [{"list": "allowed", "arn": "a"}, {"list": "blocked", "arn": "b"}, {"list": "blocked", "arn": "c"}]
    found = rules.rules("block", sets, 2000, ["AWSManagedRulesSQLiRuleSet"], "^/upload$")
    assert [one["name"] for one in found] == [
        *("allowed", "blocked", "rate", "AWSManagedRulesCommonRuleSet", "files", "AWSManagedRulesSQLiRuleSet")
    ]
    assert [one["priority"] for one in found] == list(range(6))
    assert [len(one["statement"].get("or_statement", {}).get("statements", [])) for one in found[:2]] == [0, 2]
    counting = rules.rules("count", sets, 0, [], "^/upload$")
    actions = [next(iter(one.get("override_action") or one["action"])) for one in counting]
    assert actions == ["allow", "count", "count", "count"]
