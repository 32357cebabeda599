"""How many requests somebody has sent of late."""

from __future__ import annotations

import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Hashable

_SHARES = 30  # that a window is counted in


class Rates:
    """Counts by key, over a window that moves on with the clock."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock, self._lock = clock, threading.Lock()
        self._shares: dict[tuple[Hashable, int], deque[tuple[int, Counter[str]]]] = {}

    def count(self, key: tuple[str, str, str], window: int) -> int:
        """
        Add a request.

        :param key: the web ACL, its rule, and whose request it is.
        :param window: seconds.
        :returns: the requests within the window, this one among them.
        """
        *rule, whose = key
        now = int(self._clock() * _SHARES / window)
        with self._lock:
            shares = self._shares.setdefault((tuple(rule), window), deque())
            while shares and shares[0][0] <= now - _SHARES:
                shares.popleft()
            if not shares or shares[-1][0] != now:
                shares.append((now, Counter()))
            shares[-1][1][whose] += 1
            return sum(counted[whose] for _, counted in shares)
