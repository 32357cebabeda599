# -*- coding: utf-8 -*-
# Copyright: Contributors to threetier.aws
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
"""Processes of this machine: which one holds a lease, and whether it is still there. Private to this collection."""

from __future__ import annotations

import contextlib
import os
import platform
import select
import signal
import time


def machine() -> str:
    """Where process numbers mean something: a boot of a kernel and a namespace of processes in it (a container's)."""
    try:
        with open("/proc/sys/kernel/random/boot_id") as boot:
            return f"{boot.read().strip()}/{os.readlink('/proc/self/ns/pid')}"
    except OSError:  # no Linux
        return platform.node()


def started(pid: int) -> str:
    """When a process started, in the kernel's ticks since the boot; empty where that cannot be read or it has ended."""
    try:
        with open(f"/proc/{pid}/stat") as stat:
            state, *fields = stat.read().rpartition(")")[2].split()
    except OSError:
        return ""
    return "" if state in "ZX" else fields[18]


def is_alive(pid: int, since: str) -> bool:
    """Whether the process of this number is the one that started then; without a start, whether there is one."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:  # another user's, of which /proc may show nothing
        return started(pid) in (since, "")
    return started(pid) == since


def _ignores(pid: int, number: signal.Signals) -> bool:
    """Whether a process ignores a signal, as one does with SIGINT that a shell has started in its background."""
    with contextlib.suppress(OSError), open(f"/proc/{pid}/status") as status:
        for line in status:
            if line.startswith("SigIgn:"):
                return bool(int(line.split()[1], 16) & 1 << (number - 1))
    return False


class Watched:
    """A process that is there, held in view: no other one can take its number unnoticed."""

    def __init__(self, pid: int) -> None:
        self._pid, self._started = pid, started(pid)
        self._handle = os.pidfd_open(pid) if hasattr(os, "pidfd_open") else None

    def ends_within(self, seconds: float) -> bool:
        """Whether it has ended; waits for that so long."""
        if self._handle is not None:
            return bool(select.select([self._handle], [], [], seconds)[0])
        end = time.monotonic() + seconds
        while is_alive(self._pid, self._started) and time.monotonic() < end:
            time.sleep(0.5)
        return not is_alive(self._pid, self._started)

    def interrupt(self, why: str) -> None:
        """End it as Ctrl-C would, and tell the reason where it tells its errors."""
        with contextlib.suppress(OSError), open(f"/proc/{self._pid}/fd/2", "w") as errors:
            errors.write(f"\nERROR: {why}\n")
        with contextlib.suppress(ProcessLookupError):
            os.kill(self._pid, signal.SIGTERM if _ignores(self._pid, signal.SIGINT) else signal.SIGINT)
