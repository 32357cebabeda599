"""Run a module as Ansible would, inside moto, with the lab's patches where moto and AWS differ."""

from __future__ import annotations

import contextlib
import importlib
import io
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from ansible.module_utils.testing import patch_module_args
from moto import mock_aws
from moto.core.botocore_stubber import BotocoreStubber

from lab import config, services

_MODULES = "ansible_collections.threetier.aws.plugins.modules"
# Receive hides what it finds from others, and leaves an empty queue as it is.
_READS = ("Describe", "List", "Get", "Head", "Filter", "Receive")


@pytest.fixture(autouse=True)
def account(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """An empty account; credentials that could never be real ones."""
    for name, value in {
        "AWS_ACCESS_KEY_ID": "AKIAUNITTESTSONLY000",
        "AWS_SECRET_ACCESS_KEY": "never-a-real-secret-of-anyone-at-all",
        "AWS_DEFAULT_REGION": "us-east-1",
    }.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(config, "PKI", tmp_path / "pki")
    monkeypatch.setattr(config, "CA_CERT", tmp_path / "pki/ca.pem")
    with mock_aws():
        services.install(machines=False)
        yield
    services.uninstall()


@pytest.fixture
def client() -> Callable[[str], Any]:
    return lambda service: boto3.client(service, region_name="us-east-1")


@pytest.fixture(autouse=True)
def writes(account: None, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The API's log: each call that reached it and was not for reading, as `service.Operation`."""
    seen: list[str] = []
    answer = BotocoreStubber.__call__

    def hear(self: BotocoreStubber, event_name: str, request: Any, **options: Any) -> Any:
        call = event_name.removeprefix("before-send.")
        if not call.split(".")[1].startswith(_READS):
            seen.append(call)
        return answer(self, event_name, request, **options)

    monkeypatch.setattr(BotocoreStubber, "__call__", hear)
    return seen


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Waiters look again at once."""
    monkeypatch.setattr("botocore.waiter.time.sleep", lambda _seconds: None)


@pytest.fixture
def no_mail(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lab.services.sns.mail.post", lambda *_args: None)


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
def cycle(run_module: Callable[..., dict[str, Any]], writes: list[str]) -> Callable[..., list[dict[str, Any]]]:
    """
    Predict, do, predict, do: the first two say changed and the same diff, the others say unchanged.

    What was said is returned, each with the `writes` that it took: none in check mode, none for nothing.
    """

    def run(name: str, /, **options: Any) -> list[dict[str, Any]]:
        seen = []
        for check in (True, False, True, False):
            before = len(writes)
            said = run_module(name, check=check, **options)
            seen.append({**said, "writes": writes[before:]})
        assert [one.get("msg") for one in seen] == [None] * 4
        assert [one["changed"] for one in seen] == [True, True, False, False]
        assert [bool(one["writes"]) for one in seen] == [False, True, False, False]
        assert seen[0]["diff"] == seen[1]["diff"]
        assert seen[0]["diff"]["before"] != seen[0]["diff"]["after"]
        assert seen[2]["diff"]["before"] == seen[2]["diff"]["after"]
        return seen

    return run
