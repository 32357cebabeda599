"""When EC2's status checks call a guest impaired."""

from __future__ import annotations

import subprocess
from types import SimpleNamespace
from typing import Any

import pytest

from lab import config
from lab.services.ec2 import status_checks


class Guest:
    """A machine that says what the test wants."""

    def __init__(self) -> None:
        self.up, self.said, self.hangs, self.init = True, "running", False, 2**22 + 1  # no process has this number

    def booted(self) -> bool:
        return self.up

    def run(self, _argv: list[str], deadline: float) -> Any:
        if self.hangs:
            raise subprocess.TimeoutExpired("systemctl", deadline)
        return SimpleNamespace(stdout=self.said + "\n")


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Any:
    made = SimpleNamespace(now=1000.0)
    late = SimpleNamespace(clock=lambda: made.now, factor=lambda: 1.0)
    monkeypatch.setattr(status_checks, "lateness", late)
    return made


def failing(checks: status_checks.StatusChecks, guest: Guest, clock: Any, times: int = 1) -> str | None:
    why = None
    for _ in range(times):
        clock.now += 30
        why = checks.failing("i-1", guest)  # type: ignore[arg-type]
    return why


@pytest.mark.parametrize("state", ["running", "degraded", "starting"])
def test_a_guest_whose_system_works_is_well(clock: Any, state: str) -> None:
    guest, checks = Guest(), status_checks.StatusChecks()
    guest.said = state
    assert failing(checks, guest, clock, 5) is None


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"up": False}, "does not answer"),
        ({"hangs": True}, "does not answer in 10 s"),
        ({"said": "maintenance"}, "in the state maintenance"),
    ],
)
def test_a_guest_is_impaired_when_two_checks_in_a_row_fail(clock: Any, change: dict[str, Any], why: str) -> None:
    guest, checks = Guest(), status_checks.StatusChecks()
    vars(guest).update(change)
    assert failing(checks, guest, clock) is None
    assert why in str(failing(checks, guest, clock))
    well = Guest()
    assert failing(checks, well, clock) is None


def test_a_guest_that_lets_nobody_log_in_is_impaired(
    clock: Any, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "nologin").touch()
    monkeypatch.setattr(status_checks, "Path", lambda _path: tmp_path / "nologin")
    guest, checks = Guest(), status_checks.StatusChecks()
    assert "lets nobody log in" in str(failing(checks, guest, clock, 2))
    guest.said = "starting"  # as long as it starts, nobody may
    assert failing(checks, guest, clock) is None


def test_what_does_not_boot_in_time_runs_and_is_impaired(clock: Any) -> None:
    guest, checks = Guest(), status_checks.StatusChecks()
    guest.up = False
    assert not checks.started("i-1", guest)  # type: ignore[arg-type]
    clock.now += config.BOOT_DEADLINE + 1
    assert checks.started("i-1", guest)  # type: ignore[arg-type]
    assert "does not answer" in str(checks.failing("i-1", guest))  # type: ignore[arg-type]  # at the first look
