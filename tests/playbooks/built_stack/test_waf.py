"""The firewall before a stack that is there: it counts, then blocks, follows its lists, and goes again."""

from __future__ import annotations

from typing import Any

import pytest

from tests import api

from .conftest import NAME

ACL = f"{NAME}-web-acl"
BLOCK = {"threetier_waf": "block", "threetier_waf_allowed_cidrs": ["198.51.100.7/32", "2001:db8::/32"]}


@pytest.fixture(scope="module")
def seen(site):
    """seen(client) is what a person would look at: web ACLs with their rules, what they are on, IP sets, logging."""

    def look(client: Any = site.client) -> dict[str, Any]:
        wafv2 = client("wafv2")
        (balancer,) = client("elbv2").describe_load_balancers()["LoadBalancers"]
        found: dict[str, Any] = {"acls": {}, "sets": {}, "logs": {}, "balancer": balancer["LoadBalancerArn"]}
        for scope in ("REGIONAL", "CLOUDFRONT"):
            for one in wafv2.list_web_acls(Scope=scope)["WebACLs"]:
                acl = wafv2.get_web_acl(Name=one["Name"], Scope=scope, Id=one["Id"])["WebACL"]
                found["acls"][one["Name"]] = {rule["Name"]: rule for rule in acl["Rules"]} | {"arn": one["ARN"]}
            for one in wafv2.list_ip_sets(Scope=scope)["IPSets"]:
                ip_set = wafv2.get_ip_set(Name=one["Name"], Scope=scope, Id=one["Id"])["IPSet"]
                found["sets"][one["Name"]] = ip_set["Addresses"]
        if ACL in found["acls"]:
            arn = found["acls"][ACL]["arn"]
            found["on"] = wafv2.list_resources_for_web_acl(WebACLArn=arn)["ResourceArns"]
            found["logs"] = wafv2.get_logging_configuration(ResourceArn=arn)["LoggingConfiguration"]
        return found

    return look


def test_a_web_acl_of_others_is_refused_before_anything_is_touched(site):
    with site.copy() as copy:
        copy.client("wafv2").create_web_acl(
            Name=ACL,
            Scope="REGIONAL",
            DefaultAction={"Allow": {}},
            VisibilityConfig={"SampledRequestsEnabled": True, "CloudWatchMetricsEnabled": True, "MetricName": "x"},
        )
        said = copy.play("waf", threetier_waf="block")
        assert said.failed
        assert f"WAF has a web ACL {ACL} of scope REGIONAL already" in said.said


def test_it_counts_first_as_its_plan_has_said_and_nothing_is_left_to_do(seen, site):
    counts = {"threetier_waf": "count", "threetier_waf_blocked_cidrs": ["203.0.113.0/24"]}
    plan = site.play("waf", "--check", **counts)
    assert f"+ wafv2_web_acl {ACL}" in plan.said
    assert seen()["acls"] == {}
    said = site.play("waf", **counts)
    assert not said.failed, said.said
    now = seen()
    assert now["on"] == [now["balancer"]]
    rules = now["acls"][ACL]
    assert rules["rate"]["Action"] == {"Count": {}}
    assert rules["rate"]["Statement"]["RateBasedStatement"]["Limit"] == 2000
    assert rules["AWSManagedRulesSQLiRuleSet"]["OverrideAction"] == {"Count": {}}
    assert now["sets"] == {f"{NAME}-blocked-ipv4": ["203.0.113.0/24"]}
    assert now["logs"]["LogDestinationConfigs"][0].endswith(f":log-group:aws-waf-logs-{ACL}")
    again = site.play("waf", **counts)
    assert "changed=0" in again.said.rsplit("PLAY RECAP", 1)[1], again.said


def test_it_blocks_and_follows_its_lists(seen, site):
    plan = site.play("waf", "--check", threetier_waf="block", threetier_waf_blocked_cidrs=["203.0.113.0/24"])
    assert "~ rules.rate.does count -> block" in plan.said, plan.said
    assert "default_action" not in plan.said
    said = site.play("waf", **BLOCK)
    assert not said.failed, said.said
    now = seen()
    rules = now["acls"][ACL]
    assert next(iter(rules)) == "allowed"
    assert "blocked" not in rules
    assert rules["AWSManagedRulesSQLiRuleSet"]["OverrideAction"] == {"None": {}}
    assert now["sets"] == {f"{NAME}-allowed-ipv4": ["198.51.100.7/32"], f"{NAME}-allowed-ipv6": ["2001:db8::/32"]}


def test_what_hands_changed_is_found_by_name_and_mended(seen, site):
    wafv2, now = site.client("wafv2"), seen()
    wafv2.disassociate_web_acl(ResourceArn=now["balancer"])
    wafv2.delete_logging_configuration(ResourceArn=now["acls"][ACL]["arn"])
    said = site.play("doctor", *api.NO_HOSTS, **BLOCK).said
    assert f"firewall {ACL}: It is on no load balancer: every request is let through." in said
    assert "Nothing is logged of what is blocked and counted." in said
    said = site.play("waf", **BLOCK)
    assert "changed=2" in said.said.rsplit("PLAY RECAP", 1)[1], said.said


def test_off_takes_the_load_balancer_out_of_it(seen, site):
    said = site.play("waf")
    assert not said.failed, said.said
    assert seen()["on"] == []
