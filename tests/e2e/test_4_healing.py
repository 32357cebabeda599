"""A machine dies under the API: the group heals by itself and the site is served meanwhile."""

import json
import os
import signal
import subprocess
import time
from pathlib import Path

import requests

from tests.api import poll

from .conftest import BIN, TOP


def test_the_group_replaces_an_instance_whose_machine_was_killed(stack, figures):
    victim = stack.instances("webapp")[0]["InstanceId"]
    rows = subprocess.run(
        [str(BIN / "python"), "-m", "lab", "status", "--json"], cwd=TOP, capture_output=True, text=True, check=True
    ).stdout
    pid = next(row["pid"] for row in json.loads(rows) if row["resource"] == victim)
    os.kill(pid, signal.SIGKILL)
    begin = time.monotonic()

    def gone():
        """the victim's machine is no more"""
        return not Path(f"/proc/{pid}").exists()

    poll(gone, deadline=10, pause=0.1)

    def healed():
        """two healthy targets, the victim not among them"""
        healthy = stack.healthy()
        return len(healthy) == 2 and victim not in healthy

    poll(healed, deadline=180)
    figures["seconds from a killed machine to 2 healthy targets"] = round(time.monotonic() - begin, 1)
    answers = [requests.get(stack.api, timeout=5).status_code for _ in range(10)]
    assert answers == [200] * 10


def test_the_replacement_is_in_the_other_ones_company_not_on_top_of_it(stack):
    zones = [instance["Placement"]["AvailabilityZone"] for instance in stack.instances("webapp")]
    assert len(set(zones)) == 2
