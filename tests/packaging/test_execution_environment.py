"""execution-environment.yml: what ansible-builder makes of it, as far as that goes without a container engine."""

from __future__ import annotations

import yaml

from .conftest import BIN, TOP, run


def test_ansible_builder_makes_a_build_context(tmp_path):
    done = run(BIN / "ansible-builder", "create", "-f", TOP / "execution-environment.yml", "-c", tmp_path, cwd=TOP)
    (containerfile,) = (path for path in tmp_path.iterdir() if path.is_file())  # its name is up to the engine
    assert done.returncode == 0, done.stdout + done.stderr
    assert "FROM $EE_BASE_IMAGE AS base" in containerfile.read_text()
    wanted = yaml.safe_load((tmp_path / "_build/requirements.yml").read_text())["collections"]
    assert [one["name"] for one in wanted] == ["threetier.aws"]


def test_the_collection_says_what_it_needs(installed):
    done = run(BIN / "ansible-builder", "introspect", installed.parents[2], cwd=installed)
    assert done.returncode == 0, done.stdout + done.stderr
    told = yaml.safe_load(done.stdout)
    assert any(line.startswith("boto3>=") for line in told["python"])
    assert any(line.startswith("openssh-clients ") for line in told["system"])
