"""docs/support.md says what the files say that tools read."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path

import pytest
import yaml

TOP = Path(__file__).resolve().parents[2]
COLLECTIONS = ("amazon.aws", "community.aws", "community.crypto")
ROWS = {
    row[0]: row[1:]
    for row in re.findall(r"^\| ([\w., -]+?) \| `(\S+)` \| ([\d.]+) \|$", (TOP / "docs/support.md").read_text(), re.M)
}


def read(name):
    return yaml.safe_load((TOP / name).read_text())


def pinned(name):
    return re.search(rf"^{name}==([\d.]+)", (TOP / "requirements/main.txt").read_text(), re.M).group(1)


def test_ansible_core_is_what_runtime_yml_and_the_pinned_requirements_say():
    assert ROWS["ansible-core"] == (read("meta/runtime.yml")["requires_ansible"], pinned("ansible-core"))


def test_the_execution_environment_takes_no_other_ansible_core():
    image = read("execution-environment.yml")["dependencies"]["ansible_core"]["package_pip"]
    low, high = (bound.removesuffix(".0") for bound in ROWS["ansible-core"][0].split(","))
    assert image == f"ansible-core{low},{high}"


@pytest.mark.parametrize("name", COLLECTIONS)
def test_collections_are_what_galaxy_yml_requirements_yml_and_the_environment_say(name):
    wanted, tried = ROWS[name]
    assert read("galaxy.yml")["dependencies"][name] == wanted
    assert {one["name"]: one["version"] for one in read("requirements.yml")["collections"]}[name] == wanted
    manifest = TOP / ".venv/collections/ansible_collections" / name.replace(".", "/") / "MANIFEST.json"
    assert json.loads(manifest.read_text())["collection_info"]["version"] == tried


def test_boto3_and_python_are_what_requirements_and_tools_say():
    wanted, tried = ROWS["boto3"]
    assert f"boto3{wanted}" in (TOP / "requirements.txt").read_text().splitlines()
    assert pinned("boto3") == tried
    tools = tomllib.loads((TOP / "pyproject.toml").read_text())["tool"]
    wanted, tried = ROWS["Python, where Ansible runs"]
    assert (wanted, tried) == (f">={tools['mypy']['python_version']}", tools["mypy"]["python_version"])
