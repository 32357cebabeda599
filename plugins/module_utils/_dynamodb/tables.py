# -*- coding: utf-8 -*-
# Copyright: Contributors to threetier.aws
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
"""Point-in-time recovery and encryption of tables. Private to this collection."""

from __future__ import annotations

from typing import Any

try:
    import botocore.exceptions
except ImportError:
    pass  # handled by AnsibleAWSModule

from ansible_collections.amazon.aws.plugins.module_utils.botocore import is_boto3_error_code
from ansible_collections.amazon.aws.plugins.module_utils.errors import AWSErrorHandler
from ansible_collections.amazon.aws.plugins.module_utils.exceptions import AnsibleAWSError
from ansible_collections.amazon.aws.plugins.module_utils.retries import AWSRetry
from ansible_collections.amazon.aws.plugins.module_utils.waiter import BaseWaiterFactory
from ansible_collections.amazon.aws.plugins.module_utils.waiter import custom_waiter_config

_OWN_KEY = "alias/aws/dynamodb"  # the account's key for DynamoDB, which KMS makes when it is first needed
_PAUSE = 5  # seconds between two looks


class _Missing(AWSErrorHandler):
    @classmethod
    def _is_missing(cls):
        return is_boto3_error_code(["TableNotFoundException", "ResourceNotFoundException", "NotFoundException"])


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


@_Missing.list_error_handler("read the table's encryption", {})
@AWSRetry.jittered_backoff()
def encryption(client: Any, table: str) -> dict[str, Any]:
    """Whose key encrypts the table; nothing if there is no such table."""
    found = client.describe_table(TableName=table)["Table"].get("SSEDescription", {})
    if found.get("Status") in ("ENABLING", "ENABLED", "UPDATING"):
        return dict(key="kms", kms_key_arn=found.get("KMSMasterKeyArn"))
    return dict(key="aws_owned")


def key_arn(kms: Any, key_id: str) -> str:
    """The ARN of a key. Only the account's own key for DynamoDB may not be there yet; then its alias."""
    found = _describe_key(kms, key_id)
    if not found and key_id != _OWN_KEY:
        raise AnsibleAWSError(message=f"There is no key {key_id} in KMS.")
    return found.get("Arn", _OWN_KEY)


@_Missing.list_error_handler("read the key", {})
@AWSRetry.jittered_backoff()
def _describe_key(kms: Any, key_id: str) -> dict[str, Any]:
    return kms.describe_key(KeyId=key_id)["KeyMetadata"]


@AWSErrorHandler.common_error_handler("encrypt the table")
@AWSRetry.jittered_backoff(catch_extra_error_codes=["ResourceInUseException"])
def encrypt(client: Any, table: str, state: dict[str, Any]) -> None:
    """A table that is being changed takes no other change: hence the retries."""
    wanted: dict[str, Any] = dict(Enabled=state["key"] == "kms")
    if wanted["Enabled"]:
        wanted["SSEType"] = "KMS"
        if state["kms_key_arn"] != _OWN_KEY:
            wanted["KMSMasterKeyId"] = state["kms_key_arn"]
    client.update_table(TableName=table, SSESpecification=wanted)


class _Waiters(BaseWaiterFactory):
    @property
    def _waiter_model_data(self) -> dict[str, Any]:
        busy = "contains(['ENABLING', 'UPDATING', 'DISABLING'], Table.SSEDescription.Status || '')"
        settled = f"Table.TableStatus == 'ACTIVE' && !{busy}"
        acceptor = dict(matcher="path", argument=settled, expected=True, state="success")
        return dict(encrypted=dict(operation="DescribeTable", delay=_PAUSE, maxAttempts=120, acceptors=[acceptor]))


def wait(client: Any, table: str, timeout: int) -> None:
    """Return once the table is active and its key is the one asked for; say how it stands otherwise."""
    try:
        config = custom_waiter_config(timeout, _PAUSE)
        _Waiters().get_waiter(client, "encrypted").wait(TableName=table, WaiterConfig=config)
    except botocore.exceptions.WaiterError as error:
        seen = error.last_response.get("Table", {})
        status = seen.get("SSEDescription", {}).get("Status", "unknown")
        raise AnsibleAWSError(
            message=f"The table {table} is {seen.get('TableStatus', 'unknown')}, its encryption {status},"
            f" and not settled within {timeout} seconds",
            exception=error,
        ) from error
