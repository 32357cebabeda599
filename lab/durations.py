"""How long AWS takes to make and to delete things: a table, divided by the speed, to rehearse the waiting."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import yaml

from . import config
from .store import Notes

TABLE = Path(__file__).with_suffix(".yml")
_since: Notes[dict[str, float]] = Notes(dict)  # of each resource: when somebody first asked about a kind of duration
_seconds: dict[str, float] = {}  # by kind, on the lab's clock; empty: everything is ready as soon as it is


def load(file: Path, speed: float = config.SPEED) -> dict[str, float]:
    """
    Read a table of durations.

    :param file: YAML, kind of resource to seconds on AWS; the kinds are those of TABLE.
    :param speed: how much faster time passes here.
    :returns: seconds by kind, on the lab's clock.
    :raises ValueError: a sentence that says what is wrong with the file or the speed.
    """
    known = yaml.safe_load(TABLE.read_text())
    try:
        wanted = yaml.safe_load(file.read_text())
    except (OSError, yaml.YAMLError) as error:
        raise ValueError(f"{file} cannot be read as a table of durations: {error}") from None
    if speed <= 0:
        raise ValueError(f"The speed is {speed:g}; it has to be above 0.")
    if not isinstance(wanted, dict):
        raise ValueError(f"{file} is no table. It takes lines such as `database: 540`.")
    for kind, seconds in wanted.items():
        if kind not in known:
            raise ValueError(f"{file}: {kind} is unknown. It takes {', '.join(known)}.")
        if isinstance(seconds, bool) or not isinstance(seconds, int | float) or seconds < 0:
            raise ValueError(f"{file}: {kind} is {seconds!r}. It takes seconds, 0 or more.")
    return {kind: seconds / speed for kind, seconds in wanted.items()}


def rehearse(seconds: dict[str, float]) -> None:
    """Let things take so long from now on: what load() returns, or {} for no time at all."""
    _seconds.clear()
    _seconds.update(seconds)


def of(kind: str) -> float:
    """Seconds that this kind takes, on the lab's clock; 0 for no time at all."""
    return _seconds.get(kind, 0)


def held(kind: str, resource: Any) -> bool:
    """Whether a resource is still being made or deleted, however far what is behind it; from the first question on."""
    if not (seconds := of(kind)):
        return False
    begin = _since[resource].setdefault(kind, time.monotonic())
    return time.monotonic() - begin < seconds
