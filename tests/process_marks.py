"""All processes of one run, found by a mark in their environment.

Not by parent or process group: Ansible's workers have sessions of their own, and the warm worker's parent ends first.
"""

from __future__ import annotations

import contextlib
import uuid
from collections.abc import Iterator
from pathlib import Path

_NAME = "THREETIER_TEST_RUN"


def new_mark() -> dict[str, str]:
    """The environment by which marked_processes() knows a run, like no other."""
    return {_NAME: str(uuid.uuid4())}


def marked_processes(by: dict[str, str]) -> Iterator[Path]:
    """The directories in /proc of processes that were started with this mark, zombies left out."""
    word = f"{_NAME}={by[_NAME]}".encode()
    for entry in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if word in (entry / "environ").read_bytes().split(b"\0"):
                yield entry
