"""What looking at a stack costs, by how many stacks the account holds: a run should look at its own alone."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from tests import api

from .variants import CONNECTIONS, LOOKS, Region, collection, raw

STACKS = (0, 1, 2, 4)
_OWN = "growth"


def growth(
    region_speed: float, latency: str, progress: Callable[[str], None], stacks: Sequence[int] = STACKS
) -> list[dict[str, Any]]:
    """Each look by the warm connection, beside so many stacks; without any only a plan can be made.

    :param latency: how much longer each call takes, as `lab api` takes it.
    :param stacks: how many the account holds, in rising order. The one that is looked at is made by site.yml. Others
        are made of the same resources by raw boto3.
    """
    rows = []
    with (
        tempfile.TemporaryDirectory() as place,
        api.serve("--speed", str(region_speed), "--latency", latency) as endpoint,
    ):
        region = Region(endpoint, region_speed, Path(place))
        run, others, there = collection(region, CONNECTIONS["warm"]), raw(region), 0
        for count in stacks:
            while there < count:
                (others if there else run)("create", f"{_OWN}{there or ''}")
                there += 1
            for step in (*LOOKS, "no change") if count else ("plan",):
                found = run(step, _OWN)
                del found["output"]
                rows.append({"stacks": count, "step": step, **found})
                told = f"{found['seconds']:.1f} s, {found['processor']:.1f} of processor time, {found['calls']} calls"
                progress(f"{count} stacks: {step}, {told}")
    return rows
