"""Certificates of ACM: issued when DNS proves the names, by an authority that clients can trust."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError
from cryptography import x509

from lab import config

from .conftest import change, record

NAMES = {
    "DomainName": "example.test",
    "SubjectAlternativeNames": ["example.test", "*.example.test", "api.example.test"],
}


@pytest.fixture
def acm(api: None, client: Any) -> Any:
    return client("acm")


@pytest.fixture
def arn(acm: Any) -> str:
    return str(acm.request_certificate(**NAMES, ValidationMethod="DNS")["CertificateArn"])


@pytest.fixture
def prove(acm: Any, zone: Any, client: Any) -> Any:
    """prove(record, …) puts validation records into a public hosted zone of example.test."""
    made = zone("example.test")

    def put(*asked: dict[str, Any]) -> None:
        change(client("route53"), made, "UPSERT", *map(as_record, asked))

    return put


def as_record(asked: dict[str, Any]) -> dict[str, Any]:
    """The record set that a validation asks for."""
    return record(asked["Name"], asked["Type"], asked["Value"])


def seen(acm: Any, arn: str) -> dict[str, Any]:
    return dict(acm.describe_certificate(CertificateArn=arn)["Certificate"])


def records(acm: Any, arn: str) -> list[dict[str, Any]]:
    """The records that are asked for, each once."""
    options = seen(acm, arn)["DomainValidationOptions"]
    return list({option["ResourceRecord"]["Name"]: option["ResourceRecord"] for option in options}.values())


def test_a_certificate_is_issued_when_each_of_its_names_is_proven(acm: Any, arn: str, prove: Any) -> None:
    first, second = records(acm, arn)  # a name and its wildcard share one
    assert seen(acm, arn)["Status"] == "PENDING_VALIDATION"
    assert "NotAfter" not in seen(acm, arn)
    prove(first)
    assert seen(acm, arn)["Status"] == "PENDING_VALIDATION"
    states = {option["DomainName"]: option["ValidationStatus"] for option in seen(acm, arn)["DomainValidationOptions"]}
    assert sorted(states.values()) == ["PENDING_VALIDATION", "SUCCESS", "SUCCESS"]
    prove(second | {"Value": "_of-another-account.acm-validations.aws."})
    assert seen(acm, arn)["Status"] == "PENDING_VALIDATION"
    prove(second)
    assert seen(acm, arn)["Status"] == "ISSUED"
    assert seen(acm, arn)["NotAfter"]


def test_the_labs_authority_vouches_for_each_name(acm: Any, arn: str, prove: Any) -> None:
    with pytest.raises(ClientError, match="RequestInProgressException"):
        acm.get_certificate(CertificateArn=arn)
    prove(*records(acm, arn))
    answer = acm.get_certificate(CertificateArn=arn)
    certificate = x509.load_pem_x509_certificate(answer["Certificate"].encode())
    assert answer["CertificateChain"] == config.CA_CERT.read_text()
    certificate.verify_directly_issued_by(x509.load_pem_x509_certificate(config.CA_CERT.read_bytes()))
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == NAMES["SubjectAlternativeNames"]


def test_a_private_zone_proves_nothing(acm: Any, arn: str, private_zone: Any, client: Any) -> None:
    _vpc, made = private_zone("example.test")
    change(client("route53"), made, "CREATE", *map(as_record, records(acm, arn)))
    assert seen(acm, arn)["Status"] == "PENDING_VALIDATION"


def test_what_a_listener_uses_says_so_and_stays(acm: Any, arn: str, client: Any, prove: Any) -> None:
    prove(*records(acm, arn))
    ec2, elbv2 = client("ec2"), client("elbv2")
    vpc = ec2.create_vpc(CidrBlock="10.9.0.0/16")["Vpc"]["VpcId"]
    subnets = [
        ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.9.{n}.0/24", AvailabilityZone=f"us-east-1{zone}")
        for n, zone in enumerate("ab")
    ]
    balancer = elbv2.create_load_balancer(Name="demo", Subnets=[one["Subnet"]["SubnetId"] for one in subnets])
    balancer_arn = balancer["LoadBalancers"][0]["LoadBalancerArn"]
    listener = elbv2.create_listener(
        LoadBalancerArn=balancer_arn,
        Protocol="HTTPS",
        Port=443,
        Certificates=[{"CertificateArn": arn}],
        DefaultActions=[{"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "200"}}],
    )["Listeners"][0]["ListenerArn"]
    assert seen(acm, arn)["InUseBy"] == [balancer_arn]
    with pytest.raises(ClientError, match="ResourceInUseException"):
        acm.delete_certificate(CertificateArn=arn)
    elbv2.delete_listener(ListenerArn=listener)
    acm.delete_certificate(CertificateArn=arn)
    assert acm.list_certificates()["CertificateSummaryList"] == []
