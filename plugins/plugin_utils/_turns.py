# -*- coding: utf-8 -*-
# Copyright: Contributors to threetier.aws
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
"""
Threads that take turns. One at a time runs, and the others run while it waits for something outside of this process.

Ansible's code is not made for threads. It may run in some of them if no two run it at the same moment.
"""

from __future__ import annotations

import contextlib
import contextvars
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, wait
from typing import TypeVar

_T = TypeVar("_T")
_WAKE = 0.5  # seconds
_turn: contextvars.ContextVar[threading.Lock | None] = contextvars.ContextVar("turn", default=None)


@contextlib.contextmanager
def waiting() -> Iterator[None]:
    """Others may run as long as the block waits. Changes nothing where no turns are taken."""
    turn = _turn.get()
    if turn is None:
        yield
        return
    turn.release()
    try:
        yield
    finally:
        turn.acquire()


def run(works: Sequence[Callable[[], _T]], most: int) -> Iterator[_T]:
    """
    Do all works, begun in their order, and give what they return, in their order and as soon as it is there.

    What a work raises is raised here. Works that have not begun by then, or when the caller goes away, never begin.

    :param most: how many may have begun and not ended.
    """
    turn = threading.Lock()
    ends: list[Future[_T]] = [Future() for _work in works]
    left = deque(zip(works, ends, strict=True))

    def take_turns() -> None:
        _turn.set(turn)
        with turn:
            while left:
                work, end = left.popleft()
                try:
                    end.set_result(work())
                except BaseException as error:
                    end.set_exception(error)

    for _thread in range(min(most, len(works))):
        # Each has the caller's context, as it is now, to itself: there Ansible keeps which task runs.
        threading.Thread(target=contextvars.copy_context().run, args=(take_turns,), daemon=True).start()
    try:
        for end in ends:
            # Python handles signals in this thread, but the system may give one to another thread, which does not wake
            # this one. So it wakes by itself, and an interrupted playbook leaves nothing running.
            while not wait([end], timeout=_WAKE).done:
                pass
            yield end.result()
    finally:
        left.clear()
