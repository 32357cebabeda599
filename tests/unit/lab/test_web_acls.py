"""Web ACLs: what the API takes and refuses, and how a request is decided over."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ClientError

from lab.services.wafv2 import records
from lab.services.wafv2.engine.managed import GROUPS
from lab.services.wafv2.engine.modsecurity import finding
from lab.services.wafv2.engine.rates import Rates
from lab.services.wafv2.engine.request import Finding, Request
from lab.services.wafv2.engine.statements import WebACL

COMMON, SQL = "AWSManagedRulesCommonRuleSet", "AWSManagedRulesSQLiRuleSet"
SEEN = {"SampledRequestsEnabled": True, "CloudWatchMetricsEnabled": True}


def rule(priority: int, name: str, action: str, statement: dict[str, Any], **more: Any) -> dict[str, Any]:
    kind = "OverrideAction" if "ManagedRuleGroupStatement" in statement else "Action"
    seen = {**SEEN, "MetricName": name}
    return {
        "Name": name,
        "Priority": priority,
        kind: {action: {}},
        "Statement": statement,
        "VisibilityConfig": seen,
        **more,
    }


def group(priority: int, name: str, action: str = "None", **more: Any) -> dict[str, Any]:
    return rule(priority, name, action, {"ManagedRuleGroupStatement": {"VendorName": "AWS", "Name": name, **more}})


def made(wafv2: Any, *rules: dict[str, Any], scope: str = "REGIONAL", name: str = "demo") -> Any:
    return wafv2.create_web_acl(
        Name=name,
        Scope=scope,
        DefaultAction={"Allow": {}},
        Rules=list(rules),
        VisibilityConfig={**SEEN, "MetricName": name},
    )["Summary"]


@pytest.fixture
def wafv2(api: None, client: Any) -> Any:
    return client("wafv2")


def balancer(client: Any, name: str = "demo") -> str:
    subnets = client("ec2").describe_subnets()["Subnets"][:2]
    found = client("elbv2").create_load_balancer(Name=name, Subnets=[one["SubnetId"] for one in subnets])
    return str(found["LoadBalancers"][0]["LoadBalancerArn"])


def test_a_second_web_acl_takes_the_place_of_the_first_and_what_is_in_use_stays(wafv2: Any, client: Any) -> None:
    one, other, where = made(wafv2), made(wafv2, name="other"), balancer(client)
    wafv2.associate_web_acl(WebACLArn=one["ARN"], ResourceArn=where)
    wafv2.associate_web_acl(WebACLArn=other["ARN"], ResourceArn=where)
    assert wafv2.list_resources_for_web_acl(WebACLArn=one["ARN"])["ResourceArns"] == []
    assert wafv2.list_resources_for_web_acl(WebACLArn=other["ARN"])["ResourceArns"] == [where]
    with pytest.raises(ClientError, match="WAFAssociatedItemException"):
        wafv2.delete_web_acl(Name="other", Scope="REGIONAL", Id=other["Id"], LockToken=other["LockToken"])
    wafv2.disassociate_web_acl(ResourceArn=where)
    wafv2.delete_web_acl(Name="other", Scope="REGIONAL", Id=other["Id"], LockToken=other["LockToken"])
    with pytest.raises(ClientError, match="WAFNonexistentItemException"):
        wafv2.associate_web_acl(WebACLArn=one["ARN"], ResourceArn=f"{where}0")


def test_a_web_acl_goes_with_its_load_balancer_but_not_with_its_distribution(wafv2: Any, client: Any) -> None:
    from .test_distributions import configuration

    one, where = made(wafv2), balancer(client)
    wafv2.associate_web_acl(WebACLArn=one["ARN"], ResourceArn=where)
    client("elbv2").delete_load_balancer(LoadBalancerArn=where)
    assert wafv2.list_resources_for_web_acl(WebACLArn=one["ARN"])["ResourceArns"] == []
    wafv2.delete_web_acl(Name="demo", Scope="REGIONAL", Id=one["Id"], LockToken=one["LockToken"])

    cloudfront = client("cloudfront")
    for arn in ("arn:aws:wafv2:us-east-1:123456789012:global/webacl/no/1", made(wafv2, name="regional")["ARN"]):
        with pytest.raises(ClientError, match="InvalidWebACLId"):
            cloudfront.create_distribution(DistributionConfig=configuration(WebACLId=arn))
    worldwide = made(wafv2, scope="CLOUDFRONT")
    assert ":global/webacl/demo/" in worldwide["ARN"]
    cloudfront.create_distribution(DistributionConfig=configuration(WebACLId=worldwide["ARN"]))
    with pytest.raises(ClientError, match="WAFAssociatedItemException"):
        wafv2.delete_web_acl(Name="demo", Scope="CLOUDFRONT", Id=worldwide["Id"], LockToken=worldwide["LockToken"])


def test_an_ip_set_is_of_networks_and_stays_as_long_as_a_rule_asks_for_it(wafv2: Any) -> None:
    def ip_set(*addresses: str) -> Any:
        words = {"Name": "blocked", "Scope": "REGIONAL", "IPAddressVersion": "IPV4"}
        return wafv2.create_ip_set(**words, Addresses=list(addresses))["Summary"]

    for bad in ("203.0.113.7", "2001:db8::/32", "0.0.0.0/0", "word"):
        with pytest.raises(ClientError, match="WAFInvalidParameterException"):
            ip_set(bad)
    found = ip_set("203.0.113.0/24")
    with pytest.raises(ClientError, match="WAFDuplicateItemException"):
        ip_set("203.0.113.0/24")
    acl = made(wafv2, rule(0, "blocked", "Block", {"IPSetReferenceStatement": {"ARN": found["ARN"]}}))
    gone = {"Name": "blocked", "Scope": "REGIONAL", "Id": found["Id"], "LockToken": found["LockToken"]}
    with pytest.raises(ClientError, match="WAFAssociatedItemException"):
        wafv2.delete_ip_set(**gone)
    wafv2.update_web_acl(
        Name="demo",
        Scope="REGIONAL",
        Id=acl["Id"],
        LockToken=acl["LockToken"],
        DefaultAction={"Allow": {}},
        Rules=[],
        VisibilityConfig={**SEEN, "MetricName": "demo"},
    )
    assert wafv2.get_web_acl(ARN=acl["ARN"])["WebACL"]["Rules"] == []
    wafv2.delete_ip_set(**gone)
    with pytest.raises(ClientError, match="WAFNonexistentItemException"):
        made(wafv2, rule(0, "blocked", "Block", {"IPSetReferenceStatement": {"ARN": found["ARN"]}}), name="b")


@pytest.mark.parametrize(
    "rules",
    [
        [group(1, COMMON), group(1, SQL)],
        [group(1, "AWSManagedRulesNoSuchSet")],
        [group(1, COMMON, RuleActionOverrides=[{"Name": "NoSuchRule", "ActionToUse": {"Count": {}}}])],
        [
            rule(
                1,
                "rate",
                "Block",
                {"RateBasedStatement": {"Limit": 10, "EvaluationWindowSec": 90, "AggregateKeyType": "IP"}},
            )
        ],
        [rule(1, "where", "Block", {"GeoMatchStatement": {"CountryCodes": ["DE"]}})],
    ],
)
def test_what_waf_or_the_lab_cannot_do_is_refused(wafv2: Any, rules: list[Any]) -> None:
    with pytest.raises(ClientError, match="WAFInvalidParameterException"):
        made(wafv2, *rules)


def test_managed_groups_are_described_with_what_they_take(wafv2: Any) -> None:
    listed = wafv2.list_available_managed_rule_groups(Scope="REGIONAL")["ManagedRuleGroups"]
    assert {COMMON, SQL} <= {one["Name"] for one in listed}
    found = wafv2.describe_managed_rule_group(VendorName="AWS", Name=COMMON, Scope="REGIONAL")
    assert (found["Capacity"], found["LabelNamespace"]) == (700, "awswaf:managed:aws:core-rule-set:")
    assert "SizeRestrictions_BODY" in {one["Name"] for one in found["Rules"]}
    assert {"Name": "awswaf:managed:aws:core-rule-set:SizeRestrictions_Body"} in found["AvailableLabels"]
    asked = [
        group(1, COMMON),
        rule(2, "rate", "Block", {"RateBasedStatement": {"Limit": 10, "AggregateKeyType": "IP"}}),
    ]
    assert wafv2.check_capacity(Scope="REGIONAL", Rules=asked)["Capacity"] == 702
    assert wafv2.get_web_acl(ARN=made(wafv2, *asked)["ARN"])["WebACL"]["Capacity"] == 702


def test_what_the_engine_has_seen_is_counted_sampled_and_logged(wafv2: Any, client: Any) -> None:
    acl, logs = made(wafv2, group(1, SQL), group(2, COMMON, "Count")), client("logs")

    def log_to(name: str, **more: Any) -> None:
        destination = f"arn:aws:logs:us-east-1:123456789012:log-group:{name}"
        wafv2.put_logging_configuration(
            LoggingConfiguration={"ResourceArn": acl["ARN"], "LogDestinationConfigs": [destination], **more}
        )

    for name in ("aws-waf-logs-demo", "demo"):  # which is not there, and which may not be called so
        with pytest.raises(ClientError, match=r"WAFLogDestination|WAFInvalidParameter"):
            log_to(name)
    logs.create_log_group(logGroupName="aws-waf-logs-demo")
    log_to("aws-waf-logs-demo")
    now = datetime.now(UTC)
    seen = {
        "acl": acl["ARN"],
        "time": now.timestamp(),
        "source": "ALB",
        "address": "203.0.113.9",
        "method": "GET",
        "uri": "/a?b=c",
        "version": "HTTP/1.1",
        "headers": [["Host", "page.test"]],
        "labels": ["awswaf:managed:aws:sql-database:SQLi_Body"],
        "counted": [],
    }
    blocked = {"action": "BLOCK", "rule": SQL, "group_rule": "SQLi_BODY"}
    counted = {
        "action": "ALLOW",
        "rule": "Default_Action",
        "group_rule": "",
        "counted": [[COMMON, "NoUserAgent_HEADER"]],
    }
    records.take([{**seen, **blocked}, {**seen, **counted}, {**seen, **counted}])
    kept = records.stores.at("123456789012", acl["ARN"]).samples[records.web_acls.find(acl["ARN"])]
    assert {metric: len(found) for metric, found in kept.items()} == {SQL: 1, COMMON: 2, "Default_Action": 2}

    def total(metric: str, of: str) -> float:
        dimensions = {"WebACL": "demo", "Region": "us-east-1", "Rule": of}
        points = client("cloudwatch").get_metric_statistics(
            Namespace="AWS/WAFV2",
            MetricName=metric,
            Dimensions=[{"Name": key, "Value": value} for key, value in dimensions.items()],
            StartTime=now - timedelta(minutes=5),
            EndTime=now + timedelta(minutes=5),
            Period=600,
            Statistics=["Sum"],
        )["Datapoints"]
        return sum(one["Sum"] for one in points)

    assert [total("BlockedRequests", "ALL"), total("BlockedRequests", SQL)] == [1, 1]
    assert [total("AllowedRequests", "ALL"), total("CountedRequests", COMMON)] == [2, 2]
    sampled = wafv2.get_sampled_requests(
        WebAclArn=acl["ARN"],
        RuleMetricName=SQL,
        Scope="REGIONAL",
        TimeWindow={"StartTime": now - timedelta(minutes=5), "EndTime": now + timedelta(minutes=5)},
        MaxItems=10,
    )["SampledRequests"]
    assert [(one["Action"], one["RuleNameWithinRuleGroup"], one["Request"]["URI"]) for one in sampled] == [
        ("BLOCK", "SQLi_BODY", "/a?b=c")
    ]
    lines = logs.filter_log_events(logGroupName="aws-waf-logs-demo")["events"]
    assert [json.loads(one["message"])["action"] for one in lines] == ["BLOCK", "ALLOW", "ALLOW"]
    assert json.loads(lines[0]["message"])["httpRequest"]["args"] == "b=c"

    met = [{"ActionCondition": {"Action": "BLOCK"}}]
    keep = {"Behavior": "KEEP", "Requirement": "MEETS_ANY", "Conditions": met}
    log_to(
        "aws-waf-logs-demo",
        RedactedFields=[{"SingleHeader": {"Name": "host"}}],
        LoggingFilter={"DefaultBehavior": "DROP", "Filters": [keep]},
    )
    records.take([{**seen, **counted}, {**seen, **blocked}])
    lines = logs.filter_log_events(logGroupName="aws-waf-logs-demo")["events"][3:]
    (line,) = [json.loads(one["message"]) for one in lines]
    assert line["action"] == "BLOCK"
    assert line["httpRequest"]["headers"] == [{"name": "Host", "value": "REDACTED"}]


def decide(
    rules: list[dict[str, Any]], request: Request, *found: Finding, ip_sets: Any = None, rates: Any = None
) -> Any:
    config = {"ARN": "arn", "DefaultAction": {"Allow": {}}, "LabelNamespace": "awswaf:1:webacl:demo:", "Rules": rules}
    return WebACL(config, ip_sets or {}, rates or Rates()).decide(request, lambda _request: list(found))


def asked(uri: str = "/", **more: Any) -> Request:
    headers = [("Host", "page.test"), ("User-Agent", "x"), *more.pop("headers", [])]
    return Request(more.pop("address", "203.0.113.9"), more.pop("method", "GET"), uri, headers=headers, **more)


INJECTION = Finding(942100, "QUERYARGUMENTS")


def test_the_first_rule_by_priority_that_ends_it_decides() -> None:
    sets = {"good": ["203.0.113.0/24"], "bad": ["203.0.113.9/32"]}
    allow = rule(0, "allowed", "Allow", {"IPSetReferenceStatement": {"ARN": "good"}})
    block = rule(1, "blocked", "Block", {"IPSetReferenceStatement": {"ARN": "bad"}})
    assert decide([group(2, SQL), allow], asked(), INJECTION, ip_sets=sets).action == "ALLOW"
    assert decide([allow | {"Priority": 5}, block], asked(), ip_sets=sets).rule == "blocked"
    assert decide([allow, group(2, SQL)], asked(address="198.51.100.1"), INJECTION, ip_sets=sets).group_rule == (
        "SQLi_QUERYARGUMENTS"
    )


def test_what_only_counts_goes_on_and_is_told() -> None:
    found = decide([group(1, SQL, "Count"), group(2, COMMON)], asked("/x?y=169.254.169.254"), INJECTION)
    assert found.counted == [(SQL, "SQLi_QUERYARGUMENTS")]
    assert (found.action, found.group_rule) == ("BLOCK", "EC2MetaDataSSRF_QUERYARGUMENTS")
    override = [{"Name": "SQLi_QUERYARGUMENTS", "ActionToUse": {"Count": {}}}]
    assert decide([group(1, SQL, RuleActionOverrides=override)], asked(), INJECTION).action == "ALLOW"
    assert decide([group(1, SQL)], asked(), Finding(942100, "HEADER")).action == "ALLOW"


def test_a_body_that_is_too_large_is_let_through_where_a_rule_of_ones_own_says_so() -> None:
    override = [{"Name": "SizeRestrictions_BODY", "ActionToUse": {"Count": {}}}]
    label = {"Scope": "LABEL", "Key": "awswaf:managed:aws:core-rule-set:SizeRestrictions_Body"}
    path = {
        "RegexString": "^/upload$",
        "FieldToMatch": {"UriPath": {}},
        "TextTransformations": [{"Priority": 0, "Type": "NONE"}],
    }
    elsewhere = {"NotStatement": {"Statement": {"RegexMatchStatement": path}}}
    own = rule(2, "large", "Block", {"AndStatement": {"Statements": [{"LabelMatchStatement": label}, elsewhere]}})
    rules = [group(1, COMMON, RuleActionOverrides=override), own]
    large = {"body": b"x" * 8193, "method": "POST"}
    assert decide(rules, asked("/upload", **large)).action == "ALLOW"
    assert decide(rules, asked("/insert", **large)).rule == "large"
    assert decide(rules, asked("/insert", body=b"x" * 8192)).action == "ALLOW"
    said = [("Content-Length", "9000")]
    assert decide([group(1, COMMON)], asked("/insert", body=b"x", headers=said)).group_rule == "SizeRestrictions_BODY"


def test_a_rate_is_counted_for_each_address_and_falls_with_time() -> None:
    now = [1000.0]
    rates = Rates(lambda: now[0])
    statement = {"RateBasedStatement": {"Limit": 10, "EvaluationWindowSec": 60, "AggregateKeyType": "IP"}}
    rules = [rule(0, "rate", "Block", statement)]
    assert [decide(rules, asked(), rates=rates).action for _ in range(12)] == ["ALLOW"] * 10 + ["BLOCK"] * 2
    assert decide(rules, asked(address="198.51.100.1"), rates=rates).action == "ALLOW"
    now[0] += 30
    assert decide(rules, asked(), rates=rates).action == "BLOCK"
    now[0] += 61
    assert decide(rules, asked(), rates=rates).action == "ALLOW"


def test_statements_look_at_the_part_that_they_name() -> None:
    text = base64.b64encode(b"/admin").decode()
    said = {
        "SearchString": text,
        "PositionalConstraint": "STARTS_WITH",
        "FieldToMatch": {"UriPath": {}},
        "TextTransformations": [{"Priority": 1, "Type": "LOWERCASE"}, {"Priority": 0, "Type": "URL_DECODE"}],
    }
    rules = [rule(0, "admin", "Block", {"ByteMatchStatement": said}, RuleLabels=[{"Name": "admin"}])]
    assert decide(rules, asked("/%41dmin/x")).labels == ["awswaf:1:webacl:demo:admin"]
    assert decide(rules, asked("/?x=/admin")).action == "ALLOW"


@pytest.mark.parametrize(
    ("request_", "rule_"),
    [
        (Request("1.2.3.4", "GET", "/"), "NoUserAgent_HEADER"),
        (asked(f"/?{'x' * 2049}"), "SizeRestrictions_QUERYSTRING"),
        (asked("/app.ini"), "RestrictedExtensions_URIPATH"),
        (asked("/?at=http://169.254.169.254/latest/meta-data/"), "EC2MetaDataSSRF_QUERYARGUMENTS"),
        (asked(headers=[("X-A", "${jndi:ldap://x}")]), "Log4JRCE_HEADER"),
        (
            Request("1.2.3.4", "GET", "/", headers=[("Host", "localhost:80"), ("User-Agent", "x")]),
            "Host_localhost_HEADER",
        ),
        (asked("/.git/config"), "ExploitablePaths_URIPATH"),
        (asked(method="PROPFIND"), "PROPFIND_METHOD"),
    ],
)
def test_rules_of_awss_own_that_the_core_rule_set_has_not(request_: Request, rule_: str) -> None:
    found = {one.name for name in GROUPS for one in GROUPS[name].rules if one.test(request_, [])}
    assert found == {rule_}


def test_a_line_of_libmodsecurity_says_where_the_attack_stands() -> None:
    line = (
        'ModSecurity: Warning. detected XSS using libinjection. [file "x"] [id "941100"] [msg "XSS"] '
        '[data "Matched Data: XSS data found within {}: <script>"] [severity "2"]'
    )
    form = asked("/?q=1", body=b"r=2")
    places = {
        "ARGS:q": "QUERYARGUMENTS",
        "ARGS:r": "BODY",
        "REQUEST_COOKIES:a": "COOKIE",
        "REQUEST_FILENAME": "URIPATH",
    }
    for variable, place in places.items():
        assert finding(line.format(variable), form) == Finding(941100, place)
    assert finding(line.replace('severity "2"', 'severity "5"'), form) is None


def test_an_acls_metric_is_the_rules_own_name_for_it() -> None:
    acl = SimpleNamespace(rules=[SimpleNamespace(name="a", visibility_config={"MetricName": "b"})])
    assert records.metric_of(acl, "a") == "b"  # type: ignore[arg-type]
