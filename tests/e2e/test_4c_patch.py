"""A fleet under load is patched, with a host that refuses and a run that is killed; nobody who asks notices."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time

import pytest
import requests

from .conftest import BIN, STACK, TOP, poll, run
from .load import Load
from .repository import PACKAGE, Repository

SIZE = int(os.environ.get("PATCH_HOSTS", "3"))
REPORT = TOP / f"inventories/lab/.cache/patch-{STACK}"
OURS = {"PatchSuspended", "PatchMinSize", "PatchImage"}


def _play(name: str, *more: str):
    return run(BIN / "ansible-playbook", "-i", "inventories/lab", name, *more)


def _on(hosts: str, command: str) -> dict[str, str]:
    """What a command of root's says on each host."""
    module = ("-b", "-o", "-m", "ansible.builtin.shell", "-a", command)
    done = run(BIN / "ansible", "-i", "inventories/lab", hosts, *module)
    lines = [line for line in done.output.splitlines() if " | CHANGED" in line and "(stdout)" in line]
    return {line.split(" | ")[0]: line.split("(stdout)", 1)[1].strip() for line in lines}


def _versions(hosts: str) -> dict[str, str]:
    return _on(hosts, f"dpkg-query -W -f '${{Version}}' {PACKAGE}")


def _group(stack) -> dict:
    found = stack.client("autoscaling").describe_auto_scaling_groups(AutoScalingGroupNames=[f"{STACK}-asg"])
    return found["AutoScalingGroups"][0]


def _states(stack) -> dict[str, str]:
    return {member["InstanceId"]: member["LifecycleState"] for member in _group(stack)["Instances"]}


def _notes(stack) -> set[str]:
    """What a run has left to undo: tags of the group, suspended processes, hosts out of service."""
    group = _group(stack)
    left = OURS & {tag["Key"] for tag in group["Tags"]}
    left |= {process["ProcessName"] for process in group["SuspendedProcesses"]}
    return left | {state for state in _states(stack).values() if state != "InService"}


@pytest.fixture(scope="module")
def repository(stack, tmp_path_factory):
    made = Repository(stack.client("s3"), tmp_path_factory.mktemp("repository"), STACK)
    made.publish("1.0")
    yield made
    made.close()


@pytest.fixture(scope="module")
def fleet(stack, repository) -> list[str]:
    """Hosts of an image that has the probe, all of them; those before are stopped and started anew from it."""
    baked = _play("tests/e2e/probe.yml", "-e", json.dumps({"probe_source": repository.source}))
    assert baked.code == 0, baked.why()
    stopped = _play("playbooks/scale.yml", "-e", "scale_desired=0", "-e", "scale_min=0")
    assert stopped.code == 0, stopped.why()
    grown = _play(
        "playbooks/scale.yml", "-e", f"scale_desired={SIZE}", "-e", "scale_min=1", "-e", f"scale_max={SIZE + 1}"
    )
    assert grown.code == 0, grown.why()
    assert len(stack.healthy()) == SIZE
    assert set(_versions("webapp").values()) == {"1.0"}
    repository.publish("2.0")
    return sorted(stack.healthy())


@pytest.fixture(scope="module")
def load(stack, fleet):
    with Load(stack.api, rate=20) as found:
        time.sleep(10)  # what it is like before
        yield found


@pytest.fixture(scope="module")
def before(load) -> float:
    """p99 without a patch."""
    return load.percentile(99)


def test_a_plan_names_what_is_due_and_touches_nothing(fleet, before, stack):
    planned = _play("playbooks/patch.yml", "--check")
    assert planned.code == 0, planned.why()
    rows = {row["host"]: row for row in json.loads(REPORT.with_suffix(".json").read_text())["hosts"]}
    for host in fleet:
        assert rows[host]["result"] == "due"
        assert {"name": PACKAGE, "from": "1.0", "to": "2.0"}.items() <= rows[host]["packages"][0].items()
    assert set(_versions("webapp").values()) == {"1.0"}
    assert _notes(stack) == set()


