"""Slow work beside the controllers' rounds: at most one job for each resource at a time."""

from __future__ import annotations

import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

log = logging.getLogger("lab.jobs")


class Jobs:
    """A small pool of threads; a job is named after the resource it works on."""

    def __init__(self, workers: int = 8) -> None:
        self._pool = ThreadPoolExecutor(workers, thread_name_prefix="job")
        self._busy: set[str] = set()

    def __contains__(self, name: str) -> bool:
        return name in self._busy

    def start(self, name: str, work: Callable[[], None]) -> None:
        """Begin work unless the resource is busy; an error is logged, and the next round tries again."""
        if name in self._busy:
            return
        self._busy.add(name)
        self._pool.submit(self._run, name, work)

    def close(self) -> None:
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _run(self, name: str, work: Callable[[], None]) -> None:
        try:
            work()
        except Exception:
            log.exception("%s failed", name)
        finally:
            self._busy.discard(name)
