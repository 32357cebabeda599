# -*- coding: utf-8 -*-
# Copyright: Contributors to threetier.aws
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
"""Point-in-time recovery of tables. Private to this collection."""

from __future__ import annotations

from typing import Any

from ansible_collections.amazon.aws.plugins.module_utils.botocore import is_boto3_error_code
from ansible_collections.amazon.aws.plugins.module_utils.errors import AWSErrorHandler
from ansible_collections.amazon.aws.plugins.module_utils.retries import AWSRetry


class _Missing(AWSErrorHandler):
    @classmethod
    def _is_missing(cls):
        return is_boto3_error_code(["TableNotFoundException", "ResourceNotFoundException"])


@_Missing.list_error_handler("read the table's continuous backups", {})
@AWSRetry.jittered_backoff()
def recovery(client: Any, table: str) -> dict[str, Any]:
    """Whether the table can be taken back in time and how far; nothing if there is no such table."""
    found = client.describe_continuous_backups(TableName=table)["ContinuousBackupsDescription"]
    found = found.get("PointInTimeRecoveryDescription", {})
    state = dict(enabled=found.get("PointInTimeRecoveryStatus") == "ENABLED")
    if state["enabled"]:
        state["recovery_period_in_days"] = found.get("RecoveryPeriodInDays", 35)
    return state


@AWSErrorHandler.common_error_handler("set the table's continuous backups")
@AWSRetry.jittered_backoff(retries=12, catch_extra_error_codes=["ContinuousBackupsUnavailableException"])
def set_recovery(client: Any, table: str, state: dict[str, Any]) -> None:
    """DynamoDB is still setting up backups for a while after a table has become active: hence the retries."""
    wanted = dict(PointInTimeRecoveryEnabled=state["enabled"])
    if state["enabled"]:
        wanted["RecoveryPeriodInDays"] = state["recovery_period_in_days"]
    client.update_continuous_backups(TableName=table, PointInTimeRecoverySpecification=wanted)
