"""Several people run playbooks of one stack at once: one does, the others are told, and nothing is there twice."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests import api
from tests.api import BIN, TOP, poll
from tests.process_marks import marked_processes, new_mark
from tests.torture.duplicates import duplicates
from tests.torture.runs import end_all

ROUNDS = int(os.environ.get("THREETIER_LEASE_ROUNDS", "2"))  # of several runs at once; ten when one has the time
HOLD = "../tests/playbooks/hold"
TAKE = (HOLD, "-e", f"hold_until={TOP}")  # that is there already
REFUSED = r"{stack} in us-east-1 is being changed by (\S+@\S+) \((\w+\.yml)\) since \d\d:\d\d:\d\d UTC\. Wait for it"


@pytest.fixture
def start(inventory: Path, stack: str, tmp_path: Path) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """start("network", who="ana", …) is a run that has only begun. At the end one that goes on is killed, and of one
    that has ended nothing may be left."""
    begun: list[tuple[subprocess.Popen[str], dict[str, str]]] = []

    def run(playbook: str, *options: str, who: str = "ana") -> subprocess.Popen[str]:
        known = new_mark()
        process = subprocess.Popen(
            [BIN / "ansible-playbook", "-i", inventory, f"playbooks/{playbook}.yml", *options],
            cwd=TOP,
            env={
                **os.environ,
                **api.paced(),
                **known,
                "THREETIER_STACK": stack,
                "THREETIER_RUN": who,
                "ANSIBLE_NOCOLOR": "1",
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        begun.append((process, known))
        process.known = known  # type: ignore[attr-defined]
        return process

    yield run
    left = [known for process, known in begun if process.poll() is not None]
    for process, known in begun:
        if process.poll() is None:
            end_all(process, known)
        process.stdout.close()
    poll(lambda: not any(list(marked_processes(known)) for known in left), deadline=30)


@pytest.fixture
def lease(client: Callable[[str], Any], stack: str) -> Callable[[], str]:
    """lease() is the value of the parameter, as it is in AWS; empty if there is none."""

    def read() -> str:
        ssm = client("ssm")
        try:
            return ssm.get_parameter(Name=f"/threetier/{stack}/lease")["Parameter"]["Value"]
        except ssm.exceptions.ParameterNotFound:
            return ""

    return read


def said_by(process: subprocess.Popen[str]) -> str:
    """All that it said, on one line; it has ended by then."""
    return re.sub(r"\s+", " ", process.communicate(timeout=300)[0])


def given_back(lease: Callable[[], str]) -> bool:
    return '"run": null' in lease()


@pytest.mark.parametrize("stack", [f"together-{number}" for number in range(ROUNDS)])
def test_of_three_at_once_one_builds_and_the_others_are_told(client, lease, stack, start):
    runs = [start("network", who=who) for who in ("ana", "bob", "eve")]
    ended = [(said_by(run), run.returncode) for run in runs]
    built = [said for said, code in ended if code == 0]
    told = [said for said, code in ended if code != 0]
    assert built, told
    assert told, built  # a slow one may come after the first has ended, but not all of them
    for said in told:
        assert re.search(REFUSED.format(stack=stack), said), said
    assert duplicates(client, stack) == []
    assert len(client("ec2").describe_vpcs(Filters=[{"Name": "tag:Stack", "Values": [stack]}])["Vpcs"]) == 1
    poll(lambda: given_back(lease), deadline=10)


def test_a_teardown_leaves_no_lease_and_one_that_is_not_meant_makes_none(ansible, lease, play, stack):
    assert ansible("playbook", "playbooks/teardown.yml").returncode != 0
    assert lease() == ""
    play("network")
    assert "run" in lease()
    play("teardown", teardown_confirm=stack)
    assert lease() == ""


@pytest.fixture
def held(start, lease, tmp_path) -> Iterator[subprocess.Popen[str]]:
    """Ana's run, which holds the lease and goes no further."""
    done = tmp_path / "done"
    run = start(HOLD, "-e", f"hold_until={done}")
    poll(lambda: '"hold.yml"' in lease(), deadline=60)
    yield run
    done.touch()  # or what a killed run has begun would wait for it


def test_a_killed_run_lets_go_of_it_at_once(held, lease):
    held.kill()
    poll(lambda: given_back(lease), deadline=10)


def test_a_run_that_was_killed_with_all_that_belongs_to_it_is_seen_to_be_gone(held, lease, start):
    end_all(held, held.known)
    assert not given_back(lease)
    assert "failed=0" in said_by(start(*TAKE, who="bob"))
    poll(lambda: given_back(lease), deadline=10)


def test_an_interrupted_run_lets_go_of_it(held, lease):
    held.send_signal(signal.SIGINT)
    held.wait(30)
    poll(lambda: given_back(lease), deadline=10)
    poll(lambda: not list(marked_processes(held.known)), deadline=30)


def test_who_waits_gets_it(held, lease, start):
    waiting = start(*TAKE, "-e", "threetier_lease_timeout=60", who="bob")
    time.sleep(8)
    assert waiting.poll() is None
    held.kill()
    assert "failed=0" in said_by(waiting)


def test_a_lease_is_broken_by_the_name_of_its_holder_only(held, lease, start, stack):
    holder = json.loads(lease())["run"]["holder"]
    said = said_by(start(*TAKE, "-e", "threetier_break_lease=anna", who="bob"))
    assert f"The lease is not anna's: {stack} in us-east-1 is being changed by {holder}" in said
    assert "failed=0" in said_by(start(*TAKE, "-e", f"threetier_break_lease={holder}", who="bob"))
    poll(lambda: held.poll() is not None, deadline=120)
    assert "The lease of this run was broken. It ends here" in said_by(held)
    assert given_back(lease)


def test_what_only_looks_needs_none(held, ansible):
    done = ansible("playbook", "playbooks/network.yml", "--check")
    assert done.returncode == 0, done.stdout
