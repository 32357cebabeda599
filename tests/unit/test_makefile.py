"""What commands of the Makefile see of the shell's environment."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

TOP = Path(__file__).resolve().parents[2]


def test_the_shells_profile_and_proxies_are_not_for_the_lab():
    """Modules refuse a profile beside the lab's keys, and no proxy knows the way to the lab."""
    shell = {"AWS_PROFILE": "work", "AWS_SESSION_TOKEN": "x", "HTTP_PROXY": "http://proxy:3128", "NO_PROXY": "intranet"}
    done = subprocess.run(
        ["make", "--silent", "--file", "Makefile", "--file", "-", "environment"],
        input="environment:\n\t@env\n",
        cwd=TOP,
        env={**os.environ, **shell},
        capture_output=True,
        text=True,
        check=True,
    )
    seen = dict(line.partition("=")[::2] for line in done.stdout.splitlines())
    assert not [name for name in seen if name.startswith("AWS_")]
    assert seen["HTTP_PROXY"] == "http://proxy:3128"
    assert seen["NO_PROXY"] == seen["no_proxy"] == "intranet,198.51.100.1,amazonaws.com"
