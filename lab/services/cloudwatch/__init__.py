"""CloudWatch: what load balancers count, and the alarms that stand on it."""

from __future__ import annotations

from typing import Any

from . import alarm_tags

after = ("autoscaling", "elbv2", "sns")


def install(machines: bool) -> None:
    alarm_tags.install(machines)


def controllers(_lab: Any) -> list[Any]:
    from .controller import Metrics

    return [Metrics()]