def test_a_host_that_fails_is_named_and_drained_and_the_rest_is_patched(fleet, before, load, stack, figures):
    refusing, rebooting = fleet[0], fleet[1]
    _on(refusing, "touch /etc/threetier-probe-refuses; echo")
    _on(rebooting, "touch /etc/threetier-probe-reboots; echo")
    # Somebody else's, which stays somebody else's.
    asg = stack.client("autoscaling")
    asg.suspend_processes(AutoScalingGroupName=f"{STACK}-asg", ScalingProcesses=["ScheduledActions"])
    booted = _on(rebooting, "stat -c %Y /proc/1")

    begin = time.monotonic()
    patched = _play("playbooks/patch.yml", "-e", "patch_serial=1")
    figures[f"seconds to patch {SIZE} hosts, one of which refuses"] = round(patched.seconds, 1)
    figures["requests during that patch"] = len(load.since(begin))
    figures["requests failed during that patch"] = len(load.failed(begin))
    figures["p99 of a request before and during that patch, ms"] = [
        round(1000 * seconds) for seconds in (before, load.percentile(99, begin))
    ]
    assert patched.code != 0
    assert refusing in patched.why()
    assert load.failed(begin) == []
    assert _states(stack) == {host: "Standby" if host == refusing else "InService" for host in fleet}
    assert sorted(stack.healthy()) == sorted(set(fleet) - {refusing})
    assert _versions("webapp") | _versions("bastion") == {
        host: "1.0" if host == refusing else "2.0" for host in (*fleet, stack.instances("bastion")[0]["InstanceId"])
    }
    assert _on(rebooting, "stat -c %Y /proc/1") != booted
    rows = {row["host"]: row for row in json.loads(REPORT.with_suffix(".json").read_text())["hosts"]}
    assert rows[refusing]["result"] == "failed"
    assert rows[refusing]["reason"]
    assert (rows[rebooting]["result"], rows[rebooting]["rebooted"]) == ("patched", True)
    assert refusing in REPORT.with_suffix(".html").read_text()
    assert _group(stack)["SuspendedProcesses"][0]["ProcessName"] == "ScheduledActions"
    asg.resume_processes(AutoScalingGroupName=f"{STACK}-asg", ScalingProcesses=["ScheduledActions"])


def test_a_run_that_is_killed_leaves_the_site_served(fleet, load, stack, repository):
    refusing = fleet[0]
    _on(refusing, "rm /etc/threetier-probe-refuses; echo")
    _on("webapp", "touch /etc/threetier-probe-dawdles; echo")
    repository.publish("3.0")
    killed = subprocess.Popen(
        [BIN / "ansible-playbook", "-i", "inventories/lab", "playbooks/patch.yml", "-e", "patch_serial=1"],
        cwd=TOP, env={**os.environ, "THREETIER_STACK": STACK}, stdout=subprocess.DEVNULL, start_new_session=True,
    )  # fmt: skip
    begin = time.monotonic()

    def upgrading():
        """a host that served is out of service"""
        return sum(state == "Standby" for state in _states(stack).values()) > 1 or killed.poll() is not None

    poll(upgrading, deadline=300)
    time.sleep(5)  # in the middle of apt
    assert killed.poll() is None
    os.killpg(killed.pid, signal.SIGKILL)
    killed.wait()
    assert "AZRebalance" in _notes(stack)
    answers = [requests.get(stack.api, timeout=5).status_code for _ in range(20)]
    assert answers == [200] * 20
    assert load.failed(begin) == []


def test_the_next_run_takes_up_what_was_left(fleet, load, stack, figures):
    begin = time.monotonic()
    _on("webapp", "rm -f /etc/threetier-probe-dawdles /etc/threetier-probe-reboots; echo")
    finished = _play("playbooks/patch.yml", "-e", "patch_serial=1")
    assert finished.code == 0, finished.why()
    figures["seconds of the run after the killed one"] = round(finished.seconds, 1)
    assert load.failed(begin) == []
    assert sorted(stack.healthy()) == fleet
    assert set(_versions("webapp").values()) == {"3.0"}
    assert _notes(stack) == set()
    assert _group(stack)["MinSize"] == 1


def test_a_host_that_is_launched_now_is_born_patched(fleet, stack):
    grown = _play("playbooks/scale.yml", "-e", f"scale_desired={SIZE + 1}")
    assert grown.code == 0, grown.why()
    (born,) = set(stack.healthy()) - set(fleet)
    assert _versions(born) == {born: "3.0"}


def test_another_run_has_nothing_to_do_and_neither_has_site(fleet, load, stack):
    again = _play("playbooks/patch.yml")
    assert again.code == 0, again.why()
    assert again.total("changed") == 0, again.why("changed")
    site = _play("playbooks/site.yml")
    assert site.code == 0, site.why()
    assert load.failed() == []
    assert set(fleet) <= set(stack.healthy())
