"""A fresh account for each test: moto with or without the lab's patches."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto import mock_aws

from lab import backends, config, services
from lab.services.ec2 import addresses, images


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """moto's account, empty; credentials that could never be real ones."""
    for name, value in {
        "AWS_ACCESS_KEY_ID": "AKIAUNITTESTSONLY000",
        "AWS_SECRET_ACCESS_KEY": "never-a-real-secret-of-anyone-at-all",
        "AWS_DEFAULT_REGION": "us-east-1",
    }.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(config, "PKI", tmp_path / "pki")
    monkeypatch.setattr(config, "CA_CERT", tmp_path / "pki/ca.pem")
    with mock_aws():
        addresses.public_addresses.clear()
        yield
    services.uninstall()


@pytest.fixture
def api(account: None) -> None:
    """The API alone: patched, nothing behind it."""
    services.install(machines=False)


@pytest.fixture
def machines(account: None) -> None:
    """Patched as when controllers stand behind the API."""
    services.install(machines=True)


@pytest.fixture
def image(account: None) -> str:
    return images.register(backends.backend("ec2", "us-east-1"), "debian-12-amd64-20260101-0001").id


@pytest.fixture
def client() -> Any:
    """client("ec2") in the test's region."""
    return lambda service: boto3.client(service, region_name="us-east-1")
