"""One lab started from nothing; the tests of the files 1 to 6 follow each other on it, as a user would go."""

from __future__ import annotations

import dataclasses
import json
import os
import re
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest

from lab import config
from tests import api

TOP = Path(__file__).resolve().parents[2]
BIN = TOP / ".venv/bin"
REPORT = TOP / ".cache/e2e"
STACK = os.environ.get("THREETIER_STACK", "demo-app")
_LAB = api.lab()
REGION = "us-east-1"  # of inventories/lab


@dataclasses.dataclass
class Run:
    """What a command said, how it ended, and how long it took."""

    code: int
    output: str
    seconds: float
    calls: list[dict[str, Any]] = dataclasses.field(default_factory=list)  # of the API, where the test asks for them

    def recap(self) -> dict[str, dict[str, int]]:
        """Ansible's counters by host."""
        lines = re.findall(r"^(\S+)\s+: (ok=.*)$", self.output, re.MULTILINE)
        return {host: {k: int(v) for k, v in re.findall(r"(\w+)=(\d+)", counters)} for host, counters in lines}

    def why(self, mark: str = "fatal|failed") -> str:
        """The tasks that say so (mark is a regular expression) with their messages, or else the end of the output."""
        tasks = re.split(r"^(?=.*\bTASK \[)", self.output, flags=re.MULTILINE)
        told = [task[:2000] for task in tasks if re.search(rf"\b(?:{mark}): \[", task)]
        return "\n".join(told[:4]) or self.output[-3000:]

    def total(self, counter: str) -> int:
        return sum(counters[counter] for counters in self.recap().values())


def run(*argv: str | Path, deadline: float = 900, **environment: str) -> Run:
    """Run a command of the checkout from a shell that knows nothing but where it is; the output is kept in a file."""
    kept = {key: os.environ[key] for key in ("PATH", "HOME", "LANG", "TERM", "THREETIER_STACK") if key in os.environ}
    kept |= {key: value for key, value in os.environ.items() if key.startswith(("PIP_", "SSL_", "REQUESTS_"))}
    begin = time.monotonic()
    done = subprocess.run(
        [str(word) for word in argv],
        cwd=TOP,
        env={**kept, "NO_COLOR": "1", "ANSIBLE_NOCOLOR": "1", **environment},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=deadline,
        check=False,
    )
    seconds = time.monotonic() - begin
    REPORT.mkdir(parents=True, exist_ok=True)
    name = re.sub(r"[^\w.-]+", "-", " ".join(Path(str(word)).name for word in argv))[:80]
    (REPORT / f"{name}.log").write_text(done.stdout)
    return Run(done.returncode, done.stdout, seconds)


def playbook(name: str, *options: str, **environment: str) -> Run:
    """A playbook of the checkout, on the lab's inventory."""
    return run(BIN / "ansible-playbook", "-i", "inventories/lab", f"playbooks/{name}.yml", *options, **environment)


@pytest.fixture(scope="session")
def figures() -> Iterator[dict[str, Any]]:
    """Figures that a person wants to know, printed at the end and kept as JSON."""
    found: dict[str, Any] = {}
    yield found
    REPORT.mkdir(parents=True, exist_ok=True)
    (REPORT / "figures.json").write_text(json.dumps(found, indent=2))
    print("\n" + "\n".join(f"  {name}: {value}" for name, value in found.items()))


def asked(after: int = 0) -> list[dict[str, Any]]:
    """What the operator has asked of the API since the call of that number: the playbooks, and these tests."""
    return [call for call in api.calls(_LAB["endpoint_url"], after) if call["access_key"] == _LAB["access_key"]]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--running", action="store_true", help="take the lab and the site as they run, and leave them so")


@pytest.fixture(scope="session")
def lab(figures: dict[str, Any], request: pytest.FixtureRequest) -> Iterator[None]:
    """A lab from nothing. It goes down with the tests, however they end."""
    if request.config.getoption("running"):
        yield
        return
    run(BIN / "python", "-m", "lab", "down")
    begun = run(BIN / "python", "-m", "lab", "up")
    assert begun.code == 0, begun.output
    figures["seconds of lab up"] = round(begun.seconds, 1)
    yield
    shutil.copy(config.LOG, REPORT / "lab.log")
    run(BIN / "python", "-m", "lab", "down")


@pytest.fixture(scope="session")
def site(lab: None, figures: dict[str, Any]) -> Run:
    """The first `make site`."""
    built = run("make", "site")
    built.calls = asked()  # nothing but the playbooks was there yet to ask
    assert built.code == 0, built.why()
    figures["seconds of the first make site"] = round(built.seconds, 1)
    return built


@pytest.fixture(scope="session")
def client() -> Callable[[str], Any]:
    """client("ec2"): boto3 as the lab's operator."""

    def make(service: str) -> Any:
        return boto3.client(
            service,
            region_name=REGION,
            endpoint_url=_LAB["endpoint_url"],
            aws_access_key_id=_LAB["access_key"],
            aws_secret_access_key=_LAB["secret_key"],
        )

    return make


@pytest.fixture(scope="session")
def stack(site: Run, client: Callable[[str], Any]) -> Stack:
    return Stack(client)


class Stack:
    """What the site consists of, found in the API each time it is asked for."""

    name = STACK

    def __init__(self, client: Callable[[str], Any]) -> None:
        self.client = client

    def instances(self, role: str) -> list[dict[str, Any]]:
        filters = {"tag:Stack": self.name, "tag:Role": role, "instance-state-name": "running"}
        answer = self.client("ec2").describe_instances(Filters=[{"Name": k, "Values": [v]} for k, v in filters.items()])
        return [instance for reservation in answer["Reservations"] for instance in reservation["Instances"]]

    @property
    def balancer(self) -> dict[str, Any]:
        return self.client("elbv2").describe_load_balancers(Names=[f"{self.name}-alb"])["LoadBalancers"][0]

    @property
    def api(self) -> str:
        return f"http://{self.balancer['DNSName']}"

    @property
    def page(self) -> str:
        return f"http://{self.name}-frontend-s3-bucket-{config.ACCOUNT}.s3-website-{REGION}.amazonaws.com/"

    @property
    def database(self) -> dict[str, Any]:
        found = self.client("rds").describe_db_instances()["DBInstances"]
        return next(d for d in found if {"Key": "Stack", "Value": self.name} in d["TagList"])

    def targets(self) -> dict[str, str]:
        """State by instance id, as the target group sees it."""
        elb = self.client("elbv2")
        group = elb.describe_target_groups(Names=[f"{self.name}-tg"])["TargetGroups"][0]
        found = elb.describe_target_health(TargetGroupArn=group["TargetGroupArn"])["TargetHealthDescriptions"]
        return {target["Target"]["Id"]: target["TargetHealth"]["State"] for target in found}

    def healthy(self) -> list[str]:
        return [instance_id for instance_id, state in self.targets().items() if state == "healthy"]
