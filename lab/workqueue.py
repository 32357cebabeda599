"""A queue of keys to be worked on, as controllers have it: each key once, and never two workers on one key."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Hashable

FIRST, LONGEST = 0.5, 10.0  # seconds until a key that failed is tried again; the delay doubles with each failure


class WorkQueue:
    """A key that is added while it is worked on is handed out once more afterwards, however often it was added."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._changed = threading.Condition()
        self._due: dict[Hashable, float] = {}  # when each waiting key may be handed out
        self._busy: set[Hashable] = set()
        self._failures: dict[Hashable, int] = {}
        self._not_before: dict[Hashable, float] = {}  # of the keys that failed
        self._closed = False

    def add(self, key: Hashable, delay: float = 0) -> None:
        """Have the key handed out after so many seconds at the latest; one that failed not before its delay is over."""
        with self._changed:
            due = max(self._clock() + delay, self._not_before.get(key, 0.0))
            if due < self._due.get(key, float("inf")):
                self._due[key] = due
                self._changed.notify()

    def take(self) -> Hashable | None:
        """Wait for a key that is due; done() or failed() is to follow. None when the queue is closed."""
        with self._changed:
            while not self._closed:
                now = self._clock()
                key = min((one for one in self._due if one not in self._busy), key=self._due.__getitem__, default=None)
                if key is not None and self._due[key] <= now:
                    del self._due[key]
                    self._busy.add(key)
                    return key
                self._changed.wait(None if key is None else self._due[key] - now)
            return None

    def done(self, key: Hashable, again: float | None = None) -> None:
        """The key was worked on without an error.

        :param again: seconds after which it is to be handed out once more; None: when it is added.
        """
        with self._changed:
            self._busy.discard(key)
            self._failures.pop(key, None)
            self._not_before.pop(key, None)
            self._changed.notify()
        if again is not None:
            self.add(key, again)

    def failed(self, key: Hashable) -> int:
        """The key's work ended with an error: it is handed out again after its delay. Returns its failures in a row."""
        with self._changed:
            self._busy.discard(key)
            count = self._failures[key] = self._failures.get(key, 0) + 1
            due = self._clock() + min(LONGEST, FIRST * 2 ** (count - 1))
            self._due[key] = self._not_before[key] = due
            self._changed.notify()
            return count

    def close(self) -> None:
        """Hand out nothing more."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
