"""The lab as a wheel: what is in it, what it needs, and that it serves a region far from the checkout."""

from __future__ import annotations

import ast
import importlib.metadata
import re
import signal
import subprocess
import sys
import tomllib
import urllib.request
import venv
import zipfile
from pathlib import Path

import pytest

from .conftest import BIN, TOP, run

PROJECT = tomllib.loads((TOP / "pyproject.toml").read_text())["project"]


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("wheel")
    words = ("wheel", "--quiet", "--no-deps", "--no-build-isolation", "--wheel-dir", place, TOP)
    done = run(BIN / "python", "-m", "pip", *words, cwd=place)
    assert done.returncode == 0, done.stdout + done.stderr
    (made,) = place.glob("threetier_lab-*.whl")
    return made


@pytest.fixture(scope="session")
def command(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """`threetier-lab` in an environment of its own, which takes what it depends on from that of the tests."""
    place = tmp_path_factory.mktemp("environment")
    venv.create(place, with_pip=False)
    python = place / "bin/python"
    words = ("install", "--quiet", "--no-deps", "--no-index", wheel)
    done = run(BIN / "python", "-m", "pip", "--python", python, *words, cwd=place)
    assert done.returncode == 0, done.stdout + done.stderr
    ours = next(path for path in sys.path if path.endswith("site-packages"))
    (theirs,) = place.glob("lib/python*/site-packages")
    (theirs / "of-the-tests.pth").write_text(f"{ours}\n")
    return place / "bin/threetier-lab"


def test_the_wheel_holds_all_of_the_lab_under_a_name_of_its_own(wheel):
    told = subprocess.run(["git", "ls-files", "lab"], cwd=TOP, capture_output=True, text=True, check=True).stdout
    with zipfile.ZipFile(wheel) as archive:
        held = {name for name in archive.namelist() if ".dist-info/" not in name}
    assert held == {f"threetier_{name}" for name in told.split()}


def imports(path: Path) -> set[str]:
    """The top names of what a module imports from outside of its own package."""
    nodes = list(ast.walk(ast.parse(path.read_text())))
    plain = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    from_others = {str(node.module) for node in nodes if isinstance(node, ast.ImportFrom) and not node.level}
    return {name.partition(".")[0] for name in plain | from_others}


def test_what_the_lab_imports_is_what_it_depends_on():
    """Another package that happens to come along may stay away tomorrow."""
    imported = set().union(*(imports(path) for path in (TOP / "lab").rglob("*.py"))) - sys.stdlib_module_names
    homes = importlib.metadata.packages_distributions()
    needed = {homes[name][0].lower() for name in imported if name in homes}
    declared = {re.split(r"[\[<>=~ ]", word)[0].lower() for word in PROJECT["dependencies"]}
    assert needed - {"botocore"} == declared  # boto3 brings it along
    assert all(">=" in word and "<" in word for word in PROJECT["dependencies"])


def test_the_version_is_the_collections(wheel):
    (version,) = re.findall(r"^version: (\S+)$", (TOP / "galaxy.yml").read_text(), re.MULTILINE)
    assert wheel.name.split("-")[1] == version


def test_the_api_answers_from_an_installation(command, tmp_path):
    """In an empty folder, without the checkout, and whatever the shell says of AWS and proxies."""
    environment = {"PATH": "/usr/bin:/bin", "HTTP_PROXY": "http://127.0.0.1:9", "AWS_PROFILE": "of-my-work"}
    words = [command, "api", "--port", "0", "--durations", "--speed", "600"]
    with subprocess.Popen(words, cwd=tmp_path, env=environment, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout
            endpoint = server.stdout.readline().strip()
            with urllib.request.urlopen(f"{endpoint}/lab/status", timeout=60) as answer:
                assert answer.read() == b"[]"
        finally:
            server.send_signal(signal.SIGTERM)
    assert server.returncode == 0


def test_a_region_with_machines_comes_up_and_goes_down(command, tmp_path):
    if run(command, "status", cwd=tmp_path).returncode == 0:
        pytest.fail("A lab runs on this machine. It would be taken down: end it first, with `make lab-down`.")
    begun = run(
        command, "up", cwd=tmp_path, PATH="/usr/bin:/bin", AWS_PROFILE="of-my-work", http_proxy="http://127.0.0.1:9"
    )
    try:
        assert begun.returncode == 0, begun.stdout + begun.stderr
        assert "The lab is up: http://198.51.100.1:4566" in begun.stdout
        told = run(command, "status", cwd=tmp_path)
        assert told.returncode == 0, told.stderr
        assert told.stdout.startswith("KIND ")
    finally:
        ended = run(command, "down", cwd=tmp_path)
    assert ended.stdout == "The lab is down.\n"
    assert run(command, "status", cwd=tmp_path).stdout == "The lab is down. `threetier-lab up` starts it.\n"


def test_a_clone_has_the_same_bytes_whatever_core_autocrlf_says(tmp_path):
    words = ("clone", "--quiet", "--shared", "--config", "core.autocrlf=true", TOP, tmp_path / "clone")
    done = run("git", *words, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    told = run("git", "ls-files", "--eol", cwd=tmp_path / "clone").stdout.splitlines()
    assert told
    assert [line for line in told if "w/crlf" in line or "w/mixed" in line] == []
