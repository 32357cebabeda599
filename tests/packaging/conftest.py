"""The collection as Galaxy has it: built from this checkout, installed into an empty folder, run from another one."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

# The API alone is the same as for the roles' tests.
from tests.playbooks.conftest import client, endpoint  # noqa: F401

TOP = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent
Run = Callable[..., subprocess.CompletedProcess[str]]


def run(*argv: object, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    path = f"{BIN}:{os.environ['PATH']}"
    return subprocess.run(
        [str(word) for word in argv],
        cwd=cwd,
        env={**os.environ, "PATH": path, "PWD": str(cwd), "ANSIBLE_NOCOLOR": "1", **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=580,
        check=False,
    )


@pytest.fixture(scope="session")
def artifact(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tar file, built in the checkout as it is, with all that lies about in it."""
    place = tmp_path_factory.mktemp("artifact")
    done = run(BIN / "ansible-galaxy", "collection", "build", "--output-path", place, cwd=TOP)
    assert done.returncode == 0, done.stdout + done.stderr
    (made,) = place.glob("threetier-aws-*.tar.gz")
    return made


@pytest.fixture(scope="session")
def installed(artifact: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The collection's folder below an empty path."""
    place = tmp_path_factory.mktemp("collections")
    # Forced, because the checkout is installed in the environment that the tests run in.
    words = ("install", "--offline", "--no-deps", "--force", "-p", place, artifact)
    done = run(BIN / "ansible-galaxy", "collection", *words, cwd=place)
    assert done.returncode == 0, done.stdout + done.stderr
    return place / "ansible_collections/threetier/aws"


@pytest.fixture
def ansible(installed: Path, tmp_path: Path) -> Run:
    """ansible("playbook", "threetier.aws.site", …) in an empty folder, far from the checkout and its ansible.cfg."""
    return lambda command, *words, **environment: run(
        BIN / f"ansible-{command}",
        *words,
        cwd=tmp_path,
        ANSIBLE_COLLECTIONS_PATH=str(installed.parents[2]),
        **environment,
    )
