"""Lambda: functions really run, with the rights of their role."""

from __future__ import annotations

from . import functions


def install(machines: bool) -> None:
    functions.install(machines)


def close() -> None:
    functions.close()
