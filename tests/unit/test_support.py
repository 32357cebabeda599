"""docs/support.md says what the files say that tools read."""

from __future__ import annotations

import json
import re
import sys
import tomllib
from importlib.metadata import version
from pathlib import Path

import pytest
import yaml

TOP = Path(__file__).resolve().parents[2]
COLLECTIONS = ("amazon.aws", "community.aws", "community.crypto")
ROWS = {
    row[0]: row[1:]
    for row in re.findall(
        r"^\| ([\w., -]+?) \| `(\S+)` \| ([\d.]+) \| ([\d.]+) \|$", (TOP / "docs/support.md").read_text(), re.M
    )
}


def read(name):
    return yaml.safe_load((TOP / name).read_text())


def pinned(name, file="main"):
    return re.search(rf"^{name}==([\d.]+)", (TOP / f"requirements/{file}.txt").read_text(), re.M).group(1)


# Which column is true of where these tests run: `make compat` runs them, too.
TRIED = 2 if version("ansible-core") == pinned("ansible-core", "newest") else 1


def test_ansible_core_is_what_runtime_yml_and_the_pinned_requirements_say():
    both = (pinned("ansible-core"), pinned("ansible-core", "newest"))
    assert ROWS["ansible-core"] == (read("meta/runtime.yml")["requires_ansible"], *both)
    assert version("ansible-core") == ROWS["ansible-core"][TRIED]


@pytest.mark.parametrize("name, counts", [("ansible-core", 2), *((name, 1) for name in COLLECTIONS)])
def test_a_range_ends_where_nothing_newer_has_been_tried(name, counts):
    """ansible-core counts its series by two numbers, collections by one."""
    wanted, _oldest, newest = ROWS[name]
    *begin, last = newest.split(".")[:counts]
    assert wanted.split("<")[1].split(".")[:counts] == [*begin, str(int(last) + 1)]


def test_the_execution_environment_takes_no_other_ansible_core():
    image = read("execution-environment.yml")["dependencies"]["ansible_core"]["package_pip"]
    low, high = (bound.removesuffix(".0") for bound in ROWS["ansible-core"][0].split(","))
    assert image == f"ansible-core{low},{high}"


@pytest.mark.parametrize("name", COLLECTIONS)
def test_collections_are_what_galaxy_yml_requirements_yml_and_the_environment_say(name):
    wanted = ROWS[name][0]
    assert read("galaxy.yml")["dependencies"][name] == wanted
    assert {one["name"]: one["version"] for one in read("requirements.yml")["collections"]}[name] == wanted
    manifest = TOP / ".venv/collections/ansible_collections" / name.replace(".", "/") / "MANIFEST.json"
    assert json.loads(manifest.read_text())["collection_info"]["version"] == ROWS[name][TRIED]


def test_boto3_and_python_are_what_requirements_and_tools_say():
    wanted, *tried = ROWS["boto3"]
    assert f"boto3{wanted}" in (TOP / "requirements.txt").read_text().splitlines()
    assert tried == [pinned("boto3")] * 2
    tools = tomllib.loads((TOP / "pyproject.toml").read_text())["tool"]
    wanted, oldest, _newest = row = ROWS["Python, where Ansible runs"]
    assert (wanted, oldest) == (f">={tools['mypy']['python_version']}", tools["mypy"]["python_version"])
    assert ".".join(map(str, sys.version_info[:2])) == row[TRIED]
