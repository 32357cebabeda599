"""How late this machine is: deadlines of checks count the time that things would have taken on a machine at rest.

The lab's guests share the processors of one machine. If three times as many of its tasks want to run as it has
processors, each takes three times as long, and a health check that allows two seconds would fail a healthy target.
So deadlines are counted on a clock that goes slower by as much.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from pathlib import Path

_EVERY = 0.25  # seconds between two looks
_SPAN = 4.0  # seconds over which looks are averaged


class Lateness:
    """Pure but for its two sources: a clock, and how many tasks want to run for each processor."""

    def __init__(self, demand: Callable[[], float], clock: Callable[[], float] = time.monotonic) -> None:
        self._demand, self._clock = demand, clock
        self._lock = threading.Lock()
        self._smooth = 1.0
        self._counted = 0.0
        self._seen = clock()

    def factor(self) -> float:
        """How much longer things take now; 1 on a machine at rest."""
        with self._lock:
            self._look()
            return max(1.0, self._smooth)

    def clock(self) -> float:
        """Seconds that only ever grow, by less while the machine is late."""
        with self._lock:
            self._look()
            return self._counted + (self._clock() - self._seen) / max(1.0, self._smooth)

    def _look(self) -> None:
        passed = self._clock() - self._seen
        if passed < _EVERY:
            return
        # If nobody looked for long, what is seen now stands for the last _SPAN seconds and no more.
        weight = min(1.0, passed / _SPAN)
        self._counted += passed / max(1.0, self._smooth)
        self._smooth += weight * (self._demand() - self._smooth)
        self._seen += passed


def _demand() -> float:
    """Tasks that run or could run, for each processor."""
    running = Path("/proc/loadavg").read_text().split()[3].partition("/")[0]
    return int(running) / (os.cpu_count() or 1)


machine = Lateness(_demand)
