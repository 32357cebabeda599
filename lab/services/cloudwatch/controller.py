"""What load balancers count, as CloudWatch shows it; and the alarms that stand on it."""

from __future__ import annotations

import csv
import io
import logging
import time
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from moto.core.utils import utcnow

from ... import backends
from ..autoscaling import store as autoscaling
from ..elbv2 import controller as balancers
from . import alarms

log = logging.getLogger("lab.metrics")
NAMESPACE = "AWS/ApplicationELB"
EVERY = 5.0  # seconds; AWS takes a minute
_KEPT = timedelta(hours=3)
_CLASSES = ("2xx", "3xx", "4xx", "5xx")


def counted(stats: str) -> dict[str, int]:
    """HAProxy's `show stat` as the sums that an Application Load Balancer counts."""
    rows = list(csv.DictReader(io.StringIO(stats.removeprefix("# "))))
    servers = [row for row in rows if row["svname"] not in ("FRONTEND", "BACKEND")]
    found = {f"HTTPCode_Target_{kind.upper()}_Count": _sum(servers, f"hrsp_{kind}") for kind in _CLASSES}
    answered = _sum([row for row in rows if row["svname"] == "FRONTEND"], "hrsp_5xx")
    found["HTTPCode_ELB_5XX_Count"] = max(0, answered - found["HTTPCode_Target_5XX_Count"])
    found["RequestCount"] = sum(_sum(servers, f"hrsp_{kind}") for kind in _CLASSES)
    return found


def _sum(rows: list[dict[str, str]], column: str) -> int:
    return sum(int(row[column] or 0) for row in rows)


def grown(now: dict[str, int], before: dict[str, int]) -> dict[str, int]:
    """What was counted since; a new worker, after a reload, begins at nothing."""
    fresh = any(now[name] < before.get(name, 0) for name in now)
    return {name: value - (0 if fresh else before.get(name, 0)) for name, value in now.items()}


class Metrics:
    """Publishes every few seconds, then judges the alarms in this namespace. Others stay as they are."""

    workers = 2

    def __init__(self) -> None:
        self._before: dict[str, dict[str, int]] = {}
        self._due: dict[tuple[str, str], float] = {}

    def keys(self) -> Iterable[tuple[str, str]]:
        """Accounts and regions that have load balancers or alarms."""
        used = [*backends.regions("cloudwatch"), *backends.regions("elbv2")]
        return {(backend.account_id, backend.region_name) for backend in used}

    def reconcile(self, key: tuple[str, str]) -> float:
        if (left := self._due.get(key, 0.0) - time.monotonic()) > 0:
            return left
        self._due[key] = time.monotonic() + EVERY
        account, region = key
        backend = backends.backend("cloudwatch", region, account)
        for arn, stats in balancers.statistics(account, region):
            now = counted(stats)
            dimensions = [{"Name": "LoadBalancer", "Value": arn.partition(":loadbalancer/")[2]}]
            new = grown(now, self._before.get(arn, {}))
            self._before[arn] = now
            data = [
                {"MetricName": name, "Value": value, "Unit": "Count", "Dimensions": dimensions}
                for name, value in new.items()
                if value  # AWS too tells of nothing that was not there
            ]
            backend.put_metric_data(NAMESPACE, data)
        self._judge(backend)
        return EVERY

    def _judge(self, backend: Any) -> None:
        oldest = utcnow() - _KEPT
        backend.metric_data = [datum for datum in backend.metric_data if _moment(datum) > oldest]
        for alarm in list(backend.alarms.values()):
            if not alarms.concerns(alarm, NAMESPACE):
                continue
            state, reason = alarms.judge(alarm, backend.metric_data, utcnow())
            if state != alarm.state_value:
                log.info("%s is %s: %s", alarm.name, state, reason)
                alarm.update_state(reason, "{}", state)
                alarms.tell(alarm, backend.region_name)
        autoscaling.stores.of(backend).alarming = {a.name for a in backend.alarms.values() if a.state_value == "ALARM"}

    def status(self) -> list[dict[str, Any]]:
        return []

    def close(self) -> None:
        """Nothing of it is outside of this process."""


def _moment(datum: Any) -> Any:
    return datum.timestamp.replace(tzinfo=None)
