"""Certificates that ACM issues once DNS proves their names."""

from __future__ import annotations

from typing import Any

import pytest

from lab import backends
from tests.unit.lab.conftest import change, record

API = {"domain_name": "api.example.test", "tags": {"Name": "demo-api"}}


@pytest.fixture
def zone(client: Any) -> str:
    made = client("route53").create_hosted_zone(Name="example.test", CallerReference="one")
    return str(made["HostedZone"]["Id"])


@pytest.fixture
def prove(client: Any, zone: str) -> Any:
    def put(said: dict[str, Any]) -> None:
        asked = said["certificate"]["validation_records"]
        records = [record(one["name"], one["type"], one["value"]) for one in asked]
        change(client("route53"), zone, "UPSERT", *records)

    return put


def test_it_tells_each_record_once_and_which_names_are_not_proven(run_module: Any) -> None:
    said = run_module("acm_certificate_request", **API, subject_alternative_names=["*.example.test", "example.test"])
    certificate = said["certificate"]
    assert certificate["status"] == "PENDING_VALIDATION"
    proven = {one["name"].partition(".")[2] for one in certificate["validation_records"]}
    assert (len(certificate["validation_records"]), proven) == (2, {"example.test.", "api.example.test."})
    assert certificate["pending_names"] == ["*.example.test", "api.example.test", "example.test"]


def test_it_waits_until_the_certificate_is_issued(run_module: Any, prove: Any) -> None:
    prove(run_module("acm_certificate_request", **API))
    said = run_module("acm_certificate_request", **API, wait=True)
    assert (said["changed"], said["certificate"]["status"]) == (False, "ISSUED")
    assert said["certificate"]["pending_names"] == []


@pytest.mark.usefixtures("impatient")
def test_who_waits_in_vain_is_told_the_record_that_is_missing(run_module: Any) -> None:
    wanted = run_module("acm_certificate_request", **API)["certificate"]["validation_records"][0]
    said = run_module("acm_certificate_request", **API, wait=True, wait_timeout=5)
    assert said["failed"]
    assert f"api.example.test ({wanted['name']} CNAME {wanted['value']})" in said["msg"]


def test_the_names_in_another_order_are_the_same_certificate(run_module: Any, writes: list[str]) -> None:
    names = ["b.example.test", "c.example.test"]
    first = run_module("acm_certificate_request", domain_name="a.example.test", subject_alternative_names=names)
    writes.clear()
    again = run_module(
        "acm_certificate_request", domain_name="A.example.test", subject_alternative_names=[*reversed(names), names[0]]
    )
    assert again["certificate"]["certificate_arn"] == first["certificate"]["certificate_arn"]
    assert (again["changed"], writes) == (False, [])


def test_one_of_fewer_names_is_another_certificate(run_module: Any) -> None:
    more = run_module("acm_certificate_request", **API, subject_alternative_names=["example.test"])
    fewer = run_module("acm_certificate_request", **API)
    assert fewer["changed"]
    assert fewer["certificate"]["certificate_arn"] != more["certificate"]["certificate_arn"]


def test_one_that_timed_out_does_not_count(run_module: Any, client: Any) -> None:
    first = run_module("acm_certificate_request", **API)["certificate"]["certificate_arn"]
    backends.backend("acm", "us-east-1")._certificates[first].status = "VALIDATION_TIMED_OUT"
    again = run_module("acm_certificate_request", **API)
    assert again["changed"]
    assert again["certificate"]["certificate_arn"] != first
