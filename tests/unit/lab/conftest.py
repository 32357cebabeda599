"""A fresh account for each test: moto with or without the lab's patches."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto import mock_aws

from lab import backends, config, services
from lab.services.ec2 import addresses, images

_references = itertools.count()  # of hosted zones


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


@pytest.fixture
def zone(api: None, client: Any) -> Any:
    """zone("example.test", {record}, …) makes a public hosted zone with these record sets; returns its id."""
    route53 = client("route53")

    def make(name: str, *records: dict[str, Any]) -> str:
        made = route53.create_hosted_zone(Name=name, CallerReference=f"{next(_references)}")["HostedZone"]["Id"]
        change(route53, made, "CREATE", *records)
        return str(made)

    return make


@pytest.fixture
def private_zone(api: None, client: Any) -> Any:
    """private_zone("example.test") makes an empty one for a new VPC; returns the VPC's id and its own."""

    def make(name: str) -> tuple[str, str]:
        vpc = client("ec2").create_vpc(CidrBlock="10.7.0.0/16")["Vpc"]["VpcId"]
        made = client("route53").create_hosted_zone(
            Name=name,
            CallerReference=f"{next(_references)}",
            HostedZoneConfig={"PrivateZone": True},
            VPC={"VPCRegion": "us-east-1", "VPCId": vpc},
        )
        return str(vpc), str(made["HostedZone"]["Id"])

    return make


def change(route53: Any, zone: str, action: str, *records: dict[str, Any]) -> None:
    changes = [{"Action": action, "ResourceRecordSet": record} for record in records]
    if changes:
        route53.change_resource_record_sets(HostedZoneId=zone, ChangeBatch={"Changes": changes})


def record(name: str, kind: str, *values: str, ttl: int = 300, **more: Any) -> dict[str, Any]:
    found = [{"Value": value} for value in values]
    return {"Name": name, "Type": kind, "TTL": ttl, "ResourceRecords": found, **more}
