"""What make bench measures against: raw is whole and goes wholly, the path is the longest, polls are paced."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from tests import account, api
from tests.bench import makespan, report
from tests.bench.measure import measure


def test_what_raw_creates_it_finds_and_deletes():
    with api.serve() as endpoint:
        client = api.client_of(endpoint, **api.KEYS)
        before = account.everything(client)
        for step in ("create", "look", "delete"):
            begin = api.last_call(endpoint)
            command = [sys.executable, "-m", "tests.bench.raw", step, "--endpoint", endpoint, "--stack", "raw"]
            found = measure(command, endpoint)
            made = api.calls(endpoint, begin)
            assert found["calls"] == len(made)
            assert [call for call in made if call["status"] >= "400"] == []
            assert any(call["writes"] for call in made) == (step != "look")
            assert found["mib"] > 20
            assert 0.2 < found["processor"] < 60
            if step == "create":
                assert len(account.difference(before, account.everything(client))) > 20
        assert account.difference(before, account.everything(client)) == {}


def test_a_failure_says_what_was_said():
    with api.serve() as endpoint, pytest.raises(RuntimeError, match="no such stack of calls"):
        measure([sys.executable, "-c", "raise SystemExit('no such stack of calls')"], endpoint)


def test_the_time_of_what_outlives_its_parent_is_counted():
    work = "import time\nwhile time.process_time() < 1.5: pass"
    quiet = "stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL"
    start = f"import subprocess, sys; subprocess.Popen([sys.executable, '-c', {work!r}], {quiet})"
    with api.serve() as endpoint:
        found = measure([sys.executable, "-c", start], endpoint)
    assert 1.5 <= found["processor"] < 4


def test_the_critical_path_is_the_longest():
    table = {"database": 540, "nat_gateway": 108, "load_balancer": 150, "instance": 40, "image": 240, "in_service": 180}
    assert makespan.critical_path(table) == 540 + 240 + 180
    assert makespan.critical_path({**table, "database": 10}) == 40 + 240 + 180
    assert makespan.critical_path({**table, "load_balancer": 5000}) == 5000 + 180
    assert makespan.longest_to_go({"database_deletion": 300, "instance_termination": 60, "database": 540}) == 300


@pytest.mark.parametrize(("asked", "slept"), [(30, 0.5), (0.25, 0.25)])
def test_polls_are_paced_and_short_sleeps_stay(asked, slept):
    program = f"import time; begin = time.monotonic(); time.sleep({asked}); print(time.monotonic() - begin)"
    environment = {**os.environ, **api.paced()}
    took = subprocess.run([sys.executable, "-c", program], env=environment, check=True, capture_output=True, text=True)
    assert slept <= float(took.stdout) < slept + 5


def test_ratios_are_of_the_same_round():
    rows = [
        {"round": number, "variant": variant, "step": "create", "seconds": seconds}
        for number, variant, seconds in ((1, "raw", 1), (1, "warm", 4), (2, "raw", 2), (2, "warm", 4))
    ]
    assert report.ratios(rows, "step", "variant", "warm") == {"create": [4, 2]}
    assert report.spread([4, 2]) == "3.0 (2.0 to 4.0)"


def test_growth_is_told_step_by_step():
    rows = [
        {"stacks": stacks, "step": step, "calls": 100 + stacks, "seconds": 9.87, "processor": 6.54}
        for stacks in (1, 2)
        for step in ("plan", "no change")
    ]
    told = report.growth(rows).splitlines()[2:]
    assert told[:2] == ["| no change | 1 | 101 | 9.9 | 6.5 |", "| no change | 2 | 102 | 9.9 | 6.5 |"]
    assert [line.split(" | ")[0] for line in told] == ["| no change", "| no change", "| plan", "| plan"]


@pytest.mark.parametrize(("latency", "goal"), [("0ms", "≤ 9"), ("80ms", "≤ 3"), ("200ms", "")])
def test_a_goal_is_told_beside_the_latency_that_it_was_set_for(latency, goal):
    row = {"round": 1, "step": "no change", "seconds": 2, "processor": 1, "calls": 3, "mib": 4}
    rows = [{**row, "variant": variant} for variant in ("raw", "warm")]
    assert report.stack(rows, latency).splitlines()[-1].split(" | ")[4].strip() == goal
