"""A domain as the roles dns and certificate make it: a zone, a record with its mark, a certificate."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.unit.lab.conftest import change, record


def make_domain(client: Callable[[str], Any], stack: str, tags: list[dict[str, str]]) -> None:
    """The domain `<stack>.test`, with these tags on all of it."""
    route53, domain = client("route53"), f"{stack}.test"
    zone = route53.create_hosted_zone(Name=domain, CallerReference=stack)["HostedZone"]["Id"]
    route53.change_tags_for_resource(ResourceType="hostedzone", ResourceId=zone.rpartition("/")[2], AddTags=tags)
    mark = [f'"{tag["Key"]}={tag["Value"]}"' for tag in tags]
    records = [record(f"api.{domain}", "A", "192.0.2.1"), record(f"_threetier-a.api.{domain}", "TXT", *mark)]
    change(route53, zone, "CREATE", *records)
    client("acm").request_certificate(DomainName=f"api.{domain}", ValidationMethod="DNS", Tags=tags)
