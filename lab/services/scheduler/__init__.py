"""EventBridge Scheduler: schedules that fire."""

from __future__ import annotations

from . import schedules, timekeeper

after = ("lambda_",)


def install(_machines: bool) -> None:
    schedules.install()


def close() -> None:
    timekeeper.close()
