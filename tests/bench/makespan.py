"""How long a stack takes where things take as long as on AWS, beside what no order of work can go below."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from lab import durations
from tests import api

from .arms import Region, collection

# What has to be ready first, of what site.yml builds; each named as in the table of durations.
NEEDS: dict[str, tuple[str, ...]] = {
    "database": (),
    "nat_gateway": (),
    "load_balancer": (),
    "instance": (),  # the builder; the bastion takes as long, and nothing waits for it but its own task
    "image": ("instance", "database"),  # the database is migrated before the image is taken
    "in_service": ("image", "load_balancer", "nat_gateway"),  # whoever launches must get to AWS's API and get requests
}


def critical_path(seconds: dict[str, float]) -> float:
    """Of a table of durations: until the last is ready, if each begins when what it needs is."""

    def ready(kind: str) -> float:
        return seconds.get(kind, 0) + max(map(ready, NEEDS[kind]), default=0)

    return max(map(ready, NEEDS))


def makespan(speed: float, say: Callable[[str], None]) -> dict[str, Any]:
    """site.yml and teardown.yml by the warm connection on a region of that speed, and what would be left at speed 1."""
    options = ("--durations", str(durations.TABLE), "--speed", str(speed))
    with tempfile.TemporaryDirectory() as place, api.serve(*options) as endpoint:
        run = collection(Region(endpoint, speed, Path(place)), "threetier.aws.warm_local")
        create = run("create", "makespan")["seconds"]
        teardown = run("teardown", "makespan")["seconds"]
    least = critical_path(durations.load(durations.TABLE, speed))
    own = create - least  # Ansible's time passes no faster there
    aws = critical_path(durations.load(durations.TABLE, 1))
    row = {
        "speed": speed,
        "critical_path": round(least, 1),
        "create": create,
        "ratio": round(create / least, 2),
        "ratio_on_aws": round((aws + own) / aws, 3),
        "teardown": teardown,
    }
    say(f"makespan at speed {speed:g}: {create:.1f} s, critical path {least:.1f} s, teardown {teardown:.1f} s")
    return row
