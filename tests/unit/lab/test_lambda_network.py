"""Functions stand in a network namespace of the lab's own, and reach no private network from there."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator

import pytest

from lab import config, netns
from lab.services.lambda_ import network

_TRY = "import socket, sys; socket.create_connection((sys.argv[1], int(sys.argv[2])), 5)"


@pytest.fixture
def internet(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """An internet of the test's own, so that a lab may run beside it."""
    if os.geteuid() != 0:
        pytest.skip("needs root, to make network namespaces")
    name = f"t3t{os.getpid()}"
    for setting, value in {
        "BRIDGE": name,
        "INTERNET": "203.0.113.0/24",
        "HOST_ADDRESS": "203.0.113.1",
        "LAMBDA_ADDRESS": "203.0.113.15",
    }.items():
        monkeypatch.setattr(config, setting, value)
    monkeypatch.setattr(network, "NAMESPACE", f"{name}-lambda")
    monkeypatch.setattr(network, "DEVICE", f"{name}f")
    netns.ip("link", "add", name, "type", "bridge")
    netns.ip("addr", "add", f"{config.HOST_ADDRESS}/24", "dev", name)
    netns.ip("link", "set", name, "up")
    network.install(True)
    yield
    network.close()
    network.install(False)
    netns.ip("link", "del", name)


def reaches(port: int) -> bool:
    tried = [*network.prefix(), sys.executable, "-c", _TRY, config.HOST_ADDRESS, str(port)]
    return subprocess.run(tried, capture_output=True, check=False).returncode == 0


@pytest.mark.usefixtures("internet")
def test_functions_reach_the_api_and_nothing_else_of_the_machine() -> None:
    inside = subprocess.run([*network.prefix(), "readlink", "/proc/self/ns/net"], capture_output=True, check=True)
    assert inside.stdout.decode().strip() != os.readlink("/proc/self/ns/net")
    for port, expected in ((config.API_PORT, True), (config.WEBSITE_PORT, True), (2222, False)):
        with socket.create_server((config.HOST_ADDRESS, port)):
            assert reaches(port) == expected


def test_without_machines_functions_run_where_their_users_programs_do() -> None:
    assert network.prefix() == []
