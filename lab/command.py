"""Commands of the host."""

from __future__ import annotations

import subprocess


def run(argv: list[str], input: str | None = None) -> str:
    """What a command that is given this input prints; RuntimeError with the command's own sentence if it fails."""
    done = subprocess.run(argv, input=input, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{' '.join(argv[:6])}: {(done.stderr or done.stdout).strip()}")
    return done.stdout
