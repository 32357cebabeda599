"""What the figures were measured on: all that matters of the machine, and nothing that names it."""

from __future__ import annotations

import os
import platform
from importlib.metadata import version
from pathlib import Path


def describe() -> dict[str, str]:
    memory = next(line for line in Path("/proc/meminfo").read_text().splitlines() if line.startswith("MemTotal"))
    models = [line for line in Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("model name")]
    return {
        "cores": f"{len(os.sched_getaffinity(0))}, {models[0].partition(': ')[2] if models else platform.machine()}",
        "memory": f"{int(memory.split()[1]) / 2**20:.0f} GiB",
        "Python": platform.python_version(),
        **{name: version(name) for name in ("ansible-core", "boto3", "moto")},
    }


def load() -> str:
    """Of the last minute: above the number of cores, others were at work, and the figures say little."""
    return f"{os.getloadavg()[0]:.1f}"
