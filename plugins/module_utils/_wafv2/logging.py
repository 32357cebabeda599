# -*- coding: utf-8 -*-
# Copyright: Contributors to threetier.aws
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
"""The logging configuration of a web ACL. Private to this collection."""

from __future__ import annotations

from typing import Any

from ansible_collections.threetier.aws.plugins.module_utils import _calls

_NONE = ["WAFNonexistentItemException"]


def configuration(arn: str, group: str, redacted: list[str], kept: list[str]) -> dict[str, Any]:
    """
    Pure: as PutLoggingConfiguration takes it.

    :param arn: of the web ACL.
    :param group: name of the log group, which is in the web ACL's region.
    :param redacted: names of headers whose values are not logged.
    :param kept: actions of which one has to be met; none for all requests.
    """
    _arn, partition, _service, region, account, _rest = arn.split(":", 5)
    fields = [{"SingleHeader": {"Name": name.lower()}} for name in sorted(redacted)]
    met = [{"ActionCondition": {"Action": action}} for action in sorted(kept)]
    keep = {"Behavior": "KEEP", "Requirement": "MEETS_ANY", "Conditions": met}
    return {
        "ResourceArn": arn,
        "LogDestinationConfigs": [f"arn:{partition}:logs:{region}:{account}:log-group:{group}"],
        **({"RedactedFields": fields} if fields else {}),
        **({"LoggingFilter": {"DefaultBehavior": "DROP", "Filters": [keep]}} if met else {}),
    }


def same(one: dict[str, Any], other: dict[str, Any]) -> bool:
    """Pure: whether two configurations log the same; AWS returns lists in an order of its own, and more keys."""
    return _normal(one) == _normal(other)


def _normal(found: dict[str, Any]) -> tuple[Any, ...]:
    fields = [one["SingleHeader"]["Name"].lower() for one in found.get("RedactedFields") or [] if "SingleHeader" in one]
    filters = found.get("LoggingFilter") or {}
    conditions = [
        (one["Behavior"], one["Requirement"], sorted(str(condition) for condition in one["Conditions"]))
        for one in filters.get("Filters") or []
    ]
    return found.get("LogDestinationConfigs"), sorted(fields), filters.get("DefaultBehavior"), conditions


@_calls.read("read the web ACL's logging configuration", {}, missing=_NONE)
def find(client: Any, arn: str) -> dict[str, Any]:
    found: dict[str, Any] = client.get_logging_configuration(ResourceArn=arn)["LoggingConfiguration"]
    return found


@_calls.call("set the web ACL's logging configuration", retry_on=["WAFUnavailableEntityException"])
def put(client: Any, wanted: dict[str, Any]) -> None:
    client.put_logging_configuration(LoggingConfiguration=wanted)


@_calls.delete("remove the web ACL's logging configuration", missing=_NONE)
def delete(client: Any, arn: str) -> None:
    client.delete_logging_configuration(ResourceArn=arn)
