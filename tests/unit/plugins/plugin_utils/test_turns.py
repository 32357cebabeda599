"""Threads that take turns: what the process is told meanwhile."""

from __future__ import annotations

import subprocess
import sys

from tests.api import TOP

# A work that is given the signal instead of the main thread, as a busy system does, and then waits for a long time.
PROGRAM = """
import os, signal, threading, time
from ansible_collections.threetier.aws.plugins.plugin_utils import _turns

def work():
    with _turns.waiting():
        time.sleep(1)  # the main thread waits by then
        signal.pthread_kill(threading.get_ident(), signal.SIGTERM)
        time.sleep(60)

signal.signal(signal.SIGTERM, lambda *_: os._exit(7))
list(_turns.run([work], 1))
"""


def test_a_signal_that_a_thread_is_given_ends_the_run_all_the_same():
    environment = {"PYTHONPATH": str(TOP / ".venv/collections")}
    process = subprocess.run([sys.executable, "-c", PROGRAM], env=environment, timeout=30, check=False)
    assert process.returncode == 7
