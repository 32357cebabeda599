"""Run a module as Ansible would, inside moto, with the lab's patches where moto and AWS differ."""

from __future__ import annotations

import contextlib
import importlib
import io
import json
from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest
from ansible.module_utils.testing import patch_module_args
from moto import mock_aws

from lab import aws
from lab.aws import patching

_MODULES = "ansible_collections.threetier.aws.plugins.modules"


@pytest.fixture(autouse=True)
def account(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """An empty account; credentials that could never be real ones."""
    for name, value in {
        "AWS_ACCESS_KEY_ID": "AKIAUNITTESTSONLY000",
        "AWS_SECRET_ACCESS_KEY": "never-a-real-secret-of-anyone-at-all",
        "AWS_DEFAULT_REGION": "us-east-1",
        "MOTO_IAM_LOAD_MANAGED_POLICIES": "false",  # two seconds for each test, and none needs them
    }.items():
        monkeypatch.setenv(name, value)
    with mock_aws():
        aws.install(machines=False)
        yield
    patching.undo()


@pytest.fixture
def client() -> Callable[[str], Any]:
    return lambda service: boto3.client(service, region_name="us-east-1")


@pytest.fixture
def run_module() -> Callable[..., dict[str, Any]]:
    """run_module("rds_db_instance", check=False, **options) returns what the module says, failures too."""

    def run(name: str, /, *, check: bool = False, **options: Any) -> dict[str, Any]:
        module = importlib.import_module(f"{_MODULES}.{name}")
        said = io.StringIO()
        arguments = {**options, "_ansible_check_mode": check, "_ansible_diff": True}
        with patch_module_args(arguments), contextlib.redirect_stdout(said), pytest.raises(SystemExit):
            module.main()
        return json.loads(said.getvalue())

    return run


@pytest.fixture
def cycle(run_module: Callable[..., dict[str, Any]]) -> Callable[..., list[dict[str, Any]]]:
    """Predict, do, predict, do: the first two say changed and the same diff, the others say unchanged."""

    def run(name: str, /, **options: Any) -> list[dict[str, Any]]:
        seen = [run_module(name, check=check, **options) for check in (True, False, True, False)]
        assert [one.get("msg") for one in seen] == [None] * 4
        assert [one["changed"] for one in seen] == [True, True, False, False]
        assert seen[0]["diff"] == seen[1]["diff"]
        assert seen[2]["diff"]["before"] == seen[2]["diff"]["after"]
        return seen

    return run
