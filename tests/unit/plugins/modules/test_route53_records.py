"""Records of a hosted zone: those of others are left alone, and are in nobody's way but where they are in it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.lab.conftest import change, record

OWNER = {"ManagedBy": "threetier.aws", "Role": "webapp", "Stack": "demo"}
API = {"name": "api.example.test", "type": "A", "value": ["192.0.2.1"]}


@pytest.fixture
def zone(client: Any) -> str:
    made = client("route53").create_hosted_zone(Name="example.test", CallerReference="one")
    return str(made["HostedZone"]["Id"]).rpartition("/")[2]


@pytest.fixture
def put(client: Any, zone: str) -> Any:
    """put(name, type, values…) makes a record as somebody else would."""
    return lambda name, kind, *values: change(client("route53"), zone, "CREATE", record(name, kind, *values))


@pytest.fixture
def keep(run_module: Any, zone: str) -> Any:
    def run(*records: dict[str, Any], owner: dict[str, str] | None = None, **more: Any) -> dict[str, Any]:
        ours = {"zone": "example.test", "hosted_zone_id": zone, "owner": owner or OWNER}
        return dict(run_module("route53_records", **ours, records=list(records), **more))

    return run


@pytest.fixture
def names(client: Any, zone: str) -> Any:
    def listed() -> set[tuple[str, str]]:
        found = client("route53").list_resource_record_sets(HostedZoneId=zone)["ResourceRecordSets"]
        return {(one["Type"], one["Name"]) for one in found} - {("NS", "example.test."), ("SOA", "example.test.")}

    return listed


@pytest.mark.parametrize(("kind", "value"), [("A", "192.0.2.7"), ("CNAME", "elsewhere.example.")])
def test_a_record_that_others_have_made_is_refused_and_stays(
    keep: Any, put: Any, names: Any, writes: list[str], kind: str, value: str
) -> None:
    put("api.example.test.", kind, value)
    writes.clear()
    said = keep(API)
    assert said["failed"]
    assert f"api.example.test has a record {kind} already ({value.rstrip('.')} for 300 s)" in said["msg"]
    assert "this stack has not made" in said["msg"]
    assert (writes, names()) == ([], {(kind, "api.example.test.")})


def test_one_that_another_stack_has_made_is_refused_by_its_name(keep: Any) -> None:
    keep(API, owner=OWNER | {"Stack": "shop"})
    assert "is of ManagedBy=threetier.aws, Role=webapp, Stack=shop" in keep(API | {"value": ["192.0.2.2"]})["msg"]


def test_one_of_others_that_leads_where_it_has_to_stays_theirs(keep: Any, put: Any, names: Any) -> None:
    """So a record that proves a name to ACM, and that more than one certificate needs, goes with none of them."""
    proof = {"name": "_x.example.test", "type": "CNAME", "value": ["_y.acm-validations.aws."]}
    put("_x.example.test.", "CNAME", "_y.acm-validations.aws.")
    assert not keep(proof)["changed"]
    assert not keep()["changed"]
    assert not keep(proof, state="absent")["changed"]
    assert names() == {("CNAME", "_x.example.test.")}


def test_only_the_owners_go_and_a_record_goes_with_its_mark(keep: Any, put: Any, names: Any) -> None:
    put("mail.example.test.", "A", "192.0.2.9")
    keep({**API, "name": "www.example.test"}, owner=OWNER | {"Role": "cdn"})
    before = names()
    keep(API, {**API, "name": "*.apps.example.test"})
    assert ("TXT", "_threetier-a.api.example.test.") in names()
    assert keep()["diff"]["before"].keys() == {"A api.example.test", "A *.apps.example.test"}
    assert names() == before


def test_a_zone_that_is_not_there_yet_can_be_planned_and_not_changed(run_module: Any) -> None:
    new = {"zone": "example.test", "hosted_zone_id": "", "owner": OWNER, "records": [API]}
    assert run_module("route53_records", check=True, **new)["diff"]["after"] == {
        "A api.example.test": "192.0.2.1 for 300 s"
    }
    assert run_module("route53_records", **new)["msg"].startswith("hosted_zone_id is empty")
