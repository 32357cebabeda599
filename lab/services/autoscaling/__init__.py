"""Auto Scaling: groups launch, replace and refresh their instances, and register them as targets."""

from __future__ import annotations

from typing import Any

from . import groups, launch, standby

after = ("ec2", "elbv2")


def install(machines: bool) -> None:
    groups.install(machines)
    launch.install(machines)
    standby.install(machines)


def controllers(lab: Any) -> list[Any]:
    from .controller import Groups

    return [Groups(lab.wake)]
