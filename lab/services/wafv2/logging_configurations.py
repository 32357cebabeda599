"""Logging configurations: of a web ACL that is there, to a destination whose name AWS takes."""

from __future__ import annotations

from typing import Any

from moto.wafv2.exceptions import WAFNonexistentItemException
from moto.wafv2.models import FakeLoggingConfiguration, WAFV2Backend

from ... import backends
from ...monkeypatch import wrap
from . import web_acls
from .errors import invalid, refusal

PREFIX = "aws-waf-logs-"


def check_destination(original: Any) -> Any:
    def put_logging_configuration(self: WAFV2Backend, arn: str, log_destination_configs: list[str], *rest: Any) -> Any:
        if web_acls.find(arn) is None:
            raise WAFNonexistentItemException
        (destination,) = log_destination_configs
        group = log_group(destination)
        if group is None or not group.startswith(PREFIX):
            raise invalid("LOG_DESTINATION", destination)
        region = destination.split(":")[3]
        if group not in backends.backend("logs", region, self.account_id).groups:
            raise refusal("WAFLogDestinationPermissionIssueException", "Unable to deliver logs to the log destination.")
        return original(self, arn, log_destination_configs, *rest)

    return put_logging_configuration


def log_group(destination: str) -> str | None:
    """The name in a log group's ARN, None if it is not one's."""
    parts = destination.split(":")
    return parts[6] if len(parts) > 6 and parts[2] == "logs" else None


def destination_of(arn: str) -> str | None:
    """Where the records of a web ACL go, as an ARN."""
    found = _of(arn)
    return found.log_destination_configs[0] if found else None


def redacted(arn: str) -> set[str]:
    """The names of the headers whose values are not logged, in small letters."""
    fields: Any = (found.redacted_fields if (found := _of(arn)) else None) or []
    return {one["SingleHeader"]["Name"].lower() for one in fields if "SingleHeader" in one}


def keeps(arn: str, record: dict[str, Any]) -> bool:
    """Whether a request is logged: the first filter that it meets says so, and the default if none does."""
    logging_filter = (found.logging_filter if (found := _of(arn)) else None) or {"DefaultBehavior": "KEEP"}
    met = {record["action"], *(["COUNT"] if record["counted"] else [])}
    for one in logging_filter.get("Filters", []):
        asked = [condition.get("ActionCondition", {}).get("Action") in met for condition in one["Conditions"]]
        if any(asked) if one["Requirement"] == "MEETS_ANY" else all(asked):
            return bool(one["Behavior"] == "KEEP")
    return bool(logging_filter["DefaultBehavior"] == "KEEP")


def _of(arn: str) -> FakeLoggingConfiguration | None:
    found = (backend.logging_configurations.get(arn) for backend in backends.regions("wafv2"))
    return next((one for one in found if one), None)


def install() -> None:
    wrap(WAFV2Backend, "put_logging_configuration", check_destination)
