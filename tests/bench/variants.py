"""The same stack three ways, against one API without machines: raw boto3, and site.yml with either connection."""

from __future__ import annotations

import dataclasses
import json
import sys
from collections import deque
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import yaml

from tests import api

from .measure import measure

STEPS = {"create": ("create", "site"), "no change": ("look", "site"), "teardown": ("delete", "teardown")}
LOOKS = {"plan": ("site", "--check"), "plan of a teardown": ("teardown", "--check")}
CONNECTIONS = {"warm": "threetier.aws.warm_local", "stock": "ansible.builtin.local"}
VARIANTS = ("raw", *CONNECTIONS)
Variant = Callable[[str, str], dict[str, Any]]  # a step, a stack's name; to what measure() returns


@dataclasses.dataclass(frozen=True)
class Region:
    """An API, how fast its time passes, and a place for inventories that point to it."""

    endpoint: str
    speed: float
    place: Path


def variants(region: Region, names: Sequence[str]) -> dict[str, Variant]:
    """Raw's, which the others are held against, and those of these names."""
    ways = {name: collection(region, CONNECTIONS[name]) for name in CONNECTIONS if name in names}
    return {"raw": raw(region), **ways}


def raw(region: Region) -> Variant:
    def run(step: str, stack: str) -> dict[str, Any]:
        command = [sys.executable, "-m", "tests.bench.raw", STEPS[step][0], "--endpoint", region.endpoint]
        return measure([*command, "--stack", stack], region.endpoint, region.speed)

    return run


def collection(region: Region, connection: str) -> Variant:
    """The playbooks that a user runs, with all their checks, on the lab's inventory."""
    inventory = region.place / connection.rpartition(".")[2]  # its group has this name, which takes no dots
    if not inventory.exists():
        api.make_inventory(inventory, region.endpoint)
        (inventory / "host_vars").mkdir()
        (inventory / "host_vars/us-east-1.yml").write_text(yaml.safe_dump({"ansible_connection": connection}))

    def run(step: str, stack: str) -> dict[str, Any]:
        variables = {**api.NO_MACHINES, "teardown_confirm": stack}
        playbook, *more = LOOKS[step] if step in LOOKS else STEPS[step][1:]
        command = [api.BIN / "ansible-playbook", "-i", inventory, f"playbooks/{playbook}.yml", *more]
        given = [*command, *api.NO_HOSTS, "-e", json.dumps(variables)]
        return measure(given, region.endpoint, region.speed, THREETIER_STACK=stack)

    return run


def interleaved(
    region: Region, names: Sequence[str], runs: int, progress: Callable[[str], None]
) -> list[dict[str, Any]]:
    """Each variant in each round, in turns the first; a row for each variant's step."""
    ways, rows = variants(region, names), []
    for step in STEPS:
        ways["raw"](step, "unmeasured")  # the first of all loads everything from disk
    for number in range(runs):
        turns = deque(ways)
        turns.rotate(-number)
        for name in turns:
            for step in STEPS:
                found = ways[name](step, f"{name}{number + 1}")
                del found["output"]
                rows.append({"round": number + 1, "variant": name, "step": step, **found})
                told = f"{found['seconds']:.1f} s, {found['processor']:.1f} of processor time, {found['calls']} calls"
                progress(f"round {number + 1}: {name}, {step}: {told}")
    return rows
