# -*- coding: utf-8 -*-
# Copyright: Contributors to threetier.aws
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
"""One page of a stack: from what info modules found to rows. Pure. Private to this collection."""

from __future__ import annotations

from typing import Any

from ansible_collections.threetier.aws.plugins.module_utils import _findings
from ansible_collections.threetier.aws.plugins.module_utils import _releases
from ansible_collections.threetier.aws.plugins.module_utils import _table
from ansible_collections.threetier.aws.plugins.module_utils import _times
from ansible_collections.threetier.aws.plugins.module_utils import _topology

_SHOWN = 5  # of the last deploys
INSTANCES = ("id", "role", "zone", "state", "health", "version", "up", "patches")
DATABASES = ("name", "status", "zone", "version", "kind", "restorable")
DEPLOYS = ("version", "state", "instances", "released", "by", "template_version", "image")


def page(
    seen: dict[str, Any], findings: list[dict[str, Any]], hosts: dict[str, Any], stack: str, time: str
) -> dict[str, Any]:
    """
    :param seen: results of the tasks that looked, by what they looked at; what failed counts as nothing found.
    :param hosts: by instance id what the host said of itself.
    """
    images = {one["image_id"]: one for one in seen["images"].get("images") or []}
    health = _health(seen["targets"])
    found = [_instance(one, images, health, hosts) for one in seen["instances"].get("instances") or []]
    rows = sorted(found, key=lambda one: (one["role"], one["zone"], one["id"]))
    checks = _findings.in_order(findings)
    wrong = [one for one in checks if one["state"] != "good"]
    result = dict(
        stack=stack,
        time=time,
        healthy=not wrong,
        wrong=wrong,
        looked_at=len(findings),
        checks=checks,
        addresses=[dict(place=one["place"], address=one["address"]) for one in checks if one.get("address")],
        zones=sorted({one["availability_zone"] for one in (seen.get("subnets") or {}).get("subnets") or []}),
        instances=rows,
        database=_database(seen, stack),
        dead_letters=_dead_letters(seen["queue"]),
        rollout=_releases.under_way(seen["refreshes"].get("instance_refreshes") or []),
        deploys=_deploys(seen),
    )
    return dict(result, topology=_topology.draw(result, {one["place"] for one in wrong}, *_findings.picture()))


def _health(result: dict[str, Any]) -> dict[str, str]:
    groups = result.get("target_groups") or [{}]
    listed = groups[0].get("targets_health_description") or []
    return {one["target"]["id"]: one["target_health"]["state"] for one in listed}


def _instance(
    found: dict[str, Any], images: dict[str, Any], health: dict[str, str], hosts: dict[str, Any]
) -> dict[str, Any]:
    name, tags = found["instance_id"], found.get("tags") or {}
    host: dict[str, Any] = hosts[name] if isinstance(hosts.get(name), dict) else {}
    upgrades = host.get("upgrades")
    patches = "unknown" if upgrades is None else "up to date" if upgrades == 0 else f"{upgrades} to upgrade"
    return dict(
        id=name,
        role=tags.get("Role", ""),
        zone=found["placement"]["availability_zone"],
        state=found["state"]["name"],
        health=health.get(name, "" if tags.get("Role") != "webapp" else "not registered"),
        address=found.get("private_ip_address", ""),
        version=_version(images.get(found["image_id"]), found["image_id"] if tags.get("Role") == "webapp" else ""),
        up=_span(host["uptime"]) if "uptime" in host else "",
        patches=(patches + (", reboot required" if host.get("reboot") else "")) if host else "",
    )


def _version(image: dict[str, Any] | None, otherwise: str) -> str:
    if image is None:
        return otherwise
    return str((image.get("tags") or {}).get("Version") or image["name"])


def _span(seconds: int) -> str:
    days, rest = divmod(int(seconds), 86400)
    hours, minutes = rest // 3600, rest % 3600 // 60
    return f"{days} d {hours} h" if days else f"{hours} h {minutes} min" if hours else f"{minutes} min"


def _database(seen: dict[str, Any], stack: str) -> dict[str, Any]:
    ours = [one for one in seen["databases"].get("instances") or [] if one["tags"].get("Stack") == stack]
    roles = _roles(seen)
    ours.sort(key=lambda one: roles.get(one["db_instance_identifier"]) == "reader")  # the writer stands first
    rows = [
        dict(
            name=one["db_instance_identifier"],
            status=one["db_instance_status"],
            zone=one.get("availability_zone", ""),
            version=f"{one['engine']} {one['engine_version']}",
            kind=_kind(one, roles.get(one["db_instance_identifier"], "")),
            restorable=_times.second(one.get("latest_restorable_time")),
        )
        for one in ours
    ]
    found = (one for look in seen["snapshots"].get("results") or [] for one in look.get("snapshots") or [])
    taken = sorted(_times.second(one.get("snapshot_create_time")) for one in found)
    return dict(rows=rows, snapshots=len(taken), newest=taken[-1] if taken else "")


def _roles(seen: dict[str, Any]) -> dict[str, str]:
    """Of the instances of clusters, by their names: who writes and who is read."""
    members = [one for found in seen["clusters"].get("clusters") or [] for one in found["db_cluster_members"]]
    return {one["db_instance_identifier"]: "writer" if one["is_cluster_writer"] else "reader" for one in members}


def _kind(database: dict[str, Any], role: str) -> str:
    if role:
        return f"{role}, {database['db_instance_class']}, tier {database['promotion_tier']}"
    standby = ", Multi-AZ" if database["multi_az"] else ""
    return f"{database['db_instance_class']}, {database['allocated_storage']} GiB{standby}"


def _dead_letters(result: dict[str, Any]) -> int | None:
    return next((one["approximate_number_of_messages"] for one in result.get("queues") or []), None)


def _deploys(seen: dict[str, Any]) -> list[dict[str, Any]]:
    versions = [one for found in seen["templates"].get("launch_templates") or [] for one in found["versions"]]
    group: dict[str, Any] = next(iter(seen["group"].get("results") or []), {})
    listed = _releases.listed(versions, seen["images"].get("images") or [], group)
    return listed[:_SHOWN]


def lines(shown: dict[str, Any]) -> list[str]:
    """The page for a terminal."""
    state = "healthy" if shown["healthy"] else f"{len(shown['wrong'])} of {shown['looked_at']} checks are not well"
    letters = shown["dead_letters"]
    return [
        f"{shown['stack']} at {shown['time']}: {state}",
        *(f"{one['place']}: {one['address']}" for one in shown["addresses"]),
        *_findings.summary(shown["wrong"]),
        *("", *_table.lines(shown["instances"], INSTANCES)),
        *("", *_table.lines(shown["database"]["rows"], DATABASES)),
        f"snapshots: {shown['database']['snapshots']}, the newest of {shown['database']['newest'] or 'never'}",
        f"dead letters: {'unknown' if letters is None else letters}",
        *("", *_table.lines(shown["deploys"], DEPLOYS)),
        *([f"rollout: {shown['rollout']}"] if shown["rollout"] else []),
    ]
