"""How far a follower is behind: its binary log has two times of each transaction, of its commit there and here."""

from __future__ import annotations

import struct
import time
from pathlib import Path

from . import mysql

_HEADER = struct.Struct("<IBIIIH")  # time, type, server, size, where the next one begins, flags
EVERY = 5.0  # seconds; AWS takes a minute
_MAGIC = 4  # bytes before the first event
_GTID = 33  # the event that begins a transaction
_TIMES = 42  # bytes of a GTID's own before its times
_TWO = 1 << 55  # of the first time: the source's follows; else they are the same


class Lag:
    """Looks every few seconds, from where it has read to."""

    def __init__(self, data: Path) -> None:
        """:param data: the follower's data directory."""
        self._data = data
        self._file: Path | None = None
        self._at = _MAGIC
        self._due = 0.0

    def milliseconds(self) -> float | None:
        """The mean of the transactions since the last look, 0 if there was none; None if it is too early to look."""
        if time.monotonic() < self._due:
            return None
        self._due = time.monotonic() + EVERY
        logs = mysql.logs(self._data)
        if not logs:
            return 0.0
        if self._file != logs[-1]:
            self._file, self._at = logs[-1], _MAGIC
        delays, read = delays_in(self._file, self._at)
        self._at += read
        return sum(delays) / len(delays) / 1000 if delays else 0.0


def delays_in(file: Path, begin: int) -> tuple[list[int], int]:
    """Microseconds of each transaction from a place in a binary log on, and how many bytes are whole events."""
    with file.open("rb") as opened:
        opened.seek(begin)
        content = opened.read()
    at, delays = 0, []
    while at + _HEADER.size <= len(content):
        _, kind, _, size, _, _ = _HEADER.unpack_from(content, at)
        if size < _HEADER.size or at + size > len(content):
            break  # still being written
        if kind == _GTID:
            times = content[at + _HEADER.size + _TIMES :]
            here = int.from_bytes(times[:7], "little")
            there = int.from_bytes(times[7:14], "little") if here & _TWO else here
            delays.append((here & ~_TWO) - there)
        at += size
    return delays, at
