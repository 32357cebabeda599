"""Hosted zones and their records, where moto's differ from AWS's."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable
from typing import Any

from moto.route53 import models
from moto.route53.exceptions import Route53ClientError
from moto.route53.models import FakeZone, Route53Backend

from ...monkeypatch import wrap
from . import zones

_ADDRESSES: dict[str, tuple[type[ipaddress.IPv4Address | ipaddress.IPv6Address], str, str]] = {
    "A": (ipaddress.IPv4Address, "ARRDATAIllegalIPv4Address", "IPv4"),
    "AAAA": (ipaddress.IPv6Address, "AAAARRDATAIllegalIPv6Address", "IPv6"),
}


def begin_ids_with_z(original: Any) -> Any:
    def make(*args: Any, **kwargs: Any) -> str:
        return f"Z{original(*args, **kwargs)[1:21]}"

    return make


def create_zone(original: Callable[..., FakeZone]) -> Any:
    """A caller reference is good for one zone, and the SOA record is a line of text."""

    def create(
        self: Route53Backend,
        name: str,
        private_zone: bool,
        caller_reference: str | None = None,
        *args: Any,
        **more: Any,
    ) -> FakeZone:
        if any(zone.caller_reference == caller_reference for zone in self.zones.values()):
            message = f"A hosted zone has already been created with the specified caller reference: {caller_reference}"
            raise Route53ClientError("HostedZoneAlreadyExists", message)
        zone = original(self, name, private_zone, caller_reference, *args, **more)
        for record in zone.rrsets:
            record.records = [value["Value"] if isinstance(value, dict) else value for value in record.records]
        return zone

    return create


def change(original: Any) -> Any:
    """A batch with a record that DNS cannot hold is refused. A record is deleted without others of its identifier."""

    def change_resource_record_sets(self: Route53Backend, zoneid: str, change_list: list[dict[str, Any]]) -> None:
        zone = self.get_hosted_zone(zoneid)
        problems = [problem for one in change_list for problem in _problems(zone, one)]
        if problems:
            raise Route53ClientError("InvalidChangeBatch", f"[{', '.join(problems)}]")
        for one in change_list:
            if target := one["ResourceRecordSet"].get("AliasTarget"):
                target["DNSName"] = zones.absolute(target["DNSName"])
        kept = [
            record
            for one in change_list
            if one["Action"] == "DELETE"
            for record in zone.rrsets
            if record.set_identifier
            and record.set_identifier == one["ResourceRecordSet"].get("SetIdentifier")
            and (record.name, record.type)
            != (zones.absolute(one["ResourceRecordSet"]["Name"]), one["ResourceRecordSet"]["Type"])
        ]
        original(self, zoneid, change_list)
        zone.rrsets += [record for record in kept if record not in zone.rrsets]

    return change_resource_record_sets


def _problems(zone: FakeZone, change: dict[str, Any]) -> list[str]:
    """Why AWS would not make this change, in AWS's words."""
    if change["Action"] == "DELETE":
        return []
    record = change["ResourceRecordSet"]
    kind, name, apex = record["Type"], zones.absolute(record["Name"]), zones.absolute(zone.name)
    found = []
    if kind == "CNAME" and name == apex:
        found.append(f"RRSet of type CNAME with DNS name {name} is not permitted at apex in zone {apex}")
    for other in zone.rrsets:
        if other.name == name and other.type != kind and "CNAME" in (kind, other.type):
            found.append(
                f"RRSet of type {kind} with DNS name {name} is not permitted because a conflicting RRSet of type "
                f"{other.type} with the same DNS name already exists in zone {apex}"
            )
    if kind in _ADDRESSES:
        take, code, version = _ADDRESSES[kind]
        for value in record.get("ResourceRecords") or []:
            try:
                take(value["Value"])
            except ValueError:
                found.append(
                    f"Invalid Resource Record: 'FATAL problem: {code} (Value is not a valid {version} address) "
                    f"encountered with '{value['Value']}''"
                )
    return found


def install() -> None:
    wrap(models, "create_route53_zone_id", begin_ids_with_z)
    wrap(Route53Backend, "create_hosted_zone", create_zone)
    wrap(Route53Backend, "change_resource_record_sets", change)
