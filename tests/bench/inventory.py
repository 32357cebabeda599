"""ansible-inventory --list of a growing stack, asked anew and from its cache, beside the calls alone."""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests import api

from .measure import measure

SIZES = (10, 100, 1000, 3000)
STACK = "many"


def inventories(runs: int, progress: Callable[[str], None], sizes: tuple[int, ...] = SIZES) -> list[dict[str, Any]]:
    """A row for each size, way and round: raw, ours and cached in turns."""
    rows: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory() as place, api.serve() as endpoint:
        inventory, running = api.make_inventory(Path(place) / "lab", endpoint), 0
        ec2 = api.client_of(endpoint, **api.KEYS)("ec2")
        vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
        subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.0.0/18")["Subnet"]["SubnetId"]
        for size in sizes:
            _launch(ec2, subnet, size - running)
            running = size
            cache = {
                "ANSIBLE_INVENTORY_CACHE": "true",
                "ANSIBLE_INVENTORY_CACHE_PLUGIN": "ansible.builtin.jsonfile",
                "ANSIBLE_INVENTORY_CACHE_CONNECTION": f"{place}/{size}",
            }
            _list(inventory, endpoint, size, **cache)  # fills it
            for number in range(runs):
                for way in ("raw", "ours", "cached"):
                    if way == "raw":
                        command = [sys.executable, "-m", "tests.bench.raw", "instances", "--stack", STACK]
                        found = measure([*command, "--endpoint", endpoint], endpoint)
                    else:
                        found = _list(inventory, endpoint, size, **(cache if way == "cached" else {}))
                    del found["output"]
                    rows.append({"round": number + 1, "hosts": size, "way": way, **found})
                    progress(f"inventory of {size}: {way}: {found['seconds']:.2f} s, {found['calls']} calls")
    return rows


def _launch(ec2: Any, subnet: str, count: int) -> None:
    image = ec2.describe_images(Filters=[{"Name": "name", "Values": ["debian-12-*"]}])["Images"][0]["ImageId"]
    tags = {"Stack": STACK, "Role": "webapp", "ManagedBy": "threetier.aws", "Name": f"{STACK}-app"}
    specified = [{"ResourceType": "instance", "Tags": [{"Key": key, "Value": value} for key, value in tags.items()]}]
    while count:
        some = min(count, 500)
        ec2.run_instances(ImageId=image, MinCount=some, MaxCount=some, SubnetId=subnet, TagSpecifications=specified)
        count -= some


def _list(inventory: Path, endpoint: str, size: int, **environment: str) -> dict[str, Any]:
    command: list[str | Path] = [api.BIN / "ansible-inventory", "-i", inventory, "--list"]
    found = measure(command, endpoint, THREETIER_STACK=STACK, **environment)
    hosts = json.loads(found["output"]).get("webapp", {}).get("hosts", [])
    if len(hosts) != size:
        raise RuntimeError(f"{size} hosts were wanted, the inventory has {len(hosts)}")
    return found
