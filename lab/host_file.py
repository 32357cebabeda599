"""The lab's block in the host's /etc/hosts, so that a browser and curl find its names."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from pathlib import Path

from . import config

_FILE = Path("/etc/hosts")
_BEGIN, _END = f"# BEGIN {config.HOSTS_MARK}", f"# END {config.HOSTS_MARK}"
_BLOCK = re.compile(rf"\n{re.escape(_BEGIN)}\n.*?{re.escape(_END)}\n", re.DOTALL)


def merge(text: str, names: Iterable[tuple[str, str]]) -> str:
    """The file's text with the block saying these (name, address) pairs, or without it when there are none."""
    lines = [f"{address} {name}" for name, address in names]
    rest = _BLOCK.sub("", text)
    # the block brings its own line break along, so that taking it out restores the file to the letter
    return rest + "\n".join(["", _BEGIN, *lines, _END, ""]) if lines else rest


def write(names: Iterable[tuple[str, str]]) -> None:
    """Make the block say these names; an empty list removes it."""
    text = _FILE.read_text() if _FILE.exists() else ""
    merged = merge(text, names)
    if merged != text:
        new = _FILE.with_name(f".hosts.{os.getpid()}")
        new.write_text(merged)
        new.chmod(0o644)
        try:
            new.rename(_FILE)
        except OSError:  # a bind mount, as in a container, can be written but not replaced
            _FILE.write_text(merged)
            new.unlink()
