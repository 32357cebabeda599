"""Asynchronous invocations: up to two retries, then the function's dead-letter queue and failure destination."""

from __future__ import annotations

import json
import time
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from moto.core.utils import iso_8601_datetime_with_milliseconds

from ... import config, delivery
from . import store

if TYPE_CHECKING:
    from moto.awslambda.models import LambdaFunction

    from .environments import Outcome

_DELAYS = (60.0, 120.0)  # AWS's, before the second and the third attempt


@dataclass(frozen=True)
class _Call:
    function: LambdaFunction
    event: Any
    request_id: str
    since: float
    attempt: int = 1


def invoke_later(function: LambdaFunction, event: Any) -> str:
    """Queue an event for the function; returns the request's id."""
    call = _Call(function, event, str(uuid.uuid4()), time.monotonic())
    delivery.later(lambda: _attempt(call))
    return call.request_id


def _attempt(call: _Call) -> None:
    from .functions import invoke_now, is_there

    if not is_there(call.function):
        return  # what waited for it goes with it
    outcome, _ = invoke_now(call.function, call.event, call.request_id)
    settings: dict[str, Any] = call.function.event_invoke_config[-1].config if call.function.event_invoke_config else {}
    if not outcome.failed:
        _tell(call, outcome, settings, "Success", "OnSuccess")
        return
    age = (time.monotonic() - call.since) * config.SPEED
    if call.attempt <= int(settings.get("MaximumRetryAttempts", 2)) and age < settings.get(
        "MaximumEventAgeInSeconds", 21600
    ):
        again = _Call(call.function, call.event, call.request_id, call.since, call.attempt + 1)
        delivery.later(lambda: _attempt(again), _DELAYS[call.attempt - 1] / config.SPEED)
        return
    dead_letters = store.of_function(call.function).dead_letters
    if dead_letters:
        message = str(outcome.payload.get("errorMessage", ""))[:1024] or "unknown"
        attributes = {"RequestID": call.request_id, "ErrorCode": "200", "ErrorMessage": message}
        delivery.send(dead_letters, json.dumps(call.event), attributes)
    _tell(call, outcome, settings, "RetriesExhausted", "OnFailure")


def _tell(call: _Call, outcome: Outcome, settings: dict[str, Any], condition: str, destination: str) -> None:
    target = (settings.get("DestinationConfig") or {}).get(destination, {}).get("Destination")
    if not target:
        return
    response = {"statusCode": 200, "executedVersion": str(call.function.version)}
    record = {
        "version": "1.0",
        "timestamp": iso_8601_datetime_with_milliseconds(),
        "requestContext": {
            "requestId": call.request_id,
            "functionArn": f"{call.function.function_arn}:{call.function.version}",
            "condition": condition,
            "approximateInvokeCount": call.attempt,
        },
        "requestPayload": call.event,
        "responseContext": {**response, "functionError": "Unhandled"} if outcome.failed else response,
        "responsePayload": outcome.payload,
    }
    delivery.send(target, json.dumps(record))
