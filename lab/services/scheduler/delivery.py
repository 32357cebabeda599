"""What a schedule does when it is due: its target gets the event, or its dead-letter queue does."""

from __future__ import annotations

import datetime
import json
import uuid
from dataclasses import dataclass, replace
from typing import Any

from moto.sqs.exceptions import QueueDoesNotExist

from ... import backends, config
from ... import delivery as background
from ..iam import identities
from ..lambda_.asynchronous import invoke_later

_ACTIONS = {"lambda": "lambda:InvokeFunction", "sqs": "sqs:SendMessage", "sns": "sns:Publish"}


class Refused(Exception):
    """A target that does not take the event: the code and the sentence that its service answers."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True)
class _Execution:
    schedule: Any
    target: dict[str, Any]
    due: datetime.datetime
    id: str
    attempt: int = 1
    waited: float = 0.0  # seconds, as AWS would count them


def begin(schedule: Any, due: datetime.datetime) -> None:
    """:param due: when the schedule was, by its own clock."""
    execution = _Execution(schedule, dict(schedule.target), due, str(uuid.uuid4()))
    background.later(lambda: _attempt(execution))


def _attempt(execution: _Execution) -> None:
    from .schedules import every

    if execution.schedule not in every():
        return
    try:
        _deliver(execution)
    except Refused as refusal:
        _again_or_dead(execution, refusal)


def _deliver(execution: _Execution) -> None:
    """Raises Refused if the role may not, or the target is not there."""
    arn = execution.target["Arn"]
    service = arn.split(":")[2]
    _insist(execution, _ACTIONS[service], arn)
    if service == "lambda":
        function = _function(arn)
        if function is None:
            raise Refused("ResourceNotFoundException", f"Function not found: {arn}")
        invoke_later(function, json.loads(payload(execution)))
        return
    _send(arn, payload(execution))


def _insist(execution: _Execution, action: str, resource: str) -> None:
    from .schedules import trusts_scheduler

    role = execution.target["RoleArn"]
    if not trusts_scheduler(role) or not identities.role_may(role, action, resource):
        raise Refused("AccessDeniedException", f"{role} is not authorized to perform: {action} on resource: {resource}")


def _function(arn: str) -> Any:
    known = backends.backend("lambda", arn.split(":")[3]).list_functions()
    return next((one for one in known if one.function_arn == arn), None)


def _send(arn: str, body: str, attributes: dict[str, str] | None = None) -> None:
    try:
        background.send(arn, body, attributes)
    except QueueDoesNotExist as missing:
        raise Refused("AWS.SimpleQueueService.NonExistentQueue", str(missing)) from None


def payload(execution: _Execution) -> str:
    """The target's input with what it names filled in; without one, an event that says which schedule it is."""
    schedule, at = execution.schedule, execution.due.strftime("%Y-%m-%dT%H:%M:%SZ")
    text = execution.target.get("Input")
    if text is None:
        event = {"version": "0", "id": execution.id, "detail-type": "Scheduled Event", "source": "aws.scheduler"}
        place = {"account": config.ACCOUNT, "time": at, "region": schedule.arn.split(":")[3]}
        return json.dumps({**event, **place, "resources": [schedule.arn], "detail": "{}"})
    names = {"schedule-arn": schedule.arn, "scheduled-time": at, "execution-id": execution.id}
    for name, value in {**names, "attempt-number": str(execution.attempt)}.items():
        text = text.replace(f"<aws.scheduler.{name}>", value)
    return str(text)


def _again_or_dead(execution: _Execution, refusal: Refused) -> None:
    """Twice as late each time, up to an hour; then the dead-letter queue, if the role may send to it."""
    policy = execution.target.get("RetryPolicy") or {}
    wait = min(60.0 * 2 ** (execution.attempt - 1), 3600.0)
    waited = execution.waited + wait
    too_many = execution.attempt > int(policy.get("MaximumRetryAttempts", 185))
    too_old = waited > float(policy.get("MaximumEventAgeInSeconds", 86400))
    if not too_many and not too_old:
        again = replace(execution, attempt=execution.attempt + 1, waited=waited)
        background.later(lambda: _attempt(again), wait / config.SPEED)
        return
    queue = (execution.target.get("DeadLetterConfig") or {}).get("Arn")
    if queue and identities.role_may(execution.target["RoleArn"], "sqs:SendMessage", queue):
        attributes = {
            "ERROR_CODE": refusal.code,
            "ERROR_MESSAGE": str(refusal)[:1024],
            "EXECUTION_ID": execution.id,
            "EXHAUSTED_RETRY_CONDITION": "MaximumRetryAttempts" if too_many else "MaximumEventAgeInSeconds",
            "IS_PAYLOAD_TRUNCATED": "false",
            "RETRY_ATTEMPTS": str(execution.attempt - 1),
            "SCHEDULED_TIME": execution.due.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "SCHEDULE_ARN": execution.schedule.arn,
            "TARGET_ARN": execution.target["Arn"],
        }
        _send(queue, payload(execution), attributes)
