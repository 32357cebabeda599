"""Pure: when a schedule is due, by its expression: rate(…), cron(…) or at(…)."""

from __future__ import annotations

import calendar
import datetime
import re
from collections.abc import Iterator
from dataclasses import dataclass
from zoneinfo import ZoneInfo

_UNITS = {"minute": 60, "hour": 3600, "day": 86400}
_MONTHS = {name.upper(): number for number, name in enumerate(calendar.month_abbr) if name}
_DAYS = {name: number for number, name in enumerate(("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"), 1)}
_FAR = 366 * 8 + 1  # days that are looked through: a 29th of February is among them


class Malformed(ValueError):
    """The expression is none."""


@dataclass(frozen=True)
class Rate:
    """At once and then every so many seconds."""

    seconds: int

    def after(self, moment: datetime.datetime | None, now: datetime.datetime) -> datetime.datetime:
        """:param moment: when it was due last; None: never."""
        return now if moment is None else moment + datetime.timedelta(seconds=self.seconds)


@dataclass(frozen=True)
class At:
    """Once."""

    moment: datetime.datetime

    def after(self, moment: datetime.datetime | None, _now: datetime.datetime) -> datetime.datetime | None:
        return self.moment if moment is None else None


@dataclass(frozen=True)
class Cron:
    """By the clock on the wall: a time that summer time leaves out is left out, one that comes twice counts once."""

    minutes: frozenset[int]
    hours: frozenset[int]
    days: str
    months: frozenset[int]
    weekdays: str
    years: frozenset[int]
    zone: ZoneInfo

    def after(self, moment: datetime.datetime | None, now: datetime.datetime) -> datetime.datetime | None:
        begin = moment or now
        first = begin.astimezone(self.zone).date()
        for offset in range(_FAR):
            day = first + datetime.timedelta(days=offset)
            if day.year in self.years and day.month in self.months and self._on(day):
                for due in self._times(day):
                    if due > begin:
                        return due
        return None

    def _on(self, day: datetime.date) -> bool:
        if self.days != "?":
            return _is_day(self.days, day)
        return any(_is_weekday(part, day) for part in self.weekdays.split(","))

    def _times(self, day: datetime.date) -> Iterator[datetime.datetime]:
        for hour in sorted(self.hours):
            for minute in sorted(self.minutes):
                local = datetime.datetime.combine(day, datetime.time(hour, minute), self.zone)
                due = local.astimezone(datetime.UTC)
                if due.astimezone(self.zone).replace(tzinfo=None) == local.replace(tzinfo=None):
                    yield due


def parse(expression: str, zone: str = "UTC") -> Rate | At | Cron:
    """:raises Malformed: for what is no expression of EventBridge Scheduler."""
    found = re.fullmatch(r"(rate|cron|at)\((.*)\)", expression)
    if found is None:
        raise Malformed(expression)
    try:
        where = ZoneInfo(zone)
        if found[1] == "rate":
            return _rate(found[2])
        if found[1] == "at":
            return At(datetime.datetime.fromisoformat(found[2]).replace(tzinfo=where).astimezone(datetime.UTC))
        return _cron(found[2].split(), where)
    except (KeyError, OSError, ValueError) as problem:  # a zone that is not there is one of the first two
        raise Malformed(expression) from problem


def _rate(text: str) -> Rate:
    found = re.fullmatch(r"([1-9]\d*) (minute|hour|day)s?", text)
    if found is None:
        raise Malformed(text)
    return Rate(int(found[1]) * _UNITS[found[2]])


def _cron(parts: list[str], zone: ZoneInfo) -> Cron:
    minutes, hours, days, months, weekdays, years = parts
    if (days == "?") == (weekdays == "?"):
        raise Malformed("one of day-of-month and day-of-week is a question mark")
    _check_days(days, weekdays)
    return Cron(
        _numbers(minutes, 0, 59),
        _numbers(hours, 0, 23),
        days,
        _numbers(months, 1, 12, _MONTHS),
        weekdays,
        _numbers(years, 1970, 2199),
        zone,
    )


def _check_days(days: str, weekdays: str) -> None:
    """:raises ValueError: for words that no day could fit."""
    if days != "?" and not re.fullmatch(r"L|\d+W|LW", days):
        _numbers(days, 1, 31)
    for part in weekdays.split(",") if weekdays != "?" else ():
        if not re.fullmatch(r"[1-7]L|[1-7]#[1-5]|L", part):
            _numbers(part, 1, 7, _DAYS)


def _numbers(text: str, least: int, most: int, names: dict[str, int] | None = None) -> frozenset[int]:
    """Such as "*", "5", "1-5", "0/15", "MON-FRI" or several with commas between."""
    found: set[int] = set()
    for part in text.split(","):
        span, _, step = part.partition("/")
        first, _, last = span.partition("-")
        begin = least if first == "*" else _number(first, names)
        end = _number(last, names) if last else most if first == "*" or step else begin
        if not least <= begin <= end <= most:
            raise ValueError(text)
        found |= set(range(begin, end + 1, int(step or 1)))
    return frozenset(found)


def _number(text: str, names: dict[str, int] | None) -> int:
    return (names or {}).get(text.upper()) or int(text)


def _is_day(text: str, day: datetime.date) -> bool:
    last = calendar.monthrange(day.year, day.month)[1]
    if text == "L":
        return day.day == last
    if text.endswith("W"):
        wanted = last if text == "LW" else min(int(text[:-1]), last)
        return day == _nearest_working_day(day.replace(day=wanted), last)
    return day.day in _numbers(text, 1, 31)


def _nearest_working_day(day: datetime.date, last: int) -> datetime.date:
    """In the same month."""
    if day.weekday() == 5:
        return day.replace(day=day.day - 1) if day.day > 1 else day.replace(day=3)
    if day.weekday() == 6:
        return day.replace(day=day.day + 1) if day.day < last else day.replace(day=day.day - 2)
    return day


def _is_weekday(text: str, day: datetime.date) -> bool:
    number = day.isoweekday() % 7 + 1  # Sunday is 1
    if text == "L":
        return number == 7
    if text.endswith("L"):
        last = calendar.monthrange(day.year, day.month)[1]
        return number == int(text[0]) and day.day + 7 > last
    if "#" in text:
        return number == int(text[0]) and (day.day - 1) // 7 + 1 == int(text[2])
    return number in _numbers(text, 1, 7, _DAYS)
