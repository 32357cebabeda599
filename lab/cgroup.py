"""A cgroup for each guest, with the memory and the processors that its instance type has.

systemd-nspawn runs a guest's systemd in the cgroup `payload` below its own. Guests whose nspawns share a cgroup
therefore share one tree of services: a guest that removes the cgroup of a service which has ended takes it from
another guest that is just starting that service, which fails there with 219/CGROUP.

Processes and their limits stand in one tree (cgroup2), or in several (cgroup v1, or a mix of both): a guest gets a
folder in each tree that is needed.
"""

from __future__ import annotations

import contextlib
import dataclasses
import os
import time
from collections.abc import Iterator
from pathlib import Path

from . import config

_PERIOD = 100_000  # microseconds; the kernel's default
_UNIFIED, _SYSTEMD = "unified", "name=systemd"
# Moves itself into the cgroups up to --, then becomes the command that follows.
_JOIN = 'while [ "$1" != -- ]; do echo 0 >"$1/cgroup.procs" || exit; shift; done; shift; exec "$@"'


@dataclasses.dataclass(frozen=True)
class Limits:
    """What a guest may use at most; None: all that the host has."""

    memory: int | None = None  # bytes
    processors: float | None = None


@dataclasses.dataclass(frozen=True)
class Usage:
    """What a guest uses."""

    memory: int | None  # bytes, its page cache included; None where the host's kernel does not count it
    processor_time: float  # seconds since the cgroup was made


class Cgroup:
    """The cgroup of one guest. Making it again, or removing what is not there, is fine."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._parents = _parents()
        self._folders = [parent / name for parent in dict.fromkeys(self._parents.values())]

    def make(self, limits: Limits) -> None:
        """Make it, empty, with these limits. OSError if the host does not let us."""
        self.remove()
        for controller, parent in self._parents.items():
            parent.mkdir(parents=True, exist_ok=True)
            if controller == _UNIFIED:
                _enable(parent)
        for folder in self._folders:
            folder.mkdir(exist_ok=True)
        if limits.memory:
            self._write(("memory.max", "memory.limit_in_bytes"), str(limits.memory))
        if limits.processors:
            quota = round(limits.processors * _PERIOD)
            self._write(("cpu.max",), f"{quota} {_PERIOD}")
            self._write(("cpu.cfs_quota_us",), str(quota))

    def command(self, argv: list[str]) -> list[str]:
        """The command that runs argv in it, as the same process."""
        return ["sh", "-c", _JOIN, "sh", *(str(folder) for folder in self._folders), "--", *argv]

    def usage(self) -> Usage | None:
        """What the guest uses at this moment, None if the cgroup is not there."""
        statistics = self._read(_UNIFIED, "cpu.stat")  # which cgroup2 has without the controller, too
        if statistics is None:
            return None
        microseconds = dict(line.split() for line in statistics.splitlines())["usage_usec"]
        memory = self._read(_UNIFIED, "memory.current") or self._read("memory", "memory.usage_in_bytes")
        return Usage(int(memory) if memory else None, int(microseconds) / 1e6)

    def remove(self, deadline: float = 5) -> None:
        """Remove it; processes that are just ending get some seconds for it."""
        for folder in self._folders:
            _remove(folder, time.monotonic() + deadline)

    def _read(self, tree: str, name: str) -> str | None:
        if tree in self._parents:
            with contextlib.suppress(OSError):
                return (self._parents[tree] / self._name / name).read_text()
        return None

    def _write(self, names: tuple[str, ...], value: str) -> None:
        """Set a limit in the tree that knows it. Where the host has lent out no such controller, there is no limit."""
        for folder in self._folders:
            for name in names:
                if (folder / name).exists():
                    (folder / name).write_text(value)


def usable() -> str:
    """Why guests cannot have cgroups on this host, nothing if they can."""
    if _UNIFIED not in (parents := _parents()):
        return "cgroup2 is not mounted"
    top = parents[_UNIFIED].parent
    return "" if os.access(top, os.W_OK) else f"{top} cannot be written"


def sweep() -> list[Path]:
    """Remove the cgroups of all guests; returns those that there were."""
    found = []
    for _, top in _mounts():
        for folder, _, _ in os.walk(top):
            if Path(folder).name == config.CGROUP:
                found += [entry for entry in Path(folder).iterdir() if entry.is_dir()]
                _remove(Path(folder), time.monotonic() + 5)
    return found


def _parents() -> dict[str, Path]:
    """By tree, the folder that holds the guests' cgroups.

    In trees that only limit, it is below the lab's own cgroup, so that a limit set on the lab holds for its guests.
    cgroup2 allows that only at the top: a cgroup that has processes cannot hand controllers on. What systemd calls its
    own tree in cgroup v1 has the same paths as cgroup2.
    """
    own = _own_paths()
    parents = {}
    for controller, top in _mounts():
        inside = top / own.get(controller, "")
        limits = controller in ("memory", "cpu") and inside.is_dir()
        parents[controller] = (inside if limits else top) / config.CGROUP
    return parents


def _own_paths() -> dict[str, str]:
    """By controller, the lab's own cgroup."""
    lines = [line.split(":", 2) for line in Path("/proc/self/cgroup").read_text().splitlines()]
    return {name: path.lstrip("/") for _, controllers, path in lines for name in controllers.split(",")}


def _mounts() -> Iterator[tuple[str, Path]]:
    """Where the trees are mounted that a guest needs a folder in."""
    for line in Path("/proc/mounts").read_text().splitlines():
        _, top, kind, options = line.split()[:4]
        if kind == "cgroup2":
            yield _UNIFIED, Path(top)
        elif kind == "cgroup":
            for controller in {"memory", "cpu", _SYSTEMD} & set(options.split(",")):
                yield controller, Path(top)


def _enable(parent: Path) -> None:
    """Let cgroups below parent limit memory and processors, if this tree has what that takes."""
    for folder in (parent.parent, parent):
        for controller in ("memory", "cpu"):
            with contextlib.suppress(OSError):
                (folder / "cgroup.subtree_control").write_text(f"+{controller}")


def _remove(folder: Path, end: float) -> None:
    for inner, _, _ in os.walk(folder, topdown=False):
        while True:
            try:
                os.rmdir(inner)
            except FileNotFoundError:
                break
            except OSError:
                if time.monotonic() > end:
                    return
                time.sleep(0.02)
            else:
                break
