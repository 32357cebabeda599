"""Alarms: whether what was measured is beyond the threshold, metric math included, and who is told."""

from __future__ import annotations

import ast
import contextlib
import json
import logging
import operator
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from moto.core.exceptions import ServiceException

from ... import backends
from ..kms import keys

_log = logging.getLogger("lab.cloudwatch")

_COMPARE: dict[str, Callable[[float, float], bool]] = {
    "GreaterThanThreshold": operator.gt,
    "GreaterThanOrEqualToThreshold": operator.ge,
    "LessThanThreshold": operator.lt,
    "LessThanOrEqualToThreshold": operator.le,
}
_STATISTICS: dict[str, Callable[[list[float]], float]] = {
    "Sum": sum,
    "Average": lambda values: sum(values) / len(values),
    "Minimum": min,
    "Maximum": max,
    "SampleCount": len,
}
_OPERATORS: dict[type, Callable[[float, float], float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}


def concerns(alarm: Any, namespace: str) -> bool:
    """Whether all it stands on is of one namespace."""
    used = {query.metric_stat.metric.namespace for query in alarm.metric_data_queries if query.metric_stat}
    return (used or {alarm.namespace}) == {namespace}


def judge(alarm: Any, data: list[Any], now: datetime) -> tuple[str, str]:
    """State and reason. The last period ends now, where AWS's ends with the minute."""
    compare, threshold = _COMPARE[alarm.comparison_operator], float(alarm.threshold)
    wanted = int(alarm.datapoints_to_alarm or alarm.evaluation_periods)
    period = _period(alarm)
    seen = []
    for number in range(int(alarm.evaluation_periods)):
        end = now - number * period
        seen.append(_value(alarm, [d for d in data if end - period < d.timestamp.replace(tzinfo=None) <= end]))
    known = [value for value in seen if value is not None]
    missing = alarm.treat_missing_data or "missing"
    if not known and missing in ("missing", "ignore"):
        return ("INSUFFICIENT_DATA" if missing == "missing" else alarm.state_value), "no datapoints were received"
    over = sum(compare(value, threshold) for value in known)
    over += (len(seen) - len(known)) if missing == "breaching" else 0
    said = ", ".join(f"{value:g}" for value in known) or "nothing"
    return ("ALARM" if over >= wanted else "OK"), f"{said} against a threshold of {threshold:g}"


def tell(alarm: Any, region: str) -> None:
    """Publish the new state to the topics that it is for."""
    topics = {"ALARM": alarm.alarm_actions, "OK": alarm.ok_actions}.get(
        alarm.state_value, alarm.insufficient_data_actions
    )
    message = {"AlarmName": alarm.name, "NewStateValue": alarm.state_value, "NewStateReason": alarm.state_reason}
    asked = {"aws:SourceArn": alarm.alarm_arn, "aws:SourceAccount": alarm.alarm_arn.split(":")[4]}
    for arn in topics or [] if alarm.actions_enabled else []:
        if why := keys.refusal_by_topic(arn, service="cloudwatch.amazonaws.com", context=asked):
            _log.warning("%s is not told of %s: %s", arn, alarm.name, why)
            continue
        with contextlib.suppress(ServiceException):  # the topic is gone
            backends.backend("sns", region).publish(
                json.dumps(message), arn=arn, subject=f'{alarm.state_value}: "{alarm.name}"'
            )


def _period(alarm: Any) -> timedelta:
    periods = [query.metric_stat.period for query in alarm.metric_data_queries if query.metric_stat]
    return timedelta(seconds=int((periods or [alarm.period])[0]))


def _value(alarm: Any, data: list[Any]) -> float | None:
    if not alarm.metric_data_queries:
        return _measured(alarm.namespace, alarm.metric_name, alarm.dimensions, alarm.statistic, data)
    queries = {query.id: query for query in alarm.metric_data_queries}

    def value(name: str) -> float | None:
        query = queries[name]
        if query.metric_stat is None:
            return _math(ast.parse(query.expression, mode="eval").body, value)
        metric = query.metric_stat.metric
        return _measured(metric.namespace, metric.metric_name, metric.dimensions, query.metric_stat.stat, data)

    return value(next(q.id for q in alarm.metric_data_queries if str(q.return_data).lower() == "true"))


def _measured(namespace: str, name: str, dimensions: list[Any], statistic: str, data: list[Any]) -> float | None:
    wanted = {(one.name, one.value) for one in dimensions}
    values = [
        float(datum.value)
        for datum in data
        if (datum.namespace, datum.name) == (namespace, name)
        and {(one.name, one.value) for one in datum.dimensions} == wanted
    ]
    return float(_STATISTICS[statistic](values)) if values else None


def _math(node: ast.expr, value: Callable[[str], float | None]) -> float | None:
    """+ - * / and FILL(metric, number); what is missing, or divided by nothing, is missing."""
    match node:
        case ast.Constant(value=int() | float() as number):
            return float(number)
        case ast.Name(id=name):
            return value(name)
        case ast.Call(func=ast.Name(id="FILL"), args=[of, instead]):
            found = _math(of, value)
            return _math(instead, value) if found is None else found
        case ast.BinOp(left=left, op=op, right=right):
            one, other = _math(left, value), _math(right, value)
            if one is None or other is None or (isinstance(op, ast.Div) and other == 0):
                return None
            return _OPERATORS[type(op)](one, other)
    raise ValueError(f"the lab knows no such metric math: {ast.unparse(node)}")
