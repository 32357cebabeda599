# -*- coding: utf-8 -*-
# Copyright: Contributors to threetier.aws
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
"""Point-in-time recovery, encryption and deletion protection of tables. Private to this collection."""

from __future__ import annotations

from typing import Any

from ansible_collections.amazon.aws.plugins.module_utils.exceptions import AnsibleAWSError

from ansible_collections.threetier.aws.plugins.module_utils import _calls
from ansible_collections.threetier.aws.plugins.module_utils import _waits

_MISSING = ("TableNotFoundException", "ResourceNotFoundException", "NotFoundException")
_OWN_KEY = "alias/aws/dynamodb"  # the account's key for DynamoDB, which KMS makes when it is first needed
_PAUSE = 5  # seconds between two looks


@_calls.read("read the table's continuous backups", {}, missing=_MISSING)
def recovery(client: Any, table: str) -> dict[str, Any]:
    """Whether the table can be taken back in time and how far; nothing if there is no such table."""
    found = client.describe_continuous_backups(TableName=table)["ContinuousBackupsDescription"]
    found = found.get("PointInTimeRecoveryDescription", {})
    state = dict(enabled=found.get("PointInTimeRecoveryStatus") == "ENABLED")
    if state["enabled"]:
        state["recovery_period_in_days"] = found.get("RecoveryPeriodInDays", 35)
    return state


@_calls.call("set the table's continuous backups", tries=12, retry_on=["ContinuousBackupsUnavailableException"])
def set_recovery(client: Any, table: str, state: dict[str, Any]) -> None:
    """DynamoDB is still setting up backups for a while after a table has become active: hence the retries."""
    wanted = dict(PointInTimeRecoveryEnabled=state["enabled"])
    if state["enabled"]:
        wanted["RecoveryPeriodInDays"] = state["recovery_period_in_days"]
    client.update_continuous_backups(TableName=table, PointInTimeRecoverySpecification=wanted)


@_calls.read("read the table's deletion protection", None, missing=_MISSING)
def protected(client: Any, table: str) -> bool | None:
    """Whether the table cannot be deleted; None if there is no such table."""
    return bool(client.describe_table(TableName=table)["Table"].get("DeletionProtectionEnabled"))


@_calls.call("set the table's deletion protection", retry_on=["ResourceInUseException"])
def protect(client: Any, table: str, enabled: bool) -> None:
    client.update_table(TableName=table, DeletionProtectionEnabled=enabled)


@_calls.read("read the table's encryption", {}, missing=_MISSING)
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
    return str(found.get("Arn", _OWN_KEY))


@_calls.read("read the key", {}, missing=_MISSING)
def _describe_key(kms: Any, key_id: str) -> dict[str, Any]:
    found: dict[str, Any] = kms.describe_key(KeyId=key_id)["KeyMetadata"]
    return found


@_calls.call("encrypt the table", retry_on=["ResourceInUseException"])
def encrypt(client: Any, table: str, state: dict[str, Any]) -> None:
    """A table that is being changed takes no other change: hence the retries."""
    wanted: dict[str, Any] = dict(Enabled=state["key"] == "kms")
    if wanted["Enabled"]:
        wanted["SSEType"] = "KMS"
        if state["kms_key_arn"] != _OWN_KEY:
            wanted["KMSMasterKeyId"] = state["kms_key_arn"]
    client.update_table(TableName=table, SSESpecification=wanted)


def wait(client: Any, table: str, timeout: int) -> None:
    """Return once the table is active and its key is the one asked for; say how it stands otherwise."""

    def failure(answer: dict[str, Any]) -> str:
        seen = answer.get("Table", {})
        status = seen.get("SSEDescription", {}).get("Status", "unknown")
        return (
            f"The table {table} is {seen.get('TableStatus', 'unknown')}, its encryption {status},"
            f" and not settled within {timeout} seconds"
        )

    busy = "contains(['ENABLING', 'UPDATING', 'DISABLING'], Table.SSEDescription.Status || '')"
    settled = dict(matcher="path", argument=f"Table.TableStatus == 'ACTIVE' && !{busy}", expected=True, state="success")
    _waits.until(
        client,
        "DescribeTable",
        dict(TableName=table),
        [settled],
        purpose="wait for the table's encryption",
        timeout=timeout,
        pause=_PAUSE,
        failure=failure,
    )
