"""ansible-playbook threetier.aws.…, from an installation, on an inventory that it has started."""

from __future__ import annotations

import re

import pytest
import yaml

from tests.api import KEYS


@pytest.fixture
def mine(ansible, endpoint, tmp_path):
    """An inventory as a user starts one, then pointed at the API of these tests."""
    done = ansible("playbook", "threetier.aws.inventory", "-e", "threetier_inventory=inventories/mine", "-vv")
    assert done.returncode == 0, done.stdout + done.stderr
    place = tmp_path / "inventories/mine"
    aws = {"endpoint_url": endpoint, **KEYS}
    plugin = yaml.safe_load((place / "threetier.yml").read_text())
    (place / "threetier.yml").write_text(yaml.safe_dump(plugin | aws))
    (place / "group_vars/mine.yml").write_text(yaml.safe_dump({"threetier_admin_cidrs": ["203.0.113.7/32"]}))
    return place


def test_an_inventory_is_started_once_and_left_alone_then(ansible, mine):
    (mine / "group_vars/mine.yml").write_text("# mine\n")
    again = ansible("playbook", "threetier.aws.inventory", "-e", "threetier_inventory=inventories/mine")
    assert "changed=0 " in again.stdout
    assert (mine / "group_vars/mine.yml").read_text() == "# mine\n"
    assert not [path for path in mine.rglob("*") if path.is_symlink()]
    assert (mine / ".gitignore").read_text() == "/.ssh/\n"


@pytest.mark.parametrize("playbook", ["site", "teardown"])
def test_a_playbook_without_an_inventory_says_how_to_start_one(ansible, playbook):
    done = ansible("playbook", f"threetier.aws.{playbook}")
    assert done.returncode == 2
    assert "ansible-playbook threetier.aws.inventory -e threetier_inventory=" in done.stdout
    assert "ok=0 " in done.stdout


def test_an_inventory_is_started_where_it_is_wanted(ansible, endpoint, tmp_path):
    where = ["-e", "threetier_region=eu-west-1", "-e", "threetier_architecture=workshop", "-e", "threetier_from=lab"]
    done = ansible("playbook", "threetier.aws.inventory", "-e", "threetier_inventory=inventories/far", *where)
    assert done.returncode == 0, done.stdout + done.stderr
    plugin = yaml.safe_load((tmp_path / "inventories/far/threetier.yml").read_text())
    assert (plugin["regions"], plugin["architecture"]) == (["eu-west-1"], "workshop")
    assert plugin["endpoint_url"] == "http://198.51.100.1:4566"


def test_the_whole_site_is_there(ansible, mine, installed):
    done = ansible("playbook", "-i", mine, "threetier.aws.site", "--list-tasks")
    assert done.returncode == 0, done.stderr
    for role in ("network", "bastion", "database", "messaging", "webapp"):
        assert f"threetier.aws.{role} : " in done.stdout  # tasks of it; those of one engine are included later


def test_a_tier_is_built_and_removed_from_the_installation(ansible, client, installed, mine):
    stack = {"THREETIER_STACK": "galaxy"}
    built = ansible("playbook", "-i", mine, "threetier.aws.messaging", "-vv", **stack)
    assert built.returncode == 0, built.stdout + built.stderr
    paths = set(re.findall(r"^task path: (.*):\d+$", built.stdout, re.MULTILINE))
    assert paths
    assert all(path.startswith(str(installed)) for path in paths)
    functions = client("lambda").list_functions()["Functions"]
    assert [one["FunctionName"] for one in functions if "galaxy" in one["FunctionName"]] == ["galaxy-metadata-lambda"]
    torn = ansible("playbook", "-i", mine, "threetier.aws.teardown", "-e", "teardown_confirm=galaxy", **stack)
    assert torn.returncode == 0, torn.stdout + torn.stderr
    assert not [one for one in client("lambda").list_functions()["Functions"] if "galaxy" in one["FunctionName"]]
