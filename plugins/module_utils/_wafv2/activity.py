# -*- coding: utf-8 -*-
# Copyright: Contributors to threetier.aws
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a web ACL is on, and what it has done of late. Private to this collection."""

from __future__ import annotations

import datetime
from typing import Any

from ansible_collections.threetier.aws.plugins.module_utils import _calls

_METRICS = {"allowed": "AllowedRequests", "blocked": "BlockedRequests", "counted": "CountedRequests"}


@_calls.call("look which resources the web ACL is on")
def resources(client: Any, arn: str) -> list[str]:
    """ARNs of load balancers."""
    answer = client.list_resources_for_web_acl(WebACLArn=arn, ResourceType="APPLICATION_LOAD_BALANCER")
    return list(answer["ResourceArns"])


@_calls.call("look which distributions the web ACL is on")
def distributions(client: Any, arn: str) -> list[str]:
    """ARNs of distributions of CloudFront."""
    pages = client.get_paginator("list_distributions").paginate()
    found = [one for page in pages for one in page["DistributionList"].get("Items") or []]
    return [one["ARN"] for one in found if one["WebACLId"] == arn]


def queries(metric: str, region: str | None, seconds: int) -> list[dict[str, Any]]:
    """Pure: what CloudWatch is asked for the three sums.

    :param region: of a web ACL of scope REGIONAL; None for one of scope CLOUDFRONT.
    """
    dimensions = {"WebACL": metric, "Rule": "ALL"} | ({"Region": region} if region else {})
    named = [{"Name": name, "Value": value} for name, value in dimensions.items()]
    return [
        {
            "Id": name,
            "MetricStat": {
                "Metric": {"Namespace": "AWS/WAFV2", "MetricName": metric_name, "Dimensions": named},
                "Period": seconds,
                "Stat": "Sum",
            },
        }
        for name, metric_name in _METRICS.items()
    ]


@_calls.call("read the web ACL's metrics")
def requests(client: Any, metric: str, region: str | None, seconds: int) -> dict[str, int]:
    """How many requests were allowed, blocked and counted."""
    now = datetime.datetime.now(datetime.timezone.utc)
    answer = client.get_metric_data(
        MetricDataQueries=queries(metric, region, seconds),
        StartTime=now - datetime.timedelta(seconds=seconds),
        EndTime=now,
    )
    return {one["Id"]: int(sum(one["Values"])) for one in answer["MetricDataResults"]}


@_calls.call("read samples of the web ACL's requests")
def samples(client: Any, arn: str, scope: str, metric: str, seconds: int, most: int) -> list[dict[str, Any]]:
    """What one of its rules has met, by the name of the rule's metric."""
    now = datetime.datetime.now(datetime.timezone.utc)
    answer = client.get_sampled_requests(
        WebAclArn=arn,
        RuleMetricName=metric,
        Scope=scope,
        TimeWindow={"StartTime": now - datetime.timedelta(seconds=seconds), "EndTime": now},
        MaxItems=most,
    )
    return [_sample(metric, one) for one in answer["SampledRequests"]]


def _sample(rule: str, found: dict[str, Any]) -> dict[str, Any]:
    asked = found["Request"]
    return {
        "time": found["Timestamp"].isoformat(timespec="seconds"),
        "action": found["Action"],
        "rule": found.get("RuleNameWithinRuleGroup") or rule,
        "client_ip": asked["ClientIP"],
        "method": asked["Method"],
        "uri": asked["URI"],
    }
