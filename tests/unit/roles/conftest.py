"""The real playbooks and inventories against the API alone: no machine behind it."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
import yaml

TOP = Path(__file__).resolve().parents[3]
BIN = Path(sys.executable).parent
_KEYS = {"access_key": "LKIATHREETIERUNITTESTS", "secret_key": "threetier-unit-tests-open-nothing-at-all"}


@pytest.fixture(scope="session")
def endpoint() -> Iterator[str]:
    command = [sys.executable, "-m", "lab", "api", "--port", "0"]
    environment = {**os.environ, "MOTO_EC2_LOAD_DEFAULT_AMIS": "false"}
    with subprocess.Popen(command, cwd=TOP, env=environment, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout
        yield server.stdout.readline().strip()
        server.terminate()


@pytest.fixture(scope="session")
def client(endpoint: str) -> Callable[[str], Any]:
    return lambda service: boto3.client(
        service,
        region_name="us-east-1",
        endpoint_url=endpoint,
        aws_access_key_id=_KEYS["access_key"],
        aws_secret_access_key=_KEYS["secret_key"],
    )


@pytest.fixture(scope="session")
def inventory(endpoint: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The lab's inventory, pointed at the API of these tests; nothing else in it changes."""
    place = tmp_path_factory.mktemp("inventories") / "lab"
    (place / "group_vars").mkdir(parents=True)
    source = TOP / "inventories/lab"
    lab = yaml.safe_load((source / "group_vars/lab.yml").read_text())
    lab["threetier_aws"] |= {"endpoint_url": endpoint, **_KEYS}
    (place / "group_vars/lab.yml").write_text(yaml.safe_dump(lab))
    (place / "group_vars/all").symlink_to(TOP / "group_vars")
    (place / "group_vars/aws_ec2.yml").symlink_to(TOP / "inventories/instances.yml")
    (place / "hosts.yml").write_text((source / "hosts.yml").read_text())
    plugin = yaml.safe_load((source / "aws_ec2.yml").read_text())
    (place / "aws_ec2.yml").write_text(yaml.safe_dump(plugin | {"endpoint_url": endpoint, **_KEYS}))
    return place


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
            env={**os.environ, "THREETIER_STACK": stack, "ANSIBLE_NOCOLOR": "1"},
            text=True,
            capture_output=True,
            timeout=300,
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
