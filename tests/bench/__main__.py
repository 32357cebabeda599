"""make bench: this collection beside raw boto3 and beside Ansible's own connection, on the lab's API alone.

Writes bench.md, bench.json, bench.svg and bench.png after each part, so that a run that is cut off leaves what it had.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests import api

from . import machine, plot, report
from .growth import STACKS, growth
from .inventory import SIZES, inventories
from .makespan import makespan
from .variants import VARIANTS, Region, interleaved

PARTS = ("stack", "makespan", "inventory", "growth")
_SPEED = 60.0  # of the region in which the variants are compared; nothing there takes time, only polls are paced


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument("--runs", type=int, default=5, help="rounds of each variant (default: %(default)s)")
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=PARTS, help="(default: all)")
    parser.add_argument("--variants", nargs="+", choices=VARIANTS, default=VARIANTS, help="raw is always one")
    parser.add_argument(
        "--speeds", type=float, nargs="+", default=[10], help="of the regions whose makespan is taken (default: 10)"
    )
    parser.add_argument(
        "--latency",
        default="0ms",
        help="how much longer each of the stack's calls takes, such as 80ms (default: no longer)",
    )
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES, help="hosts in the inventory")
    parser.add_argument("--stacks", type=int, nargs="+", default=STACKS, help="in the account, for growth")
    parser.add_argument("--output", type=Path, default=api.TOP / ".cache/bench", help="(default: %(default)s)")
    wish = parser.parse_args(argv)
    found: dict[str, Any] = {"machine": {**machine.describe(), "load before": machine.load()}, "runs": wish.runs}
    found["machine"]["latency of a call"] = wish.latency
    found |= {part: [] for part in PARTS}
    wish.output.mkdir(parents=True, exist_ok=True)
    if "stack" in wish.parts:
        with (
            tempfile.TemporaryDirectory() as place,
            api.serve("--speed", str(_SPEED), "--latency", wish.latency) as endpoint,
        ):
            found["stack"] = interleaved(Region(endpoint, _SPEED, Path(place)), wish.variants, wish.runs, _progress)
        _write(found, wish.output)
    for speed in wish.speeds if "makespan" in wish.parts else []:
        found["makespan"] += makespan(speed, _progress)
        _write(found, wish.output)
    if "inventory" in wish.parts:
        found["inventory"] = inventories(wish.runs, _progress, tuple(wish.sizes))
        _write(found, wish.output)
    if "growth" in wish.parts:
        found["growth"] = growth(_SPEED, wish.latency, _progress, sorted(wish.stacks))
    found["machine"]["load after"] = machine.load()
    _write(found, wish.output)
    print(report.text(found))
    return 0


def _progress(sentence: str) -> None:
    print(sentence, file=sys.stderr, flush=True)


def _write(found: dict[str, Any], place: Path) -> None:
    (place / "bench.json").write_text(json.dumps(found, indent=1) + "\n")
    (place / "bench.md").write_text(report.text(found))
    plot.draw(found, place)


if __name__ == "__main__":
    sys.exit(main())
