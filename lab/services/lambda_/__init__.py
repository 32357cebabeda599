"""Lambda: functions really run, with the rights of their role, in their VPC."""

from __future__ import annotations

from typing import Any

from . import configuration, functions, interfaces


def install(machines: bool) -> None:
    functions.install(machines)
    configuration.install()
    interfaces.install()


def controllers(_lab: Any) -> list[Any]:
    from .controller import Functions

    return [Functions()]


def close() -> None:
    functions.close()
