"""The database's machine goes away under load: callers are told to come again, and nothing acknowledged is lost."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import threading
import time
import uuid
from collections import Counter
from typing import Any

import pytest
import requests

from tests.api import poll

from .conftest import BIN, TOP, Stack, run
from .load import TIMEOUT, Load, Request


@pytest.mark.parametrize("how", ["rebooted", "killed"])
def test_a_database_that_comes_back_has_every_acknowledged_insert(how, stack, client, figures):
    mark = uuid.uuid4().hex
    inserts = [Request("/insert", {"name": f"{mark}-{number}"}) for number in range(10_000)]
    units = _units(stack)
    with Load(stack.api, rate=20, workers=16, requests=inserts) as load, _Asked(f"{stack.api}/fetch") as asked:
        poll(lambda: len(load.answers) > 40, deadline=30)
        assert load.failed() == []
        begin = time.monotonic()
        _restart(how, stack, client)

        def refused() -> bool:
            """some inserts were refused meanwhile"""
            return bool(load.failed(begin))

        def recovered() -> bool:
            """the newest 40 inserts were taken"""
            newest = load.answers[-40:]
            return bool(load.failed(begin)) and not any(answer.failed for answer in newest)

        poll(refused, deadline=30)
        poll(recovered, deadline=120)
        figures[f"seconds until inserts work again after the database was {how}"] = round(time.monotonic() - begin, 1)
    answers, failed = load.answers, load.failed()
    assert {answer.status for answer in failed} == {503}, failed[:3]
    assert max(answer.seconds for answer in answers) < TIMEOUT
    turned_away = [one for one in asked.answers if one[0] != 200]
    assert turned_away
    assert {(status, after) for status, after, _ in turned_away} == {(503, "5")}
    acknowledged = Counter(answer.request.body["name"] for answer in answers if not answer.failed)
    stored = Counter(name for _, name in requests.get(f"{stack.api}/fetch", timeout=30).json()["users"])
    assert acknowledged - stored == Counter()
    assert set(acknowledged.values()) == {1}
    assert max(stored[name] for name in acknowledged) == 1
    assert _units(stack) == units, "it recovered without a restart"
    figures[f"inserts acknowledged, refused, lost while the database was {how}"] = (
        f"{len(acknowledged)}, {len(failed)}, 0"
    )


class _Asked:
    """Somebody who asks again and again: status, Retry-After and seconds of each answer."""

    def __init__(self, url: str) -> None:
        self._url, self._stopped = url, threading.Event()
        self._thread = threading.Thread(target=self._work, daemon=True)
        self.answers: list[tuple[int, str | None, float]] = []

    def __enter__(self) -> _Asked:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopped.set()
        self._thread.join(2 * TIMEOUT)

    def _work(self) -> None:
        while not self._stopped.wait(0.5):
            begin = time.monotonic()
            answer = requests.get(self._url, timeout=TIMEOUT)
            seconds = time.monotonic() - begin
            self.answers.append((answer.status_code, answer.headers.get("Retry-After"), seconds))


def _restart(how: str, stack: Stack, client: Any) -> None:
    name = stack.database["DBInstanceIdentifier"]
    if how == "rebooted":
        client("rds").reboot_db_instance(DBInstanceIdentifier=name)
        return
    command = [str(BIN / "python"), "-m", "lab", "status", "--json"]
    rows = subprocess.run(command, cwd=TOP, capture_output=True, text=True, check=True).stdout
    os.kill(next(row["pid"] for row in json.loads(rows) if row["resource"] == name), signal.SIGKILL)


def _units(stack: Stack) -> dict[str, str]:
    """When each instance's service was started last."""
    shown = ("systemctl", "show", "flask-app", "-p", "NRestarts,ActiveEnterTimestampMonotonic,MainPID")
    names = [one["InstanceId"] for one in stack.instances("webapp")]
    return {name: run(BIN / "python", "-m", "lab", "shell", name, *shown).output for name in names}
