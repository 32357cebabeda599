"""What has come of requests, as the engine says it: CloudWatch's counters, samples, and lines of the log."""

from __future__ import annotations

import contextlib
import json
from collections import Counter
from typing import Any

from moto.logs.exceptions import ResourceAlreadyExistsException
from moto.wafv2.models import FakeWebACL

from ... import backends
from . import logging_configurations, web_acls
from .store import stores

NAMESPACE = "AWS/WAFV2"
_METRICS = {"ALLOW": "AllowedRequests", "BLOCK": "BlockedRequests", "COUNT": "CountedRequests"}
_DEFAULT = "Default_Action"


def take(records: list[dict[str, Any]]) -> None:
    """Put them where the API shows them."""
    by_acl: dict[str, list[dict[str, Any]]] = {}
    for record in records:
        by_acl.setdefault(record["acl"], []).append(record)
    for arn, mine in by_acl.items():
        if acl := web_acls.find(arn):  # it may be deleted since
            _count(acl, mine)
            _sample(acl, mine)
            _log(acl, mine)


def outcomes(record: dict[str, Any]) -> list[tuple[str, str, str]]:
    """Pure: action, rule and rule of its group of each rule that a request has met, the one that ended it last."""
    counted = [("COUNT", rule, inner) for rule, inner in record["counted"]]
    return [*counted, (record["action"], record["rule"], record["group_rule"])]


def metric_of(acl: FakeWebACL, rule: str) -> str:
    """The name under which a rule is counted and sampled."""
    found = (one.visibility_config["MetricName"] for one in acl.rules if one.name == rule)
    return str(next(found, _DEFAULT if rule == _DEFAULT else rule))


def _count(acl: FakeWebACL, records: list[dict[str, Any]]) -> None:
    sums: Counter[tuple[str, str]] = Counter()
    for record in records:
        met = outcomes(record)
        sums.update({(action, metric_of(acl, rule)) for action, rule, _ in met})
        sums.update({(action, "ALL") for action, _, _ in met})
    scope, region, account = _place(acl.arn)
    fixed = [{"Name": "WebACL", "Value": acl.visibility_config["MetricName"]}]
    fixed += [{"Name": "Region", "Value": region}] if scope == "regional" else []
    data = [
        {
            "MetricName": _METRICS[action],
            "Value": number,
            "Unit": "Count",
            "Dimensions": [*fixed, {"Name": "Rule", "Value": rule}],
        }
        for (action, rule), number in sorted(sums.items())
    ]
    backends.backend("cloudwatch", region, account).put_metric_data(NAMESPACE, data)


def _sample(acl: FakeWebACL, records: list[dict[str, Any]]) -> None:
    _, _, account = _place(acl.arn)
    kept = stores.at(account, acl.arn).samples[acl]
    for record in records:
        for action, rule, inner in outcomes(record):
            kept[metric_of(acl, rule)].append(
                {
                    "Request": {
                        "ClientIP": record["address"],
                        "Country": "-",
                        "URI": record["uri"],
                        "Method": record["method"],
                        "HTTPVersion": record["version"],
                        "Headers": _headers(record, "Name", "Value"),
                    },
                    "Weight": 1,
                    "Timestamp": record["time"],
                    "Action": action,
                    **({"RuleNameWithinRuleGroup": inner} if inner else {}),
                    "Labels": [{"Name": name} for name in record["labels"]],
                }
            )


def _log(acl: FakeWebACL, records: list[dict[str, Any]]) -> None:
    destination = logging_configurations.destination_of(acl.arn)
    group = logging_configurations.log_group(destination) if destination else None
    if destination is None or group is None:
        return
    _, _, account = _place(acl.arn)
    scope, _, _ = _place(acl.arn)
    logs = backends.backend("logs", destination.split(":")[3], account)
    records = [record for record in records if logging_configurations.keeps(acl.arn, record)]
    stream = f"{destination.split(':')[3] if scope == 'regional' else 'cloudfront'}_{acl.name}_0"
    if group not in logs.groups or not records:  # deleted by hand
        return
    with contextlib.suppress(ResourceAlreadyExistsException):
        logs.create_log_stream(group, stream)
    hidden = logging_configurations.redacted(acl.arn)
    events = [
        {"timestamp": int(record["time"] * 1000), "message": json.dumps(line(acl.arn, record, hidden))}
        for record in records
    ]
    logs.put_log_events(group, stream, events)


def line(arn: str, record: dict[str, Any], hidden: set[str]) -> dict[str, Any]:
    """Pure: a record in the form of AWS WAF's log.

    :param hidden: names of headers, in small letters, whose values are not logged.
    """
    shown = [[key, "REDACTED" if key.lower() in hidden else value] for key, value in record["headers"]]
    group = [{"ruleGroupId": f"AWS#{record['rule']}", "terminatingRule": {"ruleId": record["group_rule"]}}]
    counted = [{"ruleId": inner or rule, "action": "COUNT"} for rule, inner in record["counted"]]
    return {
        "timestamp": int(record["time"] * 1000),
        "formatVersion": 1,
        "webaclId": arn,
        "terminatingRuleId": record["rule"],
        "terminatingRuleType": "MANAGED_RULE_GROUP" if record["group_rule"] else "REGULAR",
        "action": record["action"],
        "httpSourceName": record["source"],
        "ruleGroupList": group if record["group_rule"] else [],
        "nonTerminatingMatchingRules": counted,
        "httpRequest": {
            "clientIp": record["address"],
            "country": "-",
            "headers": _headers({"headers": shown}, "name", "value"),
            "uri": record["uri"].partition("?")[0],
            "args": record["uri"].partition("?")[2],
            "httpVersion": record["version"],
            "httpMethod": record["method"],
        },
        "labels": [{"name": name} for name in record["labels"]],
    }


def _headers(record: dict[str, Any], name: str, value: str) -> list[dict[str, str]]:
    return [{name: key, value: text} for key, text in record["headers"]]


def _place(arn: str) -> tuple[str, str, str]:
    """Scope (regional or global), region and account of a web ACL."""
    _, _, _, region, account, rest = arn.split(":", 5)
    return rest.partition("/")[0], region, account
