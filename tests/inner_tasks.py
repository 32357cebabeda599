"""ansible-lint over the tasks inside of threetier.aws.parallel, which it takes for a module's arguments."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

TOP = Path(__file__).resolve().parents[1]
PLACE = TOP / ".cache/inner/tasks"
PARALLEL = "threetier.aws.parallel"


def inner(entries: Any) -> Iterator[dict[str, Any]]:
    """The tasks inside of all parallel tasks, wherever those stand."""
    for entry in entries if isinstance(entries, list) else []:
        yield from entry.get(PARALLEL, {}).get("tasks", [])
        for part in ("block", "rescue", "always", "tasks", "pre_tasks", "post_tasks", "handlers"):
            yield from inner(entry.get(part))


def main() -> int:
    shutil.rmtree(PLACE, ignore_errors=True)
    PLACE.mkdir(parents=True)
    for path in [
        *TOP.glob("roles/*/tasks/**/*.yml"),
        *TOP.glob("roles/*/resources/*.yml"),
        *TOP.glob("playbooks/**/*.yml"),
    ]:
        if found := list(inner(yaml.safe_load(path.read_text()))):
            name = str(path.relative_to(TOP)).replace("/", "-")
            text = yaml.safe_dump(found, explicit_start=True, sort_keys=False, width=10_000)
            (PLACE / name).write_text(f"# {path.relative_to(TOP)}\n{text}")
    command = ["ansible-lint", "--offline", "--profile", "production", "--skip-list", "yaml", *PLACE.glob("*.yml")]
    return subprocess.run(command, cwd=TOP, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
