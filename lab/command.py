"""Commands of the host."""

from __future__ import annotations

import subprocess
from typing import Any


def run(argv: list[str], **kwargs: Any) -> str:
    """What a command prints; RuntimeError with the command's own sentence if it fails."""
    done = subprocess.run(argv, capture_output=True, text=True, check=False, **kwargs)
    if done.returncode:
        raise RuntimeError(f"{' '.join(argv[:6])}: {(done.stderr or done.stdout).strip()}")
    return done.stdout
