"""What EC2's status checks see of a guest: whether it came up, and whether its system still answers."""

from __future__ import annotations

import subprocess
from pathlib import Path

from ... import config
from ...lateness import machine as lateness
from ...machine import Machine

_EVERY = 20.0  # seconds between two checks of a guest; AWS takes a minute
_FAILURES = 2  # in a row that make it impaired


class StatusChecks:
    """Counts seconds on the clock that the machine's own lateness holds up, so that load alone impairs nobody."""

    def __init__(self) -> None:
        self._begun: dict[str, float] = {}  # since when it boots
        self._due: dict[str, float] = {}
        self._failed: dict[str, tuple[int, str]] = {}

    def forget(self, name: str) -> None:
        """Begin anew: it boots, or it is gone."""
        for known in (self._begun, self._due, self._failed):
            known.pop(name, None)

    def started(self, name: str, machine: Machine) -> bool:
        """Whether it is up, or has had all the time to get there: on AWS too, what does not boot is running."""
        begun = self._begun.setdefault(name, lateness.clock())
        if machine.booted():
            return True
        late = lateness.clock() - begun > config.BOOT_DEADLINE
        if late:
            self._failed[name] = (_FAILURES, f"it did not boot in {config.BOOT_DEADLINE:.0f} s")
        return late

    def failing(self, name: str, machine: Machine) -> str | None:
        """Why a guest that runs is impaired, None if it is not."""
        now = lateness.clock()
        if now >= self._due.get(name, 0.0):
            self._due[name] = now + _EVERY
            why = _look(machine)
            count = self._failed.get(name, (0, ""))[0]
            self._failed[name] = (count + 1, why) if why else (0, "")
        count, why = self._failed.get(name, (0, ""))
        return why if count >= _FAILURES else None


def _look(machine: Machine) -> str:
    """What is wrong with a guest's system, nothing if it is well."""
    if not machine.booted():
        return "its system does not answer"
    deadline = 10 * lateness.factor()
    try:
        said = machine.run(["systemctl", "is-system-running"], deadline=deadline).stdout.strip()
    except subprocess.TimeoutExpired:
        return f"its system does not answer in {deadline:.0f} s"
    except RuntimeError as problem:
        return str(problem)
    if said in ("maintenance", "unknown", "offline", ""):
        return f"its system is in the state {said or 'unknown'}"
    if said in ("running", "degraded") and Path(f"/proc/{machine.init}/root/run/nologin").exists():
        return "its system came up and lets nobody log in"
    return ""
