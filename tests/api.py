"""The lab's API alone, and the lab's inventory pointed at it: what playbooks need to run without machines."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import yaml

TOP = Path(__file__).resolve().parents[1]
BIN = Path(sys.executable).parent
KEYS = {"access_key": "LKIATHREETIERUNITTESTS", "secret_key": "threetier-unit-tests-open-nothing-at-all"}
# Nobody can log in to a builder here: its plays are left out, and the image is taken of it as it is.
NO_MACHINES = {"webapp_builder_failure": "", "bastion_wait_timeout": 0}
NO_HOSTS = ("--limit", "localhost:regions")  # nobody waits for hosts that are not there


def paced(speed: float = 60) -> dict[str, str]:
    """The environment in which polls come so many times faster: in this API nothing takes time that is not told to."""
    return {"PYTHONPATH": str(TOP / "tests/pace"), "THREETIER_PACE": str(speed)}


@contextlib.contextmanager
def serve(*options: str) -> Iterator[str]:
    """The endpoint of an API that is there as long as the block; options of `lab api`."""
    command = [sys.executable, "-m", "lab", "api", "--port", "0", *options]
    environment = {**os.environ, "MOTO_EC2_LOAD_DEFAULT_AMIS": "false"}
    with subprocess.Popen(command, cwd=TOP, env=environment, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout
        try:
            yield server.stdout.readline().strip()
        finally:
            server.terminate()


def poll(what: Callable[[], Any], deadline: float, pause: float = 0.5) -> Any:
    """The first true value of what(); the test fails with the last one when the deadline (seconds) has passed."""
    end = time.monotonic() + deadline
    while not (seen := what()):
        assert time.monotonic() < end, f"not within {deadline} s: {what.__doc__ or what}: {seen!r}"
        time.sleep(pause)
    return seen


def calls(endpoint: str, after: int = 0) -> list[dict[str, Any]]:
    """The API's log of calls, from the one after that number on."""
    with urllib.request.urlopen(f"{endpoint}/lab/calls?after={after}", timeout=60) as answer:
        return list(json.load(answer))


def writes(endpoint: str, after: int = 0) -> int:
    """How many of those calls have changed something. The lease is left out: it is no part of a stack."""
    return sum(call["writes"] and call["service"] != "ssm" for call in calls(endpoint, after))


def last_call(endpoint: str) -> int:
    """The number of the last one made; 0 if none was."""
    made = calls(endpoint)
    return int(made[-1]["number"]) if made else 0


def client_of(endpoint: str, access_key: str, secret_key: str, region: str = "us-east-1") -> Callable[[str], Any]:
    return lambda service: boto3.client(
        service,
        region_name=region,
        endpoint_url=endpoint,
        aws_access_key_id=access_key,
        aws_secret_access_key=secret_key,
    )


def lab() -> dict[str, str]:
    """Endpoint and keys of the lab that runs on this machine, as its inventory has them."""
    plugin = yaml.safe_load((TOP / "inventories/lab/threetier.yml").read_text())
    return {name: plugin[name] for name in ("endpoint_url", "access_key", "secret_key")}


def make_inventory(place: Path, endpoint: str, **options: Any) -> Path:
    """The lab's inventory at a new place; nothing but the endpoint, the keys and the plugin's given options differ."""
    (place / "group_vars").mkdir(parents=True)
    source = TOP / "inventories/lab"
    (place / f"group_vars/{place.name}.yml").symlink_to(source / "group_vars/lab.yml")
    (place / "group_vars/all").symlink_to(TOP / "group_vars")
    (place / "group_vars/aws_ec2.yml").symlink_to(TOP / "inventories/ssh.yml")
    plugin = yaml.safe_load((source / "threetier.yml").read_text())
    (place / "threetier.yml").write_text(yaml.safe_dump(plugin | {"endpoint_url": endpoint, **KEYS, **options}))
    return place
