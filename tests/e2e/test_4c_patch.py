"""A fleet under load is patched, by a run that is killed and with a host that refuses; nobody who asks notices."""

from __future__ import annotations

import json
import os
import time
from typing import Any

import pytest

from tests import iam
from tests.api import poll
from tests.torture import runs

from .conftest import BIN, REPORT, STACK, TOP, Run, asked, run
from .load import Load, Request
from .repository import PACKAGE, Repository

SIZE = int(os.environ.get("PATCH_HOSTS", "3"))  # at least 3: one is killed on, one reboots, one refuses
REQUESTS = (Request("/"), Request("/api/v1/users?limit=5"), Request("/insert", {"name": "Patched"}), Request("/ready"))
WRITTEN = TOP / f"inventories/lab/.cache/patch-{STACK}"
OURS = {"PatchSuspended", "PatchMinSize", "PatchImage"}
OLD, NEW = (f"{int(time.time())}.{number}" for number in (1, 2))  # newer than those of another run on the same lab
INVENTORY = ("-i", "inventories/lab")


def _play(name: str, **variables: Any) -> Run:
    return run(BIN / "ansible-playbook", *INVENTORY, name, "-e", json.dumps(variables))


def _scale(**sizes: int) -> None:
    done = _play("playbooks/scale.yml", **{f"scale_{size}": number for size, number in sizes.items()})
    assert done.code == 0, done.why()


def _on(hosts: str, command: str) -> dict[str, str]:
    """What a command of root's says on each host."""
    module = ("-b", "-o", "-m", "ansible.builtin.shell", "-a", command)
    done = run(BIN / "ansible", *INVENTORY, hosts, *module)
    lines = [line for line in done.output.splitlines() if " | CHANGED" in line and "(stdout)" in line]
    said = {line.split(" | ")[0]: line.split("(stdout)", 1)[1].strip() for line in lines}
    assert said, done.output
    return said


def _versions(hosts: str) -> dict[str, str]:
    return _on(hosts, f"dpkg-query -W -f '${{Version}}' {PACKAGE}")


def _group(stack) -> dict[str, Any]:
    found = stack.client("autoscaling").describe_auto_scaling_groups(AutoScalingGroupNames=[f"{STACK}-asg"])
    return found["AutoScalingGroups"][0]


def _states(stack) -> dict[str, str]:
    return {member["InstanceId"]: member["LifecycleState"] for member in _group(stack)["Instances"]}


def _suspended(stack) -> set[str]:
    return {process["ProcessName"] for process in _group(stack)["SuspendedProcesses"]}


def _notes(stack) -> set[str]:
    """Tags by which a run says what there is to undo."""
    return OURS & {tag["Key"] for tag in _group(stack)["Tags"]}


def _rows() -> dict[str, dict[str, Any]]:
    """The report, by host."""
    return {row["host"]: row for row in json.loads(WRITTEN.with_suffix(".json").read_text())["hosts"]}


@pytest.fixture(scope="module")
def repository(stack, tmp_path_factory, request):
    made = Repository(stack.client("s3"), tmp_path_factory.mktemp("repository"), STACK)
    made.publish(OLD)
    yield made
    if not request.config.getoption("running"):  # hosts that stay go on asking it
        made.close()


@pytest.fixture(scope="module")
def fleet(stack, repository):
    """Hosts with the probe: those that run get it by hand, further ones from an image that has it."""
    before = _group(stack)
    baked = _play("tests/e2e/probe.yml", probe_source=repository.source, probe_version=OLD)
    assert baked.code == 0, baked.why()
    _scale(desired=SIZE, min=1, max=SIZE + 1)
    hosts = sorted(stack.healthy())
    assert len(hosts) == SIZE
    assert _versions("webapp") == dict.fromkeys(hosts, OLD)
    repository.publish(NEW)
    # Somebody else's, which stays somebody else's.
    processes = {"AutoScalingGroupName": f"{STACK}-asg", "ScalingProcesses": ["ScheduledActions"]}
    stack.client("autoscaling").suspend_processes(**processes)
    yield hosts
    stack.client("autoscaling").resume_processes(**processes)
    _on("webapp:bastion", "rm -f /etc/threetier-probe-* /etc/apt/sources.list.d/probe.list; echo")
    _scale(desired=before["DesiredCapacity"], min=before["MinSize"], max=before["MaxSize"])


@pytest.fixture(scope="module")
def load(stack, fleet):
    with Load(stack.api, rate=20, requests=REQUESTS) as found:
        poll(lambda: len(found.since()) >= 200, deadline=60)  # what it is like before
        yield found


@pytest.fixture(scope="module")
def begin(load) -> float:
    """The moment at which the first patch begins."""
    return time.monotonic()


