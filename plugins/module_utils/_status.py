# -*- coding: utf-8 -*-
# Copyright: Contributors to threetier.aws
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
"""One page of a stack: from what info modules found to rows. Pure. Private to this collection."""

from __future__ import annotations

from typing import Any

from ansible_collections.threetier.aws.plugins.module_utils import _topology

_SHOWN = 5  # of the last deploys


def page(seen: dict[str, Any], findings: list[dict], hosts: dict[str, Any], stack: str, time: str) -> dict[str, Any]:
    """
    :param seen: results of the tasks that looked, by what they looked at; what failed counts as nothing found.
    :param hosts: by instance id what the host said of itself.
    """
    images = {one["image_id"]: one for one in seen["images"].get("images") or []}
    health = _health(seen["targets"])
    found = [_instance(one, images, health, hosts) for one in seen["instances"].get("instances") or []]
    rows = sorted(found, key=lambda one: (one["role"], one["zone"], one["id"]))
    wrong = [one for one in findings if one["state"] != "good"]
    result = dict(
        stack=stack,
        time=time,
        healthy=not wrong,
        wrong=wrong,
        looked_at=len(findings),
        instances=rows,
        database=_database(seen, stack),
        dead_letters=_dead_letters(seen["queue"]),
        deploys=_deploys(seen["refreshes"], seen["templates"], images),
    )
    return dict(result, topology=_topology.draw(result, {one["place"] for one in wrong}))


def _health(result: dict) -> dict[str, str]:
    groups = result.get("target_groups") or [{}]
    listed = groups[0].get("targets_health_description") or []
    return {one["target"]["id"]: one["target_health"]["state"] for one in listed}


def _instance(found: dict, images: dict, health: dict[str, str], hosts: dict) -> dict[str, Any]:
    name, tags = found["instance_id"], found.get("tags") or {}
    host = hosts.get(name) if isinstance(hosts.get(name), dict) else {}
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


def _version(image: dict | None, otherwise: str) -> str:
    if image is None:
        return otherwise
    return (image.get("tags") or {}).get("Version") or image["name"]


def _span(seconds: int) -> str:
    days, rest = divmod(int(seconds), 86400)
    hours, minutes = rest // 3600, rest % 3600 // 60
    return f"{days} d {hours} h" if days else f"{hours} h {minutes} min" if hours else f"{minutes} min"


def _second(time: Any) -> str:
    """AWS's times are in UTC."""
    return str(time or "")[:19].replace("T", " ")


def _database(seen: dict, stack: str) -> dict[str, Any]:
    ours = [one for one in seen["databases"].get("instances") or [] if one["tags"].get("Stack") == stack]
    rows = [
        dict(
            name=one["db_instance_identifier"],
            status=one["db_instance_status"],
            zone=one.get("availability_zone", ""),
            version=f"{one['engine']} {one['engine_version']}",
            kind=f"{one['db_instance_class']}, {one['allocated_storage']} GiB{', Multi-AZ' if one['multi_az'] else ''}",
            restorable=_second(one.get("latest_restorable_time")),
        )
        for one in ours
    ]
    names = {one["name"] for one in rows}
    listed = [one for one in seen["snapshots"].get("snapshots") or [] if one["db_instance_identifier"] in names]
    taken = sorted(_second(one.get("snapshot_create_time")) for one in listed)
    return dict(rows=rows, snapshots=len(taken), newest=taken[-1] if taken else "")


def _dead_letters(result: dict) -> int | None:
    return next((one["approximate_number_of_messages"] for one in result.get("queues") or []), None)


def _deploys(refreshes: dict, templates: dict, images: dict) -> list[dict[str, Any]]:
    """The group's instance refreshes and, before the first of them, the template it began with."""
    listed = [one for template in templates.get("launch_templates") or [] for one in template.get("versions") or []]
    by_number = {str(one["version_number"]): one for one in listed}
    rows = []
    for one in refreshes.get("instance_refreshes") or []:
        wanted = (one.get("desired_configuration") or {}).get("launch_template") or {}
        image = (by_number.get(str(wanted.get("version")), {}).get("launch_template_data") or {}).get("image_id", "")
        rows.append(
            dict(
                when=_second(one.get("start_time")),
                what=_version(images.get(image), image),
                template=str(wanted.get("version", "")),
                status=one["status"] + (f", {one['percentage_complete']} %" if "percentage_complete" in one else ""),
            )
        )
    first = [one for one in listed if str(one["version_number"]) not in {row["template"] for row in rows}]
    for one in first:
        image = (one.get("launch_template_data") or {}).get("image_id", "")
        rows.append(
            dict(
                when=_second(one.get("create_time")),
                what=_version(images.get(image), image),
                template=str(one["version_number"]),
                status="made",
            )
        )
    return sorted(rows, key=lambda row: row["when"], reverse=True)[:_SHOWN]


def lines(shown: dict[str, Any]) -> list[str]:
    """The page for a terminal."""
    state = "healthy" if shown["healthy"] else f"{len(shown['wrong'])} of {shown['looked_at']} checks are not well"
    told = [f"{shown['stack']} at {shown['time']}: {state}", ""]
    told += _columns(shown["instances"], ("id", "role", "zone", "state", "health", "version", "up", "patches"))
    told += ["", *_columns(shown["database"]["rows"], ("name", "status", "zone", "version", "kind", "restorable"))]
    told += [f"snapshots: {shown['database']['snapshots']}, the newest of {shown['database']['newest'] or 'never'}"]
    letters = shown["dead_letters"]
    told += ["", f"dead letters: {'unknown' if letters is None else letters}", ""]
    told += _columns(shown["deploys"], ("when", "what", "template", "status"))
    told += ["", *(f"{one['place']} {one['name']}: {one['says']}" for one in shown["wrong"])]
    return told


def _columns(rows: list[dict], names: tuple[str, ...]) -> list[str]:
    cells = [[name.upper() for name in names], *([str(row[name]) for name in names] for row in rows)]
    widths = [max(len(row[column]) for row in cells) for column in range(len(names))]
    return ["  ".join(f"{cell:{width}}" for cell, width in zip(row, widths, strict=True)).rstrip() for row in cells]
