"""site.yml from nothing and once more, by the warm connection and the stock way: each task says the same.

Part of `make compat`: the stock way takes minutes. Each way has an empty region of its own.
"""

from __future__ import annotations

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
    (r"\b(listener|loadbalancer|targetgroup)(/app)?/([\w-]+)(/[0-9a-f]{16})+", r"\1/\3/X"),
    (r"(:secret:[\w!/-]+?)-[A-Za-z0-9]{6}\b", r"\1-X"),
    (r"\b10\.0\.\d+\.\d+\b(?!/)", "ADDRESS"),
    (r"\bip-10-0-\d+-\d+\b", "ip-ADDRESS"),
    (r"\b([0-9a-f]{2}:){5}[0-9a-f]{2}\b", "MAC"),
    (r"\b([0-9a-f]{2}:){15,19}[0-9a-f]{2}\b", "FINGERPRINT"),
    (r"\b(AIPA|ASIA)[A-Z0-9]{16,17}\b", "A-X"),
    (r"ssh-ed25519 \S+", "KEY"),
    (r"\b20\d{12}\b", "MOMENT"),
    (r"[^\s\"']*/(warm|stock)/lab\b", "INVENTORY"),
]
# Of what a step has in common with no other run: random passwords and keys, digests of them, moments in seconds.
VARYING = {"checksum", "fingerprint", "key_fingerprint", "public_key", "user_data", "date", "atime", "ctime", "mtime"}


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> dict[bool, list[dict[str, Any]]]:
    """By way what each of two runs says of each task, by its name and how often it was met."""
    return {warm: _runs(warm, tmp_path_factory.mktemp("warm" if warm else "stock")) for warm in (True, False)}


def _runs(warm: bool, place: Path) -> list[dict[str, Any]]:
    with api.serve() as endpoint:
        inventory = api.make_inventory(place / "lab", endpoint)
        return [_site(warm, inventory) for _ in range(2)]


def _site(warm: bool, inventory: Path) -> dict[str, Any]:
    pace = {"PYTHONPATH": str(api.TOP / "tests/bench/pace"), "THREETIER_PACE": "60"}
    alone = {"webapp_builder_failure": "", "bastion_wait_timeout": 0}  # no machines
    done = subprocess.run(
        [api.BIN / "ansible-playbook", "-i", inventory, "playbooks/site.yml", "--limit", "localhost", "--diff",
         "-e", json.dumps(alone)],
        cwd=api.TOP, text=True, capture_output=True, timeout=1800, check=False,
        env={**os.environ, **pace, "ANSIBLE_STDOUT_CALLBACK": "ansible.posix.json", "ANSIBLE_NOCOLOR": "1",
             "THREETIER_AWS_WARM": str(warm), "THREETIER_STACK": "same"},
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr
    found: dict[str, Any] = {}
    for play in json.loads(done.stdout[done.stdout.index("{\n") :])["plays"]:
        for task in play["tasks"]:
            name, number = task["task"]["name"], 1
            while f"{name} ({number})" in found:
                number += 1
            found[f"{name} ({number})"] = task["hosts"].get("localhost")
    return found


def alike(value: Any) -> Any:
    """settled(), and what this stack has at random masked too."""
    if isinstance(value, dict):
        return {alike(key): alike(one) for key, one in value.items() if key not in VARYING}
    if isinstance(value, list):
        return [alike(one) for one in value]
    value = settled(value)
    if isinstance(value, str):
        for pattern, replacement in RANDOM:
            value = re.sub(pattern, replacement, value)
    return value


@pytest.mark.parametrize("step", [0, 1], ids=["create", "no change"])
def test_each_task_says_the_same(both: dict[bool, list[dict[str, Any]]], step: int) -> None:
    warm, stock = both[True][step], both[False][step]
    assert list(warm) == list(stock)
    different = [name for name in warm if _sorted(alike(warm[name])) != _sorted(alike(stock[name]))]
    assert different == []
    assert sum(bool((said or {}).get("changed")) for said in warm.values()) == 0 or step == 0


def _sorted(value: Any) -> Any:
    """Lists in an order that no random id decides."""
    if isinstance(value, dict):
        return {key: _sorted(one) for key, one in value.items()}
    if isinstance(value, list):
        return sorted((_sorted(one) for one in value), key=lambda one: json.dumps(one, sort_keys=True))
    return value
