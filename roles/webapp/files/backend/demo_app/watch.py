"""A worker's eye on itself: without credentials for AWS it says so where the balancer asks, and ends at last.

What is away for all (the database, a service of AWS) is not looked at here: to replace instances would help nobody.
Credentials come from the instance's own metadata service, so it is this instance, or this process, that lacks them.
"""

from __future__ import annotations

import contextlib
import logging
import os
import signal
import threading

from .aws import Account

EVERY = 5.0  # seconds between two looks
SICK = 30.0  # seconds without credentials until `/` says so: the group then replaces the instance
LOST = 120.0  # seconds until the worker ends, and the server starts another one

_log = logging.getLogger(__name__)


def start(account: Account) -> None:
    """Watch until the process ends; called once in each worker."""
    threading.Thread(target=_watch, args=(account,), name="watch", daemon=True).start()


def is_sick(account: Account) -> bool:
    return account.missing_for() > SICK


def _watch(account: Account) -> None:
    pause = threading.Event()
    while account.missing_for() < LOST:
        with contextlib.suppress(Exception):  # it is in missing_for
            account.check()
        pause.wait(EVERY)
    _log.error("There have been no credentials for %d s. This worker ends, and another one begins.", LOST)
    os.kill(os.getpid(), signal.SIGTERM)
