"""The controllers: what the API says is wanted, and they make the machine match it, round after round."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from typing import Any, Protocol

from .. import config
from ..ports import Port

log = logging.getLogger("lab.controllers")


class Controller(Protocol):
    """One kind of resource. Each round may find the world in any state, a crashed one included."""

    def reconcile(self) -> None: ...

    def status(self) -> list[dict[str, Any]]: ...

    def close(self) -> None: ...


class Loop:
    """Calls every controller in turn: at once when woken, else every half second."""

    def __init__(self) -> None:
        from .balancers import Balancers
        from .databases import Databases
        from .groups import Groups
        from .instances import Instances
        from .metrics import Metrics
        from .names import Names
        from .vpcs import Vpcs

        self.vpcs, self.instances, self.databases = Vpcs(), Instances(), Databases()
        self.balancers, self.groups = Balancers(), Groups()
        self.names = Names(self.vpcs)
        self.metrics = Metrics(self.balancers)
        self._plugged = (self.instances, self.databases, self.balancers)
        self._controllers: tuple[Controller, ...] = (
            *(self.groups, self.instances, self.databases, self.balancers, self.names, self.metrics),
        )
        self._bell, self._stopped = threading.Event(), threading.Event()
        self._failing: set[str] = set()

    def wake(self) -> None:
        self._bell.set()

    def run(self) -> None:
        """Until stop() is called from another thread."""
        while not self._stopped.is_set():
            self._bell.wait(config.TICK)
            self._bell.clear()
            self.round()

    def round(self) -> None:
        self._try("vpcs", lambda: self.vpcs.reconcile(list(self._ports())))
        for controller in self._controllers:
            self._try(type(controller).__name__.lower(), controller.reconcile)

    def stop(self) -> None:
        self._stopped.set()
        self.wake()

    def status(self) -> list[dict[str, Any]]:
        return [row for controller in (self.vpcs, *self._controllers) for row in controller.status()]

    def close(self) -> None:
        """Take everything down; what one controller cannot end does not keep the others from it."""
        for controller in (self.groups, self.balancers, self.names, self.databases, self.instances, self.vpcs):
            self._try(f"closing {type(controller).__name__.lower()}", controller.close)

    def _ports(self) -> Iterator[Port]:
        for controller in self._plugged:
            yield from controller.ports()

    def _try(self, name: str, work: Any) -> None:
        try:
            work()
            self._failing.discard(name)
        except Exception:
            if name not in self._failing:  # once, not in each round
                log.exception("%s failed; trying again each round", name)
            self._failing.add(name)
