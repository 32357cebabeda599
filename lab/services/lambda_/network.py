"""Where functions stand: behind a network interface of their VPC, or in a network namespace of the lab's own.

The latter has a way to the lab's internet and nothing else. Nothing gets in to either.
"""

from __future__ import annotations

import random
import time
from dataclasses import dataclass
from typing import Any

from ... import config, netns, outside
from ..ec2 import vpc_controller
from . import interfaces

NAMESPACE = f"{config.PREFIX}lambda"
DEVICE = "t3lambda"  # its end on the bridge
_PATIENCE = 30.0  # seconds until an interface is plugged in
_wanted = False  # without machines, for unit tests, functions run where their user's other programs do


@dataclass(frozen=True)
class Place:
    """A network namespace, None for this program's own, and the name server to ask there, None for the host's own."""

    namespace: str | None = None
    resolver: str | None = None

    def enter(self, command: list[str]) -> list[str]:
        """The command line of what is to run there."""
        return ["nsenter", f"--net={netns.path(self.namespace)}", "--", *command] if self.namespace else command


def install(machines: bool) -> None:
    global _wanted
    _wanted = machines


def real() -> bool:
    """Whether machines stand behind the API."""
    return _wanted


def outside_of_vpcs() -> Place:
    """The lab's own place, which is made with the first function."""
    if not _wanted:
        return Place()
    outside.ensure(NAMESPACE, DEVICE, config.LAMBDA_ADDRESS)
    return Place(NAMESPACE, config.HOST_ADDRESS)


def of_function(function: Any) -> Place:
    """
    Where a new execution environment of a function stands, once that is there.

    :raises TimeoutError: if its network interface is not plugged in.
    """
    found = interfaces.of_function(function)
    if not (_wanted and found):
        return outside_of_vpcs()
    chosen = random.choice(found)
    end = time.monotonic() + _PATIENCE
    while not vpc_controller.is_plugged(chosen.vpc_id, chosen.id):
        if time.monotonic() > end:
            raise TimeoutError(f"The network interface {chosen.id} of {function.function_name} is not plugged in.")
        time.sleep(0.02)
    return Place(f"{config.PREFIX}{chosen.id}", config.RESOLVER_ADDRESS)


def close() -> None:
    """Only what this process has made."""
    if _wanted:
        netns.delete(NAMESPACE)
