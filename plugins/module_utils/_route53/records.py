# -*- coding: utf-8 -*-
# Copyright: Contributors to threetier.aws
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
"""
Records of a hosted zone that have an owner. Private to this collection.

Route 53 gives records no tags. So beside each record that is somebody's stands a TXT record with the tags of its owner,
as external-dns does it; both are made and deleted in one change, which Route 53 does whole or not at all.
"""

from __future__ import annotations

from typing import Any

from ansible_collections.threetier.aws.plugins.module_utils import _calls

Record = dict[str, Any]  # a resource record set in the words of the API
Key = tuple[str, str]  # name without its final dot, type
MARK = "_threetier-"
_MARK_TTL = 300  # seconds


@_calls.read("list the records", [])
def listed(client: Any, zone_id: str) -> list[Record]:
    pages = client.get_paginator("list_resource_record_sets").paginate(HostedZoneId=zone_id)
    found: list[Record] = pages.build_full_result()["ResourceRecordSets"]
    return found


@_calls.call("change the records", retry_on=["PriorRequestNotComplete"])
def change(client: Any, zone_id: str, changes: list[dict[str, Any]]) -> None:
    client.change_resource_record_sets(HostedZoneId=zone_id, ChangeBatch=dict(Changes=changes))


def wanted(option: dict[str, Any]) -> Record:
    """A record as the module's option says it."""
    record: Record = dict(Name=_plain(option["name"]) + ".", Type=option["type"])
    if option["alias_hosted_zone_id"]:
        record["AliasTarget"] = dict(
            HostedZoneId=option["alias_hosted_zone_id"],
            DNSName=_plain(option["value"][0]) + ".",
            EvaluateTargetHealth=option["alias_evaluate_target_health"],
        )
    else:
        record |= dict(TTL=option["ttl"], ResourceRecords=[dict(Value=value) for value in option["value"]])
    return record


def key_of(record: Record) -> Key:
    return _plain(record["Name"]), record["Type"]


def mark_of(key: Key, owner: dict[str, str]) -> Record:
    """The TXT record that says whose a record is."""
    texts = [dict(Value=f'"{tag}={value}"') for tag, value in sorted(owner.items())]
    return dict(Name=f"{_mark_name(key)}.", Type="TXT", TTL=_MARK_TTL, ResourceRecords=texts)


def owners(records: list[Record]) -> dict[Key, dict[str, str]]:
    """The owner's tags of each record that has one, whether the record itself is there or not."""
    return {
        _marked(_plain(record["Name"])): _tags(record)
        for record in records
        if record["Type"] == "TXT" and record["Name"].startswith(MARK)
    }


def is_of(whose: dict[Key, dict[str, str]], key: Key, owner: dict[str, str]) -> bool:
    """Whether a record is marked, with all of the owner's tags."""
    return key in whose and owner.items() <= whose[key].items()


def text_of(record: Record) -> str:
    """What a record leads to, in words."""
    if target := record.get("AliasTarget"):
        health = ", if it is healthy" if target["EvaluateTargetHealth"] else ""
        return f"alias {_plain(target['DNSName'])}{health}"
    values = sorted(_plain(one["Value"]) if record["Type"] == "CNAME" else one["Value"] for one in _values(record))
    return f"{', '.join(values)} for {record.get('TTL')} s"


def changes_for(records: list[Record], asked: list[Record], owner: dict[str, str]) -> list[dict[str, Any]]:
    """
    What makes the owner's records those that are asked for, and no others. Records of others are not touched; one that
    leads already where it is asked to lead stays theirs.
    """
    there, whose = {key_of(record): record for record in records}, owners(records)
    changes = []
    for record in asked:
        key = key_of(record)
        found = there.get(key)
        marked = is_of(whose, key, owner)
        if found and not marked:
            continue
        if not found or text_of(found) != text_of(record):
            changes.append(dict(Action="UPSERT", ResourceRecordSet=record))
        if not marked:
            changes.append(dict(Action="UPSERT", ResourceRecordSet=mark_of(key, owner)))
    gone = [key for key in whose if is_of(whose, key, owner) and key not in map(key_of, asked)]
    return changes + [change for key in gone for change in deletions(there, key)]


def deletions(there: dict[Key, Record], key: Key) -> list[dict[str, Any]]:
    """What deletes a record, if it is there, and the mark beside it."""
    both = (there.get(key), there.get((_mark_name(key), "TXT")))
    return [dict(Action="DELETE", ResourceRecordSet=record) for record in both if record]


def problems(records: list[Record], asked: list[Record], owner: dict[str, str]) -> list[str]:
    """Why records cannot be made: somebody else has theirs at these names. In sentences."""
    whose = owners(records)
    found = []
    for record in asked:
        name, kind = key_of(record)
        for other in records:
            other_name, other_kind = key_of(other)
            in_the_way = other_kind == kind or "CNAME" in (kind, other_kind)
            theirs = not is_of(whose, (other_name, other_kind), owner)
            if other_name == name and in_the_way and theirs and (other_kind, text_of(other)) != (kind, text_of(record)):
                found.append(
                    f"{name} has a record {other_kind} already ({text_of(other)}), which "
                    f"{_owner_in_words(whose.get((other_name, other_kind)))}. Delete it, or choose another name."
                )
    return found


def _owner_in_words(tags: dict[str, str] | None) -> str:
    if not tags:
        return "this stack has not made"
    return f"is of {', '.join(f'{tag}={value}' for tag, value in sorted(tags.items()))}"


def _mark_name(key: Key) -> str:
    return f"{MARK}{key[1].lower()}.{key[0]}"


def _marked(mark: str) -> Key:
    kind, _dot, name = mark.removeprefix(MARK).partition(".")
    return name, kind.upper()


def _tags(record: Record) -> dict[str, str]:
    texts = [one["Value"].strip('"').partition("=") for one in _values(record)]
    return {tag: value for tag, _sign, value in texts}


def _values(record: Record) -> list[dict[str, str]]:
    values: list[dict[str, str]] = record.get("ResourceRecords", [])
    return values


def _plain(name: str) -> str:
    """As names are compared: without the final dot, in small letters, and a wildcard as people write it."""
    return name.rstrip(".").lower().replace("\\052", "*")
