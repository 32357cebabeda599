"""Which execution environment takes an invocation: a warm one of the function as it is now, or else a new one."""

from __future__ import annotations

import collections
import contextlib
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

from . import environments
from .environments import Environment, Outcome

_OLDEST = 3000.0  # seconds: its role's credentials end after an hour
_IDLE = 300.0  # seconds that one is kept for nothing
_idle: dict[Any, list[Environment]] = {}
_busy: collections.Counter[str] = collections.Counter()  # invocations under way, by the function's ARN
_changed = threading.Condition()
_reaper: threading.Thread | None = None


class Throttled(Exception):
    """The function has as many invocations under way as it may have at once."""


def key_of(function: Any) -> str:
    """The function's ARN without its version, by which its invocations are counted and its environments kept."""
    return ":".join(function.function_arn.split(":")[:7])


@contextlib.contextmanager
def slot(function: str, most: int | None) -> Iterator[None]:
    """
    One of the invocations that a function may have at once.

    :param most: its reserved concurrency; None for as many as come.
    :raises Throttled: if there is none left.
    """
    with _changed:
        if most is not None and _busy[function] >= most:
            raise Throttled(function)
        _busy[function] += 1
    try:
        yield
    finally:
        with _changed:
            _busy[function] -= 1


def invoke(key: Any, make: Callable[[], Environment], task: dict[str, Any], is_current: Callable[[], bool]) -> Outcome:
    """
    Run a task in an environment that is kept for the key, or in a new one.

    :param key: a tuple that begins with the function's ARN, followed by all that its environments depend on.
    :param is_current: whether the function still has that key when the task is done; else its environment goes.
    """
    environment = _take(key) or make()
    outcome = environment.invoke(task)
    loaded = not (outcome.failed and str(outcome.payload.get("errorType", "")) in environments.UNLOADED)
    if environment.alive and loaded and is_current():
        with _changed:
            _idle.setdefault(key, []).append(environment)
            _watch()
    else:
        environment.kill()
    return outcome


def end(function: str) -> None:
    """End what is kept for a function, whose code or settings have changed, or which is gone."""
    with _changed:
        ended = [one for key in list(_idle) if key[0] == function for one in _idle.pop(key)]
    for one in ended:
        one.kill()


def counts() -> dict[str, tuple[int, int]]:
    """By function's ARN, how many environments are kept warm, and how many are at work."""
    with _changed:
        warm = collections.Counter[str]()
        for key, kept in _idle.items():
            warm[key[0]] += len(kept)
        return {function: (warm[function], _busy[function]) for function in warm.keys() | _busy.keys()}


def close() -> None:
    """End them all, those that are at work too."""
    with _changed:
        _idle.clear()
        _changed.notify_all()
    for one in list(environments.alive):
        one.kill()


def _take(key: Any) -> Environment | None:
    """The warmest one that can be used."""
    while True:
        with _changed:
            found = _idle[key].pop() if _idle.get(key) else None
        if found is None or (found.alive and time.monotonic() < _last_use(found)):
            return found
        found.kill()


def _last_use(one: Environment) -> float:
    """The moment from which on it is not to be used again."""
    return min(one.begun + _OLDEST, one.used + _IDLE)


def _watch() -> None:
    """Have those that are kept for nothing ended in time. Called with the lock."""
    global _reaper
    if _reaper is None or not _reaper.is_alive():
        _reaper = threading.Thread(target=_reap, name="idle functions", daemon=True)
        _reaper.start()


def _reap() -> None:
    global _reaper
    while True:
        with _changed:
            ended = _take_overdue()
            if not ended:
                if not any(_idle.values()):
                    _reaper = None
                    return
                _changed.wait(min(_last_use(one) for kept in _idle.values() for one in kept) - time.monotonic())
        for one in ended:
            one.kill()


def _take_overdue() -> list[Environment]:
    now, ended = time.monotonic(), []
    for key, kept in list(_idle.items()):
        ended += [one for one in kept if _last_use(one) <= now]
        _idle[key] = [one for one in kept if _last_use(one) > now]
        if not _idle[key]:
            del _idle[key]
    return ended
