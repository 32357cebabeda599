"""A stack is built, left alone, planned and removed, and Ansible warns of nothing that is ours to mend.

Part of `make compat`, with the newest releases on the newest Python; it runs with those of .venv too.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Callable, Iterator

import pytest

from tests import api

THEIRS = (  # deprecations of Amazon's collections that no option of a module or plugin turns off
    "The 'tags' host variable is deprecated.",  # of aws_ec2; the inventory uses none of that name
    "In a release after 2026-05-01 iam_role.assume_role_policy_document_raw ",
    " from 'ansible.module_utils._text' is deprecated.",  # secretsmanager_secret of community.aws
    "Deprecation warnings can be disabled by ",
)
Play = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="module")
def play(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Play]:
    """play("site", …) on an empty region."""
    with api.serve() as endpoint:
        inventory = api.make_inventory(tmp_path_factory.mktemp("life") / "lab", endpoint)

        def run(name: str, *arguments: str) -> subprocess.CompletedProcess[str]:
            return subprocess.run(
                [api.BIN / "ansible-playbook", "-i", inventory, f"playbooks/{name}.yml", *api.NO_HOSTS, *arguments],
                cwd=api.TOP, text=True, capture_output=True, timeout=1800, check=False,
                env={**os.environ, **api.paced(), "THREETIER_STACK": "life", "ANSIBLE_NOCOLOR": "1",
                     "ANSIBLE_DEPRECATION_WARNINGS": "true"},
            )  # fmt: skip

        yield run


@pytest.fixture(scope="module")
def steps(play: Play) -> dict[str, subprocess.CompletedProcess[str]]:
    alone = ("-e", json.dumps(api.NO_MACHINES))
    return {
        "plan": play("site", *alone, "--check"),
        "create": play("site", *alone),
        "no change": play("site", *alone),
        "check": play("site", *alone, "--check"),
        "teardown": play("teardown", "-e", "teardown_confirm=life"),
    }


STEPS = ("plan", "create", "no change", "check", "teardown")


@pytest.mark.parametrize("step", STEPS)
def test_it_succeeds_and_changes_what_it_should(steps, step):
    done = steps[step]
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr
    changed = sum(map(int, re.findall(r"\bchanged=(\d+)", done.stdout)))
    assert bool(changed) == (step in ("plan", "create", "teardown")), done.stdout[-4000:]


@pytest.mark.parametrize("step, plan", [("plan", r"[1-9]\d+, 0, 0, \d+"), ("check", r"0, 0, 0, [1-9]\d+")])
def test_the_plan_counts_what_a_run_would_do(steps, step, plan):
    (counted,) = re.findall("^Plan: (.*)$", steps[step].stdout, re.MULTILINE)
    assert re.fullmatch(plan, ", ".join(re.findall(r"\d+", counted))), steps[step].stdout[-4000:]


@pytest.mark.parametrize("step", STEPS)
def test_nothing_warns(steps, step):
    """Of deprecations that are ours to mend, or a warm connection that is not warm."""
    said = re.findall(r"WARNING\]: (.*)", steps[step].stdout + steps[step].stderr)
    assert [line for line in said if not any(theirs in line for theirs in THEIRS)] == []
