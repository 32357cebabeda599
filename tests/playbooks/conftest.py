"""The real playbooks and inventories against the API alone: no machine behind it."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests import api
from tests.api import BIN, TOP
from tests.walk.stacks import Regions, Stack
from tests.walk.states import STATES


@pytest.fixture(scope="session")
def endpoint() -> Iterator[str]:
    with api.serve() as found:
        yield found


@pytest.fixture(scope="session")
def client(endpoint: str) -> Callable[[str], Any]:
    return api.client_of(endpoint, **api.KEYS)


@pytest.fixture(scope="session")
def inventory(endpoint: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The lab's inventory, pointed at the API of these tests; nothing else in it changes."""
    return api.make_inventory(tmp_path_factory.mktemp("inventories") / "lab", endpoint)


@pytest.fixture(scope="session")
def regions(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Regions]:
    found = Regions(tmp_path_factory.mktemp("regions"))
    yield found
    found.close()


@pytest.fixture(scope="session")
def state(regions: Regions) -> Iterator[Callable[[str], Stack]]:
    """state("stopped") is a stack in that state of tests/walk/states.py, made once; who changes it takes a copy."""
    made: dict[str, Stack] = {}
    copies: list[Stack] = []

    def find(name: str) -> Stack:
        if name not in made:
            wanted = STATES[name]
            stack = regions.copy(find(wanted.of) if wanted.of else regions.empty)
            copies.append(stack)
            wanted.make(stack)
            made[name] = stack
        return made[name]

    yield find
    for stack in copies:
        os.kill(stack.pid, signal.SIGTERM)


@pytest.fixture
def stack(request: pytest.FixtureRequest) -> str:
    """A stack of its own for each test, of the characters that all services take."""
    return re.sub(r"[^a-z]", "", request.node.name.removeprefix("test_"))[:16]


@pytest.fixture
def ansible(inventory: Path, stack: str) -> Callable[..., subprocess.CompletedProcess[str]]:
    """ansible("playbook", "playbooks/site.yml", …) with the inventory and the test's stack."""

    def run(command: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [BIN / f"ansible-{command}", "-i", inventory, *arguments],
            cwd=TOP,
            env={**os.environ, **api.paced(), "THREETIER_STACK": stack, "ANSIBLE_NOCOLOR": "1"},
            text=True,
            capture_output=True,
            timeout=900,
            check=False,
        )

    return run


@pytest.fixture
def play(ansible: Callable[..., subprocess.CompletedProcess[str]]) -> Callable[..., dict[str, int]]:
    """play("network", nat_per_az=True) runs a playbook, which must not fail, and returns Ansible's counters."""

    def run(name: str, *arguments: str, **variables: Any) -> dict[str, int]:
        done = ansible("playbook", f"playbooks/{name}.yml", "-e", json.dumps(variables), *arguments)
        assert done.returncode == 0, done.stdout + done.stderr
        recap = done.stdout.rsplit("PLAY RECAP", 1)[1]
        return {key: int(value) for key, value in re.findall(r"(\w+)=(\d+)", recap)}

    return run


@pytest.fixture
def writes(endpoint: str) -> Callable[..., Any]:
    """writes() is where the log of calls is now; writes(mark) are the calls since then that change something."""

    def ask(mark: int | None = None) -> Any:
        if mark is None:
            return api.last_call(endpoint)
        return [call for call in api.calls(endpoint, mark) if call["writes"]]

    return ask
