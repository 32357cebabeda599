# -*- coding: utf-8 -*-
# Copyright: Contributors to threetier.aws
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
"""The process that renews a lease while its run lasts, and gives it back when that ends. Private to this collection.

A process of its own, for Ansible runs nothing after a run that failed or was killed.
"""

from __future__ import annotations

import os
import signal
import time
from typing import Callable

from ansible_collections.amazon.aws.plugins.module_utils.exceptions import AnsibleAWSError

from ansible_collections.threetier.aws.plugins.module_utils._lease import entries
from ansible_collections.threetier.aws.plugins.module_utils._lease.parameter import Parameter
from ansible_collections.threetier.aws.plugins.module_utils._lease.process import Watched


def start(connect: Callable[[], Parameter], run: entries.Run) -> None:
    """Fork it. It has no terminal, no file of its parent's, and outlives it.

    :param connect: makes a parameter with a connection of its own.
    """
    if os.fork():
        return
    code = 1
    try:
        os.setsid()
        os.chdir("/")
        nothing = os.open(os.devnull, os.O_RDWR)
        for number in range(3):
            os.dup2(nothing, number)
        os.closerange(3, 1 << 16)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        keep(connect(), run, Watched(run.pid))
        code = 0
    finally:
        os._exit(code)


def keep(parameter: Parameter, run: entries.Run, watched: Watched) -> None:
    """Until the run ends or somebody has taken over. What AWS does not do is tried again at the next renewal."""
    while not watched.ends_within(entries.RENEWAL):
        try:
            entry = parameter.renew(run)
        except AnsibleAWSError:
            continue
        if not entry:  # a teardown has deleted the parameter
            return
        if not entry.run or not entry.run.same(run):
            watched.interrupt(entries.broken(entry))
            return
    end = time.monotonic() + entries.LIFETIME
    while time.monotonic() < end:
        try:
            parameter.give_back(run)
            return
        except AnsibleAWSError:
            time.sleep(1)
