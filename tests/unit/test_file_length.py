"""Files stay short enough to be read at once. What has more lines is split, or stands here with its reason."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

TOP = Path(__file__).resolve().parents[2]
LIMITS = {"*.py": 400, "roles/*/tasks/*.yml": 100}  # lines, by what git calls the files
LONGER = {
    "tests/unit/lab/test_aws_events.py": "one region, through which an upload goes from service to service",
    "tests/unit/plugins/modules/cycles.py": "a table of each module's steps",
    "tests/unit/plugins/filter/test_findings.py": "a table of what a stack looks like and what is said of it",
}


def lines(path: str) -> int:
    return (TOP / path).read_text().count("\n")


@pytest.mark.parametrize("pattern", LIMITS)
def test_no_file_is_longer_than_its_limit(pattern: str) -> None:
    listed = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "--", pattern]
    found = subprocess.run(listed, cwd=TOP, capture_output=True, text=True, check=True).stdout.split()
    assert len(found) > 50
    assert {path: lines(path) for path in found if lines(path) > LIMITS[pattern] and path not in LONGER} == {}


@pytest.mark.parametrize("path", LONGER)
def test_each_exception_is_needed(path: str) -> None:
    assert lines(path) > LIMITS["*.py"]
