"""The clock of the schedules: fires those that are due. It runs as much faster as the lab's other delays."""

from __future__ import annotations

import datetime
import logging
import threading
import time
from dataclasses import dataclass, field
from typing import Any

from ... import config
from ...store import Notes
from . import delivery, expressions

_log = logging.getLogger("lab.scheduler")
_LONGEST = 1.0  # seconds until all schedules are looked at again: one may have been deleted, or moto reset
_bell = threading.Event()
_lock = threading.Lock()


@dataclass
class _Plan:
    """When a schedule is due, as long as its settings are these."""

    settings: tuple[Any, ...] = ()
    last: datetime.datetime | None = None
    due: datetime.datetime | None = None


@dataclass
class _State:
    thread: threading.Thread | None = None
    stopped: threading.Event = field(default_factory=threading.Event)
    begin: tuple[datetime.datetime, float] | None = None  # the clock's own beginning, and that of the lab's


_state = _State()
_plans: Notes[_Plan] = Notes(_Plan)


def now() -> datetime.datetime:
    """The time that schedules go by: the real one when it is first asked, and from then on faster."""
    if _state.begin is None:
        _state.begin = datetime.datetime.now(datetime.UTC), time.monotonic()
    moment, since = _state.begin
    return moment + datetime.timedelta(seconds=(time.monotonic() - since) * config.SPEED)


def look() -> None:
    """Say that a schedule has changed; the first one starts the clock."""
    with _lock:
        if _state.thread is None or not _state.thread.is_alive():  # as after a fork
            _state.stopped.clear()
            _state.thread = threading.Thread(target=_run, name="schedules", daemon=True)
            _state.thread.start()
    _bell.set()


def close() -> None:
    with _lock:
        thread, _state.thread, _state.begin = _state.thread, None, None
        _state.stopped.set()
    _bell.set()
    if thread:
        thread.join(5)


def _run() -> None:
    while not _state.stopped.is_set():
        _bell.clear()
        try:
            seconds = fire(now()) / config.SPEED
        except Exception:  # a schedule that cannot be read holds up no other for longer than this
            _log.exception("the schedules cannot be looked at")
            seconds = _LONGEST
        _bell.wait(min(seconds, _LONGEST))


def fire(moment: datetime.datetime) -> float:
    """Deliver what is due. Returns the seconds, by this clock, until the next schedule is."""
    from .schedules import every

    waits = []
    for schedule in every():
        plan = _plan(schedule, moment)
        while plan.due is not None and plan.due <= moment:
            delivery.begin(schedule, plan.due)
            plan.last = plan.due
            plan.due = _next(schedule, plan.last, moment)
        if plan.due is not None:
            waits.append((plan.due - moment).total_seconds())
    return min(waits, default=_LONGEST * config.SPEED)


def _plan(schedule: Any, moment: datetime.datetime) -> _Plan:
    """A schedule that was changed begins anew, from this moment on."""
    plan = _plans[schedule]
    settings = (
        schedule.schedule_expression,
        schedule.schedule_expression_timezone,
        schedule.state,
        str(schedule.start_date),
        str(schedule.end_date),
    )
    if plan.settings != settings:
        plan.settings, plan.last = settings, None
        plan.due = _next(schedule, None, moment)
    return plan


def _next(schedule: Any, last: datetime.datetime | None, moment: datetime.datetime) -> datetime.datetime | None:
    if schedule.state != "ENABLED":
        return None
    begin = _moment(schedule.start_date)
    found = expressions.parse(schedule.schedule_expression, schedule.schedule_expression_timezone).after(
        last, max(moment, begin) if begin else moment
    )
    end = _moment(schedule.end_date)
    return None if found is None or (end and found > end) else found


def _moment(date: Any) -> datetime.datetime | None:
    """A start or end date, which the API hands over in seconds."""
    return None if date is None else datetime.datetime.fromtimestamp(float(date), datetime.UTC)