def test_a_plan_names_what_is_due_and_touches_nothing(fleet, stack):
    planned = run(BIN / "ansible-playbook", *INVENTORY, "playbooks/patch.yml", "--check")
    assert planned.code == 0, planned.why()
    for host, row in _rows().items():
        assert row["result"] == "due"
        due = next(one for one in row["packages"] if one["name"] == PACKAGE)
        assert (due["from"], due["to"]) == (OLD, NEW)
        assert (host in fleet) == (row["role"] == "webapp")
    assert set(_versions("webapp").values()) == {OLD}
    assert (_notes(stack), _suspended(stack)) == (set(), {"ScheduledActions"})


def test_a_run_that_is_killed_leaves_the_site_served(fleet, begin, load, stack):
    _on("webapp", "touch /etc/threetier-probe-dawdles; echo")
    log = REPORT / "patch-killed.log"
    process, known = runs.start(log, {"THREETIER_STACK": STACK}, "patch", *INVENTORY, "-e", "patch_serial=1")
    try:

        def drained():
            """a host is out of service"""
            assert process.poll() is None, log.read_text()[-3000:]
            return [host for host, state in _states(stack).items() if state == "Standby"]

        (host,) = poll(drained, deadline=300)

        def upgrading():
            """it is in the middle of its upgrade"""
            return _on(host, "cat /run/threetier-probe-dawdles 2>/dev/null; true")[host]

        poll(upgrading, deadline=120)
        assert process.poll() is None
    finally:
        runs.end_all(process, known)
    moment = time.monotonic()
    assert host == fleet[0]
    assert (_notes(stack), "AZRebalance" in _suspended(stack)) == (OURS, True)
    poll(lambda: len(load.since(moment)) >= 100, deadline=60)
    assert load.failed() == []


def test_the_next_run_takes_it_up_and_one_that_fails_is_named_and_drained(fleet, load, stack, figures):
    """What is left of the killed run is finished. The image is left for the run after this."""
    rebooting, refusing = fleet[1], fleet[-1]
    _on("webapp", "rm -f /etc/threetier-probe-dawdles; echo")
    _on(refusing, "touch /etc/threetier-probe-refuses; echo")
    _on(rebooting, "touch /etc/threetier-probe-reboots; echo")
    booted = _on(rebooting, "stat -c %Y /proc/1")
    patched = _play("playbooks/patch.yml", patch_serial="34%", patch_renew_image=False)
    figures[f"patch: seconds for {SIZE} hosts, one of which refuses"] = round(patched.seconds, 1)
    assert patched.code != 0
    assert refusing in patched.why()
    assert load.failed() == []
    assert _states(stack) == {host: "Standby" if host == refusing else "InService" for host in fleet}
    assert sorted(stack.healthy()) == sorted(set(fleet) - {refusing})
    (bastion,) = [instance["InstanceId"] for instance in stack.instances("bastion")]
    expected = dict.fromkeys((*fleet, bastion), NEW) | {refusing: OLD}
    assert _versions("webapp:bastion") == expected
    assert _on(rebooting, "stat -c %Y /proc/1") != booted
    rows = _rows()
    assert rows[refusing]["result"] == "failed"
    assert "this host refuses" in rows[refusing]["reason"]
    assert refusing in WRITTEN.with_suffix(".html").read_text()
    assert (rows[rebooting]["result"], rows[rebooting]["rebooted"]) == ("patched", True)
    assert (_notes(stack), _suspended(stack)) == ({"PatchImage"}, {"ScheduledActions"})


def test_after_mending_a_second_run_finishes_it_and_renews_the_image(fleet, begin, load, stack, figures):
    refusing = fleet[-1]
    _on(refusing, "rm /etc/threetier-probe-refuses; echo")
    before = asked()[-1]["number"]
    finished = _play("playbooks/patch.yml")
    calls = asked(after=before)
    figures["patch: seconds of the run that finishes it and renews the image"] = round(finished.seconds, 1)
    assert finished.code == 0, finished.why()
    assert load.failed() == []
    assert sorted(stack.healthy()) == fleet
    assert _versions("webapp") == dict.fromkeys(fleet, NEW)
    assert (_notes(stack), _suspended(stack)) == (set(), {"ScheduledActions"})
    rows = _rows().values()
    done = {row["host"] if row["host"] in fleet else row["role"] for row in rows if row["result"] == "patched"}
    assert done == {refusing, "image"}
    assert {row["result"] for row in rows} == {"patched", "up to date"}
    figures["patch: requests"] = str(load)
    figures["patch: p99 ms before and during"] = [
        round(1000 * load.percentile(99, *span)) for span in ((0.0, begin), (begin,))
    ]
    assert iam.needed(calls) - iam.allowed(iam.operator(STACK).values()) == set()


def test_a_host_that_is_launched_now_is_born_patched(fleet, stack):
    _scale(desired=SIZE + 1)
    (born,) = set(stack.healthy()) - set(fleet)
    assert _versions(born) == {born: NEW}


def test_another_run_has_nothing_to_do_and_neither_has_site(fleet, load, stack):
    for name in ("patch", "site"):
        again = _play(f"playbooks/{name}.yml")
        assert again.code == 0, again.why()
        assert again.total("changed") == 0, again.why("changed")
    assert load.failed() == []
    assert set(fleet) <= set(stack.healthy())
