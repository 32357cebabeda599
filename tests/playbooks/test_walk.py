"""
Every playbook against every state that another one leaves, on copies of one stack: it goes on, or says at once why not.

Here those pairs run by which something is decided; `make walk` runs all of them.
"""

from __future__ import annotations

import os
from collections.abc import Callable

import pytest

from tests import api
from tests.walk.stacks import Regions, Stack
from tests.walk.states import BROKEN, ENDS, MISSING, PLAYBOOKS, STATES, play

DECIDING = {
    "absent": ("database", "rollback", "scale", "patch", "restore"),
    "network only": ("webapp", "scale", "stop", "redrive", "restore, the files"),
    "stopped": ("site", "rollback", "restore", "doctor"),
    "stopped, and RDS has started the database": ("start",),
    "in a rollout": ("scale", "stop", "patch", "deploy"),
    "on standby": ("stop", "deploy", "doctor"),
    "without a bastion": ("patch", "webapp", "doctor"),
    "restored, and half swapped": ("database", "stop", "restore, the end", "webapp"),
    "torn down, killed after 15 changes": ("start", "scale", "site"),
}
WHOLE = [(state, playbook) for state in STATES for playbook in PLAYBOOKS]
PAIRS = [pair for pair in WHOLE if os.environ.get("THREETIER_WALK") == "whole" or pair[1] in DECIDING.get(pair[0], ())]


@pytest.mark.parametrize(("name", "playbook"), PAIRS, ids=[f"{playbook}, {state}" for state, playbook in PAIRS])
def test_a_playbook_knows_the_state(state: Callable[[str], Stack], name: str, playbook: str) -> None:
    with state(name).copy() as stack:
        begin = api.last_call(stack.endpoint)
        done = play(stack, playbook)
        assert not BROKEN.findall(done.said), done.said[-3000:]
        words, end = STATES[name].refused.get(playbook), STATES[name].ends.get(playbook)
        if words:
            assert (done.code, api.writes(stack.endpoint, begin)) == (2, 0), done.said[-3000:]
            assert words in done.said, done.said[-3000:]
        elif end:
            assert (done.code, end in done.said) == (2, True), done.said[-3000:]
        elif done.code:
            known = ENDS.get(playbook, "\0") in done.said or ("torn down" in name and MISSING.search(done.said))
            assert known, done.said[-3000:]
        if name == "absent" and playbook not in ("site", "network", "messaging", "dns"):
            assert not stack.client("ssm").describe_parameters()["Parameters"], "an empty lease is left"


def test_a_copied_region_keeps_its_authority_to_itself(regions: Regions) -> None:
    regions.empty.client("acm").request_certificate(DomainName="apart.test")
    assert (regions.place / "region/pki/ca.pem").is_file()
