"""The controllers: what the API says is wanted, and they make the machine match it, round after round."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from typing import Any, Protocol

from . import config, services
from .ports import Port

log = logging.getLogger("lab.reconcile")


class Controller(Protocol):
    """One kind of resource. Each round may find the world in any state, a crashed one included."""

    def reconcile(self) -> None: ...

    def status(self) -> list[dict[str, Any]]: ...

    def close(self) -> None: ...


class Loop:
    """Calls every controller in turn: at once when woken, else every half second."""

    def __init__(self) -> None:
        self._bell, self._stopped = threading.Event(), threading.Event()
        self._failing: set[str] = set()
        self._controllers: list[Controller] = services.controllers(self)

    def wake(self) -> None:
        self._bell.set()

    def run(self) -> None:
        """Until stop() is called from another thread."""
        while not self._stopped.is_set():
            self._bell.wait(config.TICK)
            self._bell.clear()
            for controller in self._controllers:
                self._try(type(controller).__name__.lower(), controller.reconcile)

    def stop(self) -> None:
        self._stopped.set()
        self.wake()

    def ports(self) -> Iterator[Port]:
        """Everything that the controllers have plugged into VPCs."""
        for controller in self._controllers:
            yield from getattr(controller, "ports", tuple)()

    def status(self) -> list[dict[str, Any]]:
        return [row for controller in self._controllers for row in controller.status()]

    def close(self) -> None:
        """Take everything down, the last first; what one controller cannot end does not keep the others from it."""
        for controller in reversed(self._controllers):
            self._try(f"closing {type(controller).__name__.lower()}", controller.close)

    def _try(self, name: str, work: Any) -> None:
        try:
            work()
            self._failing.discard(name)
        except Exception:
            if name not in self._failing:  # once, not in each round
                log.exception("%s failed; trying again each round", name)
            self._failing.add(name)
