"""One process and all it starts: seconds, processor time, calls of the API, peak memory."""

from __future__ import annotations

import contextlib
import ctypes
import os
import resource
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests import api
from tests.api import TOP
from tests.process_marks import marked_processes, new_mark

_PR_SET_CHILD_SUBREAPER = 36  # whose parent has ended becomes this process's child, and its time is counted here
_EVERY = 0.2  # seconds between two looks at the memory


def measure(
    command: list[str | Path], endpoint: str, speed: float = 1, deadline: float = 3600, **environment: str
) -> dict[str, Any]:
    """Run it from the top of the checkout. RuntimeError with the end of what it said, if it fails.

    :param speed: of the region: polls come as much faster.
    :param environment: what it finds beside this process's own.
    :returns: seconds, processor (seconds of processor time, the API's own left out), calls, mib (the most proportional
        set size, summed over its processes), output.
    """
    begin, known = api.last_call(endpoint), new_mark()
    paced = api.paced(speed) if speed != 1 else {}
    found = {**os.environ, "ANSIBLE_NOCOLOR": "1", **paced, **environment, **known}
    ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    others, before = _children(), _processor_time()
    with _peak(known) as peak:
        start = time.monotonic()
        done = subprocess.run(
            command, cwd=TOP, env=found, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=deadline,
            check=False,
        )  # fmt: skip
        seconds = time.monotonic() - start
    for left in _children() - others:  # the warm worker, which ends with Ansible
        os.waitpid(left, 0)
    if done.returncode:
        raise RuntimeError(
            f"{' '.join(map(str, command))} ended with {done.returncode}:\n{done.stdout[-4000:]}{done.stderr[-2000:]}"
        )
    made = len(api.calls(endpoint, begin))
    spent = round(_processor_time() - before, 3)
    return {
        "seconds": round(seconds, 3), "processor": spent, "calls": made, "mib": round(peak[0]), "output": done.stdout
    }  # fmt: skip


def _children() -> set[int]:
    """Those that this process's main thread has started, and those whose parent has ended."""
    return set(map(int, Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()))


def _processor_time() -> float:
    """Of all children that have ended, and of theirs."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


@contextlib.contextmanager
def _peak(known: dict[str, str]) -> Iterator[list[float]]:
    """The first item is the most MiB seen in use at once, by all processes that carry the mark."""
    peak, ended = [0.0], threading.Event()

    def watch() -> None:
        while not ended.wait(_EVERY):
            peak[0] = max(peak[0], sum(map(_mib, marked_processes(known))))

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield peak
    finally:
        ended.set()
        watcher.join()


def _mib(process: Path) -> float:
    """Proportional set size: what forks share counts once."""
    with contextlib.suppress(OSError, IndexError, ValueError):
        return int((process / "smaps_rollup").read_text().split("\nPss:")[1].split()[0]) / 1024
    return 0
