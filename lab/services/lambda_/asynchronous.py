"""Asynchronous invocations: up to two retries, then the function's dead-letter queue and failure destination."""

from __future__ import annotations

import json
import time
import uuid
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from moto.core.utils import iso_8601_datetime_with_milliseconds

from ... import config, delivery
from . import pool, store
from .environments import Outcome

if TYPE_CHECKING:
    from moto.awslambda.models import LambdaFunction

_DELAYS = (60.0, 120.0)  # AWS's, before the second and the third attempt
_LONGEST_WAIT = 300.0  # seconds between two looks whether a throttled function has room


@dataclass(frozen=True)
class _Call:
    function: LambdaFunction
    event: Any
    request_id: str
    since: float
    attempt: int = 1
    wait: float = 1.0  # seconds until a throttled one is tried again


def invoke_later(function: LambdaFunction, event: Any) -> str:
    """Queue an event for the function; returns the request's id."""
    call = _Call(function, event, str(uuid.uuid4()), time.monotonic())
    delivery.later(lambda: _attempt(call))
    return call.request_id


def _attempt(call: _Call) -> None:
    from .functions import invoke_now, is_there

    if not is_there(call.function):
        return  # what waited for it goes with it
    settings: dict[str, Any] = call.function.event_invoke_config[-1].config if call.function.event_invoke_config else {}
    age = (time.monotonic() - call.since) * config.SPEED
    try:
        outcome, _ = invoke_now(call.function, call.event, call.request_id)
    except pool.Throttled:  # which is no attempt
        if age < _oldest(settings):
            again = replace(call, wait=min(call.wait * 2, _LONGEST_WAIT))
            delivery.later(lambda: _attempt(again), call.wait / config.SPEED)
        else:
            _give_up(call, "EventAgeExceeded", Outcome({"errorMessage": "Rate Exceeded."}, True, "", 0), settings)
        return
    if not outcome.failed:
        _tell(call, outcome, settings, "Success", "OnSuccess")
        return
    age = (time.monotonic() - call.since) * config.SPEED
    if call.attempt <= int(settings.get("MaximumRetryAttempts", 2)) and age < _oldest(settings):
        again = replace(call, attempt=call.attempt + 1)
        delivery.later(lambda: _attempt(again), _DELAYS[call.attempt - 1] / config.SPEED)
        return
    _give_up(call, "RetriesExhausted", outcome, settings)


def _oldest(settings: dict[str, Any]) -> float:
    """Seconds that an event may wait."""
    return float(settings.get("MaximumEventAgeInSeconds", 21600))


def _give_up(call: _Call, why: str, outcome: Outcome, settings: dict[str, Any]) -> None:
    dead_letters = store.of_function(call.function).dead_letters
    if dead_letters:
        message = str(outcome.payload.get("errorMessage", ""))[:1024] or "unknown"
        attributes = {"RequestID": call.request_id, "ErrorCode": "200", "ErrorMessage": message}
        delivery.send(dead_letters, json.dumps(call.event), attributes)
    _tell(call, outcome, settings, why, "OnFailure")


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
