"""Every task file of a role is an entry that its specs describe, or is used by another one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.api import TOP

# A role gets region and partition from its inputs and from who it is.
SPELT_OUT = re.compile(r"\blocalhost\b|\b[a-z]{2}-[a-z]+-\d\b|\barn:aws[:a-z-]*:|\b\d{12}\b")
LISTED = re.compile(r" *- [a-z]{2}(-[a-z]+)+-\d")  # in a list of what AWS does differently in each region
ROLES = sorted(path for path in (TOP / "roles").iterdir() if path.is_dir())
FAILED = re.compile(r"is succeeded|\['rc'\]")
SAYS = {"ansible.builtin.assert", "ansible.builtin.fail"}
STEP = re.compile(r"(?:import|include)_tasks: (\S+)")


def _files(role: Path) -> dict[str, str]:
    tasks = role / "tasks"
    return {str(path.relative_to(tasks)): path.read_text() for path in tasks.rglob("*.yml")}


def _entries(role: Path) -> set[str]:
    specs = yaml.safe_load((role / "meta/argument_specs.yml").read_text())["argument_specs"]
    return {f"{name}.yml" for name in specs}


@pytest.mark.parametrize("role", ROLES, ids=[role.name for role in ROLES])
def test_every_task_file_is_an_entry_or_is_used(role: Path) -> None:
    files, entries = _files(role), _entries(role)
    used = {name for text in files.values() for name in STEP.findall(text)}
    assert used <= set(files)
    assert entries <= set(files)
    assert set(files) <= used | entries
    assert all("/" not in entry for entry in entries)


@pytest.mark.parametrize("role", ROLES, ids=[role.name for role in ROLES])
def test_a_task_is_named_after_the_file_it_stands_in(role: Path) -> None:
    for name, text in _files(role).items():
        prefix = name.removesuffix(".yml").replace("/", " | ") + " | "
        named = re.findall(r"^\s*- name: \"?([a-z_]+(?: \| [a-z_]+)* \| )", text, re.M)
        assert set(named) <= {prefix}, name


@pytest.mark.parametrize("role", ROLES, ids=[role.name for role in ROLES])
def test_no_role_spells_out_a_host_a_region_a_partition_or_an_account(role: Path) -> None:
    for folder in ("defaults", "meta", "tasks", "vars"):
        for path in (role / folder).rglob("*.yml"):
            known = path.read_text().replace("099720109477", "")  # who publishes Ubuntu, a default to be overridden
            lines = [line for line in known.splitlines() if not LISTED.fullmatch(line)]
            assert not SPELT_OUT.findall("\n".join(lines)), path


def _tasks(entries: Any) -> Iterator[dict[str, Any]]:
    """Each task, those in blocks and plays too, and those in parallel, for which the timeout around them holds."""
    for entry in entries or []:
        yield entry
        around = {"timeout": entry["timeout"]} if "timeout" in entry else {}
        yield from (around | task for task in entry.get("threetier.aws.parallel", {}).get("tasks", []))
        for part in ("block", "rescue", "always", "tasks", "pre_tasks", "post_tasks", "handlers"):
            yield from _tasks(entry.get(part))


def test_every_wait_has_a_deadline() -> None:
    """
    A task that repeats says how often. What waits is a loop, which shows on each look what it waits for; until is for a
    call that failed, because Ansible calls each of its tries a failure. amazon.aws.ec2_security_group waits without end
    for the outbound rule of a new group, which another run may have removed: each use of it has a timeout.
    """
    paths = [*(TOP / "roles").glob("*/tasks/**/*.yml"), *(TOP / "playbooks").rglob("*.yml")]
    for path in paths:
        entries = yaml.safe_load(path.read_text())
        for task in _tasks(entries if isinstance(entries, list) else []):
            assert "until" not in task or "retries" in task, (path, task["name"])
            assert FAILED.search(task.get("until", "is succeeded")), (path, task["name"])
            group = task.get("amazon.aws.ec2_security_group", {"state": "absent"})
            assert group.get("state") == "absent" or "timeout" in task, (path, task["name"])


def _mappings(found: Any) -> Iterator[dict[str, Any]]:
    if isinstance(found, dict):
        yield found
    for inner in found.values() if isinstance(found, dict) else found if isinstance(found, list) else []:
        yield from _mappings(inner)


@pytest.mark.parametrize("role", ROLES, ids=[role.name for role in ROLES])
def test_what_a_role_finds_by_tags_is_its_own(role: Path) -> None:
    """A resource is the stack's if it carries ManagedBy as well; what others tag with Stack and Role is theirs."""
    for folder in ("tasks", "vars"):
        for path in (role / folder).rglob("*.yml"):
            for found in _mappings(yaml.safe_load(path.read_text())):
                assert "tag:Stack" not in found or found.get("tag:ManagedBy") == "threetier.aws", path


def _imported(path: Path, tasks: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """The tasks of the files that these import; path is that of their own file."""
    role = TOP / "roles" / path.relative_to(TOP / "roles").parts[0]
    for task in tasks:
        if name := task.get("ansible.builtin.import_tasks"):
            yield from _tasks(yaml.safe_load((role / "tasks" / name).read_text()))


def test_every_wait_says_at_its_end_what_it_waited_for() -> None:
    """After a loop that ends early there is a sentence for who waited in vain, be it in a file that is imported."""
    for path in (TOP / "roles").glob("*/tasks/**/*.yml"):
        if path.name == "watch.yml":  # rollout/follow.yml rolls back, and says why
            continue
        tasks = list(_tasks(yaml.safe_load(path.read_text())))
        for number, task in enumerate(tasks):
            if "break_when" in task.get("loop_control", {}):
                assert "label" in task["loop_control"], (path, task["name"])
                after = [*tasks[number + 1 :], *_imported(path, tasks[number + 1 :])]
                assert any(SAYS & {*one} for one in after), (path, task["name"])


def test_who_may_read_the_applications_secret_are_the_roles_that_read_it() -> None:
    """The database's tier names them, before the role webapp has made them."""
    (play,) = yaml.safe_load((TOP / "playbooks/tiers/database.yml").read_text())
    said = play["tasks"][-1]["vars"]
    names = yaml.safe_load((TOP / "roles/webapp/vars/main.yml").read_text())
    made = [names["__webapp_profile"], names["__webapp_builder_profile"]]
    assert [name.replace("threetier_stack", "webapp_stack") for name in said["__readers"]] == made
    reports = yaml.safe_load((TOP / "roles/functions/vars/main/names.yml").read_text())
    role = reports["__functions_report_role"].replace("{{ __functions_report }}", reports["__functions_report"])
    assert said["__reporter"].replace("threetier_stack", "functions_stack") == role


def test_all_hosts_have_one_hardened_configuration_of_sshd() -> None:
    ours = TOP / "roles/bastion/files/sshd_hardening.conf"
    assert (TOP / "roles/webapp/files/guest/sshd_hardening.conf").resolve() == ours
    lines = [line.split(maxsplit=1) for line in ours.read_text().splitlines() if line and not line.startswith("#")]
    said = dict(lines)
    offered = {word for key, value in said.items() if key.endswith(("s", "Algorithms")) for word in value.split(",")}
    assert not [
        word for word in offered if "nistp" in word or word.endswith(("sha1", "ssh-rsa")) or "hmac-sha1" in word
    ]
    for refused in ("PasswordAuthentication", "KbdInteractiveAuthentication", "X11Forwarding", "AllowAgentForwarding"):
        assert said[refused] == "no", refused
