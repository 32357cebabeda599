"""The figures as one picture: what the ways take, how often raw boto3's time that is, the inventory by its size."""

from __future__ import annotations

from pathlib import Path
from statistics import median
from typing import Any

import matplotlib

matplotlib.use("agg")
from matplotlib import pyplot  # noqa: E402 - it looks for a screen unless told before

COLOURS = {"raw": "#8a8f98", "warm": "#d9822b", "stock": "#3d6fa5", "ours": "#d9822b", "cached": "#6aa84f"}
LABELS = {"raw": "raw boto3", "warm": "warm_local", "stock": "local", "ours": "inventory", "cached": "from its cache"}


def draw(found: dict[str, Any], place: Path) -> None:
    parts = [(key, paint) for key, paint in (("stack", _stack), ("inventory", _inventory)) if found[key]]
    if not parts:
        return
    figure, axes = pyplot.subplots(1, len(parts), figsize=(5.6 * len(parts), 4), squeeze=False)
    for axis, (key, paint) in zip(axes[0], parts, strict=True):
        paint(axis, found[key])
        axis.set_ylabel("seconds")
        axis.spines[["top", "right"]].set_visible(False)
        axis.grid(axis="y", color="#e5e5e5", linewidth=0.8)
        axis.set_axisbelow(True)
        axis.legend(frameon=False)
    figure.tight_layout()
    for kind in ("svg", "png"):
        figure.savefig(place / f"bench.{kind}", dpi=130, metadata={"Date": None} if kind == "svg" else None)
    pyplot.close(figure)


def _stack(axis: Any, rows: list[dict[str, Any]]) -> None:
    steps, width = list(dict.fromkeys(row["step"] for row in rows)), 0.26
    variants = [variant for variant in ("raw", "warm", "stock") if any(row["variant"] == variant for row in rows)]
    for offset, variant in enumerate(variants):
        took = [[row["seconds"] for row in rows if (row["step"], row["variant"]) == (step, variant)] for step in steps]
        middle = [median(values) for values in took]
        reach = [
            [most - min(values) for most, values in zip(middle, took, strict=True)],
            [max(values) - least for least, values in zip(middle, took, strict=True)],
        ]
        where = [number + (offset - (len(variants) - 1) / 2) * width for number in range(len(steps))]
        bars = axis.bar(
            where, middle, width * 0.92, yerr=reach, ecolor="#444444", color=COLOURS[variant], label=LABELS[variant]
        )
        axis.bar_label(bars, fmt="%.1f", padding=3, fontsize=8)
    axis.set_xticks(range(len(steps)), steps)
    axis.set_title("The three-tier stack's AWS tasks")


def _inventory(axis: Any, rows: list[dict[str, Any]]) -> None:
    sizes = list(dict.fromkeys(row["hosts"] for row in rows))
    for way in ("raw", "ours", "cached"):
        middle = [median(row["seconds"] for row in rows if (row["hosts"], row["way"]) == (size, way)) for size in sizes]
        axis.plot(sizes, middle, marker="o", color=COLOURS[way], label=LABELS[way])
    axis.set_xscale("log")
    axis.set_yscale("log")
    axis.set_xticks(sizes, [f"{size:,}" for size in sizes])
    axis.minorticks_off()
    axis.set_xlabel("hosts")
    axis.set_title("ansible-inventory --list")
