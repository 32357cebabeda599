"""A stack is built, left alone and torn down by the warm connection and the stock way: each task says the same.

The warm way makes the calls of a parallel task at the same time, the stock way one by one, so this holds those against
each other as well. Part of `make compat`: the stock way takes minutes. Each way has an empty region of its own.
"""

from __future__ import annotations

import base64
import json
import os
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests import api
from tests.unit.plugins.connection.test_same_results import settled

# What a region makes up anew for each resource, beside what settled() knows.
RANDOM = [
    (r"\b([a-z]{1,12})-[0-9a-f]{8,32}\b", r"\1-X"),  # vpc-…, lt-…, sgr-…
    (r"(?<=/)[0-9a-f]{12,16}\b", "X"),  # ends of load balancing's ARNs
    (r"\bdb-[A-Z0-9]{26}\b", "db-X"),
    (r"\b(Signature|Expires)=[^&\s]+", r"\1=X"),
    (r"[^\s\"']*/ansible-local-[^/\s\"']+", "TEMPORARY"),
    (r"^[0-9a-f]{12}$", "DIGEST"),  # the tag Release: the database's secret is in it, whose ARN is random
    (r"(:secret:[\w!/-]+?)-[A-Za-z0-9]{6}\b", r"\1-X"),
    (r"\b10\.0\.\d+\.\d+\b(?!/)", "ADDRESS"),
    (r"\bip-10-0-\d+-\d+\b", "ip-ADDRESS"),
    (r"\b([0-9a-f]{2}:){5}[0-9a-f]{2}\b", "MAC"),
    (r"\b([0-9a-f]{2}:){15,19}[0-9a-f]{2}\b", "FINGERPRINT"),
    (r"\b(AIPA|ASIA)[A-Z0-9]{16,17}\b", "A-X"),
    (r"ssh-ed25519 \S+", "KEY"),
    (r"\b20\d{12}\b", "MOMENT"),
    (r"[^\s\"']*/(warm|stock)\d*/lab\b", "INVENTORY"),
]
_USER_DATA = base64.b64encode(b"#cloud-config\n").decode()[:16]
# What is random or a moment whatever it looks like.
VARYING = {
    *("atime", "ctime", "mtime", "inode", "version", "creation_time", "created_timestamp", "last_modified_timestamp"),
    *("client_token", "ClientToken", "request_id", "x-amzn-requestid", "instance_profile_id", "date"),
    *("fingerprint", "key_fingerprint", "public_key"),
    *("pid", "started"),  # of the run that holds the lease
}


STEPS = {"create": "site", "no change": "site", "teardown": "teardown"}
COLLECTIONS = ("amazon.aws", "community.aws", "threetier.aws")


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> dict[bool, dict[str, dict[str, Any]]]:
    """By way and step what the run says of each task, by its name and how often it was met."""
    return {warm: _runs(warm, tmp_path_factory.mktemp("warm" if warm else "stock")) for warm in (True, False)}


def _runs(warm: bool, place: Path) -> dict[str, dict[str, Any]]:
    with api.serve() as endpoint:
        inventory = api.make_inventory(place / "lab", endpoint)
        return {step: _play(warm, inventory, playbook) for step, playbook in STEPS.items()}


def _play(warm: bool, inventory: Path, playbook: str) -> dict[str, Any]:
    variables = {**api.NO_MACHINES, "teardown_confirm": "same"}
    done = subprocess.run(
        [api.BIN / "ansible-playbook", "-i", inventory, f"playbooks/{playbook}.yml", "--diff", *api.NO_HOSTS,
         "-e", json.dumps(variables)],
        cwd=api.TOP, text=True, capture_output=True, timeout=1800, check=False,
        env={**os.environ, **api.paced(), "ANSIBLE_STDOUT_CALLBACK": "ansible.posix.json", "ANSIBLE_NOCOLOR": "1",
             "THREETIER_AWS_WARM": str(warm), "THREETIER_STACK": "same"},
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr
    found: dict[str, Any] = {}
    for play in json.loads(done.stdout[done.stdout.index("{\n") :])["plays"]:
        for task in play["tasks"]:
            name, number = task["task"]["name"], 1
            while f"{name} ({number})" in found:
                number += 1
            found[f"{name} ({number})"] = task["hosts"].get("us-east-1")
    return found


def alike(value: Any) -> Any:
    """settled(), and what this stack has at random masked too."""
    if isinstance(value, dict):
        return {alike(key): alike(one) for key, one in value.items() if key not in VARYING}
    if isinstance(value, list):
        return [alike(one) for one in value]
    if isinstance(value, str) and value.startswith(_USER_DATA):
        value = base64.b64decode(value).decode()
    value = settled(value)
    if isinstance(value, str):
        for pattern, replacement in RANDOM:
            value = re.sub(pattern, replacement, value)
    return value


@pytest.mark.parametrize("step", STEPS)
def test_each_task_says_the_same(both: dict[bool, dict[str, dict[str, Any]]], step: str) -> None:
    warm, stock = both[True][step], both[False][step]
    assert list(warm) == list(stock)
    assert [name for name in warm if _sorted(alike(warm[name])) != _sorted(alike(stock[name]))] == []
    changed = [name for name, said in warm.items() if (said or {}).get("changed")]
    assert bool(changed) == (step != "no change")


@pytest.mark.parametrize("step", STEPS)
def test_many_modules_were_run_inside_of_parallel_tasks(both: dict[bool, dict[str, dict[str, Any]]], step: str) -> None:
    said = [one or {} for one in both[True][step].values()]
    inside = [each for one in said if one.get("action") == "threetier.aws.parallel" for each in one["results"]]
    assert len([each for each in inside if not each.get("skipped")]) > 30


def test_the_modules_of_all_tiers_were_run(both: dict[bool, dict[str, dict[str, Any]]]) -> None:
    """Those that the roles use to build, but for what machines, plans or repairs need, and what runs in parallel."""
    used = {(said or {}).get("action", "") for said in both[True]["create"].values()}
    assert len({name for name in used if name.rpartition(".")[0] in COLLECTIONS}) > 25


def _sorted(value: Any) -> Any:
    """Lists in an order that no random id decides."""
    if isinstance(value, dict):
        return {key: _sorted(one) for key, one in value.items()}
    if isinstance(value, list):
        return sorted((_sorted(one) for one in value), key=lambda one: json.dumps(one, sort_keys=True))
    return value
