"""What Galaxy takes and a user gets."""

from __future__ import annotations

import subprocess
import tarfile

import yaml

from .conftest import BIN, TOP, run


def files(artifact):
    with tarfile.open(artifact) as archive:
        return {member.name for member in archive if not member.isdir()}


def test_nothing_ships_that_is_not_in_git(artifact):
    told = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    known = subprocess.run(told, cwd=TOP, capture_output=True, text=True, check=True).stdout.split("\0")
    assert files(artifact) - set(known) == {"FILES.json", "MANIFEST.json"}


def test_what_a_user_runs_ships_and_what_needs_a_checkout_does_not(artifact):
    tops = {name.split("/")[0] for name in files(artifact)}
    assert {
        "roles",
        "plugins",
        "playbooks",
        "inventories",
        "group_vars",
        "architectures",
        "meta",
        "docs",
        "README.md",
    } <= tops
    assert {"execution-environment.yml", "requirements.txt", "bindep.txt"} <= tops
    assert not tops & {"lab", "molecule", "tests", "Makefile", "pyproject.toml", "requirements", "ansible.cfg", ".venv"}
    assert "inventories/lab/threetier.yml" in files(artifact)
    assert not [name for name in files(artifact) if "/." in name or name.startswith(".") or name.endswith(".pyc")]


def test_galaxys_importer_has_nothing_to_say(artifact, tmp_path):
    """Without ansible-test, which `make sanity` runs; it would need a container here."""
    settings = tmp_path / "galaxy-importer.cfg"
    settings.write_text("[galaxy-importer]\nrun_ansible_test = False\n")
    words = (BIN / "python", "-m", "galaxy_importer.main", artifact)
    done = run(*words, cwd=tmp_path, GALAXY_IMPORTER_CONFIG=str(settings))
    log = done.stdout + done.stderr
    assert "Importer processing completed successfully" in log, log
    assert "...ansible-lint run complete" in log
    assert not [line for line in log.splitlines() if "WARNING" in line or "ERROR" in line], log


def test_every_module_of_aws_is_in_the_action_group():
    """Otherwise module_defaults, region and credentials, pass it by. What calls no API would refuse them."""
    runtime = yaml.safe_load((TOP / "meta/runtime.yml").read_text())
    named = {name for name in runtime["action_groups"]["aws"] if isinstance(name, str)}
    sources = {path.stem: path.read_text() for path in (TOP / "plugins/modules").glob("*.py")}
    modules = {name for name, source in sources.items() if "- amazon.aws.common.modules" in source}
    assert named == modules
