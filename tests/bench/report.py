"""The figures as tables: medians, and from the least to the most where there were several rounds."""

from __future__ import annotations

from collections.abc import Iterable
from statistics import median
from typing import Any

# By the latency of a call: times raw boto3, by the warm connection.
GOALS = {"0ms": {"create": 10, "no change": 9}, "80ms": {"no change": 3}}
ON_TIME = {"create": 1.06, "teardown": 1.2}  # times the critical path
FOUND, CACHED = 3, 1.0  # times the calls alone; seconds; both for 3,000 hosts


def table(head: Iterable[str], rows: Iterable[Iterable[Any]]) -> str:
    head = list(head)
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(str(cell) for cell in line)} |" for line in lines)


def spread(values: list[float], digits: int = 1) -> str:
    middle = f"{median(values):.{digits}f}"
    return middle if len(values) == 1 else f"{middle} ({min(values):.{digits}f} to {max(values):.{digits}f})"


def ratios(rows: list[dict[str, Any]], same: str, way: str, name: str, of: str = "seconds") -> dict[Any, list[float]]:
    """By `same`, how often raw's time of the same round `name` took."""
    took = {(row["round"], row[same], row[way]): row[of] for row in rows}
    found: dict[Any, list[float]] = {}
    for (number, what, who), seconds in took.items():
        if who == name:
            found.setdefault(what, []).append(seconds / took[number, what, "raw"])
    return found


def stack(rows: list[dict[str, Any]], latency: str = "0ms") -> str:
    goals, lines = GOALS.get(latency, {}), []
    for step in dict.fromkeys(row["step"] for row in rows):
        for variant in ("raw", "warm", "stock"):
            if not (mine := [row for row in rows if (row["step"], row["variant"]) == (step, variant)]):
                continue
            times = spread(ratios(rows, "step", "variant", variant)[step])
            work = spread(ratios(rows, "step", "variant", variant, "processor")[step])
            goal = f"≤ {goals[step]}" if variant == "warm" and step in goals else ""
            calls, mib = (round(median(row[key] for row in mine)) for key in ("calls", "mib"))
            lines.append([step, variant, spread([row["seconds"] for row in mine]), times, goal, work, calls, mib])
    head = ["step", "variant", "s", "× raw", "goal", "processor time, × raw", "calls", "peak MiB"]
    return table(head, lines)


def makespans(rows: list[dict[str, Any]]) -> str:
    return table(
        ["step", "speed", "critical path, s", "took, s", "×", "at speed 1, by calculation, ×", "goal"],
        [
            [row["step"], f"{row['speed']:g}", row["path"], f"{row['seconds']:.1f}", f"{row['ratio']:.2f}"]
            + [f"{row['ratio_on_aws']:.3f}", f"≤ {ON_TIME[row['step']]}"]
            for row in rows
        ],
    )


def inventory(rows: list[dict[str, Any]]) -> str:
    lines = []
    for size in dict.fromkeys(row["hosts"] for row in rows):
        took = {
            way: [row["seconds"] for row in rows if (row["hosts"], row["way"]) == (size, way)]
            for way in ("raw", "ours", "cached")
        }
        times = spread(ratios(rows, "hosts", "way", "ours")[size])
        lines.append(
            [f"{size:,}", *(spread(took[way], 2) for way in ("raw", "ours")), times, spread(took["cached"], 2)]
        )
    return table(
        ["hosts", "calls alone, s", "inventory, s", f"× (goal ≤ {FOUND})", f"from cache, s (goal ≤ {CACHED:g})"], lines
    )


def growth(rows: list[dict[str, Any]]) -> str:
    lines = [
        [row["step"], row["stacks"], row["calls"], f"{row['seconds']:.1f}", f"{row['processor']:.1f}"]
        for row in sorted(rows, key=lambda row: (row["step"], row["stacks"]))
    ]
    return table(["step", "stacks in the account", "calls", "s", "processor time, s"], lines)


def text(found: dict[str, Any]) -> str:
    machine = "\n".join(f"- {name}: {value}" for name, value in found["machine"].items())
    parts = ["# make bench", machine]
    latency = found["machine"].get("latency of a call", "0ms")
    for title, key, render in (
        ("The stack, three ways", "stack", lambda rows: stack(rows, latency)),
        ("Makespan", "makespan", makespans),
        ("Inventory", "inventory", inventory),
        ("Growth", "growth", growth),
    ):
        if found[key]:
            parts += [f"## {title}", render(found[key])]
    return "\n\n".join(parts) + "\n"
