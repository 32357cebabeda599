"""How long a stack takes where things take as long as on AWS, beside what no order of work can go below."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from lab import durations
from tests import api

from .variants import Region, collection

# What has to be ready first, of what site.yml builds; each named as in the table of durations.
NEEDS: dict[str, tuple[str, ...]] = {
    "database": (),
    "nat_gateway": (),
    "load_balancer": (),
    "instance": (),  # the builder; the bastion takes as long, and nothing waits for it but its own task
    "image": ("instance", "database"),  # the database is migrated before the image is taken
    "in_service": ("image", "load_balancer", "nat_gateway"),  # whoever launches must get to AWS's API and get requests
}


# What takes time to go. teardown.yml can begin with all of it at once.
GOES = ("database_deletion", "nat_gateway_deletion", "instance_termination")


def critical_path(seconds: dict[str, float]) -> float:
    """Of a table of durations: until the last is ready, if each begins when what it needs is."""

    def ready(kind: str) -> float:
        return seconds.get(kind, 0) + max(map(ready, NEEDS[kind]), default=0)

    return max(map(ready, NEEDS))


def longest_to_go(seconds: dict[str, float]) -> float:
    return max(seconds.get(kind, 0) for kind in GOES)


def makespan(speed: float, progress: Callable[[str], None]) -> list[dict[str, Any]]:
    """site.yml and teardown.yml by the warm connection on a region of that speed, and what would be left at speed 1."""
    options = ("--durations", str(durations.TABLE), "--speed", str(speed))
    rows = []
    with tempfile.TemporaryDirectory() as place, api.serve(*options) as endpoint:
        run = collection(Region(endpoint, speed, Path(place)), "threetier.aws.warm_local")
        for step, path in (("create", critical_path), ("teardown", longest_to_go)):
            least, aws = (path(durations.load(durations.TABLE, pace)) for pace in (speed, 1))
            took = run(step, "makespan")["seconds"]
            own = took - least  # Ansible's time passes no faster there
            row = {"speed": speed, "step": step, "path": round(least, 1), "seconds": took}
            rows.append(row | {"ratio": round(took / least, 2), "ratio_on_aws": round((aws + own) / aws, 3)})
            progress(f"makespan at speed {speed:g}: {step} {took:.1f} s, critical path {least:.1f} s")
    return rows
