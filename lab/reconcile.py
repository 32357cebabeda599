"""The services' controllers at work: what the API says is wanted, and they make the machine match it, key by key."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Hashable, Iterable, Iterator
from typing import Any, Protocol

from . import services
from .ports import Port
from .workqueue import WorkQueue

log = logging.getLogger("lab.reconcile")
RESYNC = 2.0  # seconds after which every key is looked at again, whether or not something has changed
_PATIENCE = 20.0  # seconds that work has to end when the lab goes down


class Controller(Protocol):
    """One kind of resource. Each call may find the world in any state, a crashed one included."""

    workers: int  # how many resources are worked on at a time

    def keys(self) -> Iterable[Hashable]:
        """The resources that the API has, and those that are gone there and not yet here."""

    def reconcile(self, key: Any) -> float | None:
        """Carry one resource on. Returns the seconds after which to look again; None: when something has changed."""

    def status(self) -> list[dict[str, Any]]:
        """Rows of `lab status`: resource, kind, state, behind, and pid where there is a machine."""

    def close(self) -> None:
        """Take down what stands behind the resources."""


class Manager:
    """Gives each controller a queue of keys and workers of its own, so that what is slow or fails holds up no other."""

    def __init__(self, controllers: Iterable[Controller] | None = None) -> None:
        """:param controllers: the last one is closed first; those of all services if not given."""
        self._bell, self._stopped = threading.Event(), threading.Event()
        self._controllers = list(services.controllers(self) if controllers is None else controllers)
        self._queues = [WorkQueue() for _ in self._controllers]
        self._workers: list[threading.Thread] = []

    def wake(self) -> None:
        """Say that something has changed. Any thread may."""
        self._bell.set()

    def run(self) -> None:
        """Until stop() is called from another thread or a signal's handler."""
        for controller, queue in zip(self._controllers, self._queues, strict=True):
            for number in range(controller.workers):
                name = f"{type(controller).__name__} {number}"
                worker = threading.Thread(target=self._work, args=(controller, queue), name=name, daemon=True)
                self._workers.append(worker)
                worker.start()
        while not self._stopped.is_set():
            self._bell.clear()
            for controller, queue in zip(self._controllers, self._queues, strict=True):
                self._list(controller, queue)
            self._bell.wait(RESYNC)
            self._stopped.wait(0.02)  # what comes in bursts is looked at once

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
        for queue in self._queues:
            queue.close()
        end = time.monotonic() + _PATIENCE
        for worker in self._workers:
            worker.join(max(0.0, end - time.monotonic()))
        for controller in reversed(self._controllers):
            try:
                controller.close()
            except Exception:
                log.exception("%s cannot be closed", type(controller).__name__)

    def _list(self, controller: Controller, queue: WorkQueue) -> None:
        try:
            for key in list(controller.keys()):
                queue.add(key)
        except Exception:  # a dictionary that grew meanwhile, for example; the next round lists it
            log.exception("the resources of %s cannot be listed", type(controller).__name__)

    def _work(self, controller: Controller, queue: WorkQueue) -> None:
        while (key := queue.take()) is not None:
            try:
                again = controller.reconcile(key)
            except Exception:
                if queue.failed(key) == 1:  # once, not with each attempt
                    log.exception("%s %s failed; it is tried again", type(controller).__name__, key)
            else:
                queue.done(key, again)
