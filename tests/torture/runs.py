"""Runs of a playbook: to the end, or to a certain change and not one step further."""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import subprocess
import time
import urllib.request
from pathlib import Path
from typing import Any

from tests.api import BIN, TOP
from tests.process_marks import marked_processes, new_mark


class Runs:
    """Playbooks of one stack against one API.

    :param options: what ansible-playbook is given each time: the inventory, extra variables.
    :param environment: what it finds beside this process's own and the stack's name.
    :param access_key: whose calls fail; those of machines on a lab are left alone.
    """

    def __init__(
        self, endpoint: str, access_key: str, stack: str, log: Path, environment: dict[str, str], *options: str
    ) -> None:
        self._endpoint, self._access_key, self._options = endpoint, access_key, options
        self._log, self._environment = log, environment | {"THREETIER_STACK": stack}
        self.kills = self.throttled = 0

    def to_the_end(self, playbook: str, *options: str, deadline: float = 3600) -> dict[str, int]:
        """Ansible's counters of localhost; RuntimeError with what it said if it failed."""
        process, _ = start(self._log, self._environment, playbook, *self._options, *options)
        process.wait(deadline)
        said = self._log.read_text()
        if process.returncode:
            raise RuntimeError(
                f"{playbook}.yml ended with {process.returncode}; the end of {self._log}:\n{said[-6000:]}"
            )
        return {key: int(value) for key, value in re.findall(r"(\w+)=(\d+)", said.rsplit("PLAY RECAP", 1)[1])}

    def throttle(self, every: int, playbook: str, *options: str) -> None:
        """To the end, though every n-th call is throttled."""
        self._faults("PUT", every=every, access_key=self._access_key)
        try:
            self.to_the_end(playbook, *options)
        finally:
            self.throttled += self._faults("DELETE")["throttled"]

    def kill(self, playbook: str, changes: int, *options: str, deadline: float = 3600) -> bool:
        """SIGKILL for every process of a run, after so many changing calls. False if it came to its end before."""
        self._faults("PUT", hold_after=changes, access_key=self._access_key)
        try:
            process, known = start(self._log, self._environment, playbook, *self._options, *options)
            end = time.monotonic() + deadline
            while process.poll() is None and not self._faults("GET")["held"]:
                if time.monotonic() > end:
                    raise RuntimeError(f"{playbook}.yml came neither to {changes} changes nor to its end")
                time.sleep(0.1)
            killed = process.returncode is None
            end_all(process, known)
        finally:
            self._faults("DELETE")
        self.kills += killed
        return killed

    def _faults(self, method: str, **wanted: Any) -> dict[str, Any]:
        body = json.dumps(wanted).encode() if wanted else None
        request = urllib.request.Request(f"{self._endpoint}/lab/faults", body, method=method)
        with urllib.request.urlopen(request, timeout=60) as answer:
            return dict(json.load(answer))


def start(
    log: Path, environment: dict[str, str], playbook: str, *options: str
) -> tuple[subprocess.Popen[bytes], dict[str, str]]:
    """The process, and the mark by which end_all() knows it and all that it starts."""
    known = new_mark()
    with log.open("wb") as file:
        process = subprocess.Popen(
            [BIN / "ansible-playbook", *options, f"playbooks/{playbook}.yml"],
            cwd=TOP,
            env={**os.environ, **environment, "ANSIBLE_NOCOLOR": "1", **known},
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    return process, known


def end_all(process: subprocess.Popen[bytes], known: dict[str, str]) -> None:
    """SIGKILL for every process of a run."""
    while alive := list(marked_processes(known)):
        for entry in alive:
            with contextlib.suppress(ProcessLookupError):
                os.kill(int(entry.name), signal.SIGKILL)
        process.poll()
    process.wait(10)
