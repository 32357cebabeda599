"""The site moves to a domain of its own and back, while people use it at its old address."""

from __future__ import annotations

import json
import urllib.request

import pytest

from lab import config

from .conftest import Run, playbook
from .load import Load

DOMAIN = ("-e", "threetier_domain=example.test")


@pytest.fixture(autouse=True)
def trust(monkeypatch: pytest.MonkeyPatch) -> None:
    """As a browser that has the lab's authority."""
    monkeypatch.setenv("SSL_CERT_FILE", str(config.CA_CERT))


def told(stack) -> str:
    """The address that the page calls."""
    with urllib.request.urlopen(f"{stack.page}config.json", timeout=10) as answer:
        return str(json.load(answer)["api_base"])


def wrong(doctor: Run) -> list[str]:
    """What the doctor says at its end; not that the function failed of late, which the tests before have planted."""
    if doctor.code == 0:
        return []
    assert doctor.code == 2, doctor.why()
    said = doctor.output.rpartition('"msg": [\n')[2].partition("\n    ]\n")[0]
    lines = [line.strip(' ",') for line in said.splitlines()]
    return [line for line in lines if not line.startswith("function errors ")]


def test_the_site_moves_to_its_domain_and_nobody_notices_at_the_old_address(stack, figures):
    with Load(stack.api, rate=10) as load:
        moved = playbook("site", *DOMAIN)
    assert moved.code == 0, moved.why()
    figures["seconds of the move to a domain"] = round(moved.seconds, 1)
    figures["requests meanwhile, and lost"] = [len(load.answers), len(load.failed())]
    assert len(load.answers) > 100
    assert not load.failed(), load.failed()[:3]
    assert told(stack) == "https://api.example.test"
    with urllib.request.urlopen("https://api.example.test/", timeout=10) as answer:
        assert answer.status == 200
    with urllib.request.urlopen("http://api.example.test/", timeout=10) as answer:
        assert answer.url == "https://api.example.test:443/"  # as a load balancer of AWS writes it
    again = playbook("site", *DOMAIN)
    assert (again.code, again.total("changed")) == (0, 0), again.why("changed|fatal")


def test_the_doctor_finds_the_domain_well_and_a_record_that_is_gone(stack, client):
    assert wrong(playbook("doctor", *DOMAIN)) == []
    route53 = client("route53")
    zone = next(one["Id"] for one in route53.list_hosted_zones()["HostedZones"] if one["Name"] == "example.test.")
    records = route53.list_resource_record_sets(HostedZoneId=zone)["ResourceRecordSets"]
    (api,) = (one for one in records if (one["Name"], one["Type"]) == ("api.example.test.", "A"))
    gone = {"Changes": [{"Action": "DELETE", "ResourceRecordSet": api}]}
    route53.change_resource_record_sets(HostedZoneId=zone, ChangeBatch=gone)
    found = wrong(playbook("doctor", *DOMAIN))
    assert found[0].startswith("record api.example.test: The zone has no record of the stack for it.")
    assert [line for line in found if "api.example.test" not in line] == []  # and what follows from it
    mended = playbook("site", *DOMAIN)
    assert mended.code == 0, mended.why()
    assert wrong(playbook("doctor", *DOMAIN)) == []


def test_back_without_it_the_old_address_serves_as_before(stack):
    back = playbook("site")
    assert back.code == 0, back.why()
    assert told(stack) == stack.api
    for address in (stack.api, "http://api.example.test"):
        with urllib.request.urlopen(f"{address}/", timeout=10) as answer:
            assert answer.status == 200
    again = playbook("site")
    assert (again.code, again.total("changed")) == (0, 0), again.why("changed|fatal")
