# -*- coding: utf-8 -*-
# Copyright: Contributors to threetier.aws
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
"""Releases as images, versions of a launch template and a group tell of them. Private to this collection."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from datetime import datetime, timezone
from typing import Any

from ansible_collections.threetier.aws.plugins.module_utils import _times

FAILED = "RolloutFailed"  # the tag of an image whose instances did not become healthy
_LEAVING = ("Terminating", "Terminated", "Detaching", "Detached")
_FORWARD = ("Pending", "InProgress", "Baking")
_UNDER_WAY = _FORWARD + ("Cancelling", "RollbackInProgress")


def newest(images: list[dict[str, Any]], tags: dict[str, str]) -> dict[str, Any]:
    """The newest image with these tags that can be used, empty if there is none."""
    fitting = [
        image
        for image in images
        if image["state"] == "available"
        and FAILED not in image.get("tags", {})
        and all(image.get("tags", {}).get(key) == value for key, value in tags.items())
    ]
    return max(fitting, key=lambda image: image["creation_date"], default={})


def in_use(versions: list[dict[str, Any]], group: dict[str, Any]) -> list[str]:
    """Ids of the images that a start, a rollback or an instance may need: none of them may go."""
    numbers = {version(member) for member in [group, *group.get("instances", [])]}
    return [
        one["launch_template_data"].get("image_id", "")
        for one in versions
        if one["default_version"] or str(one["version_number"]) in numbers
    ]


def images_in_use(
    versions: list[dict[str, Any]], group: dict[str, Any], images: Iterable[dict[str, Any]] = (), releases: int = 0
) -> list[str]:
    """Ids of the images that the fleet needs, and of the newest image of each of so many releases."""
    return in_use(versions, group) + of_each(images, int(releases))


def of_each(images: Iterable[dict[str, Any]], count: int) -> list[str]:
    """Ids of the newest image of each of the `count` newest releases that served, and of as many that failed."""
    found: dict[Any, dict[str, Any]] = {}
    for image in sorted(images, key=lambda image: image["creation_date"]):
        tags = image.get("tags", {})
        release = (tags.get("Version"), tags["Release"]) if "Release" in tags else image["image_id"]
        found[FAILED in tags, release] = image
    newest_first = sorted(found.items(), key=lambda item: item[1]["creation_date"], reverse=True)
    return [
        image["image_id"]
        for failed in (False, True)
        for image in [image for (so, _release), image in newest_first if so == failed][:count]
    ]


def listed(versions: list[dict[str, Any]], images: list[dict[str, Any]], group: dict[str, Any]) -> list[dict[str, Any]]:
    """A row for each version of the template, the newest first, and for each image that none of them has."""
    known = {image["image_id"]: image for image in images}
    serving = [version(member) for member in group.get("instances", [])]
    rows = []
    for one in sorted(versions, key=lambda one: one["version_number"], reverse=True):
        said, _by, run = (one.get("version_description") or "").partition(" by ")
        image = known.get(one["launch_template_data"].get("image_id", ""), {})
        number = str(one["version_number"])
        rows.append(
            {
                "version": image.get("tags", {}).get("Version") or said.partition(" ")[0] or "unknown",
                "image": image.get("name", ""),
                "image_id": one["launch_template_data"].get("image_id", ""),
                "template_version": int(number),
                "released": _times.second(one["create_time"]),
                "by": run,
                "state": _state(number == version(group), image),
                "instances": serving.count(number),
            }
        )
    named = {row["image_id"] for row in rows}
    rows += [
        {
            "version": image.get("tags", {}).get("Version", "unknown"),
            "image": image["name"],
            "image_id": image["image_id"],
            "template_version": None,
            "released": _times.second(image["creation_date"]),
            "by": image.get("tags", {}).get("ReleasedBy", ""),
            "state": _state(False, image),
            "instances": 0,
        }
        for image in known.values()
        if image["image_id"] not in named
    ]
    return sorted(rows, key=lambda row: row["released"], reverse=True)


def _state(runs: bool, image: dict[str, Any]) -> str:
    if runs:
        return "runs"
    if not image:
        return "image deleted"
    failed = image.get("tags", {}).get(FAILED)
    return f"failed: {failed}" if failed else "kept"


def version(member: dict[str, Any]) -> str:
    """The version of the launch template that an instance is of, or that a group launches."""
    return str((member.get("launch_template") or {}).get("version", ""))


def under_way(refreshes: list[dict[str, Any]]) -> str:
    """The newest instance refresh in words, empty if it is over."""
    told = progress(refreshes[:1], patience=sys.maxsize, timeout=sys.maxsize)
    return told["text"] if refreshes and not told["over"] else ""


def as_good(versions: Iterable[dict[str, Any]], images: Iterable[dict[str, Any]], number: str) -> set[str]:
    """
    Versions of a template by number: the one of that number, and those that differ from it in nothing but an image that
    its own was renewed from. Hosts of those have been patched in place as that image was.
    """
    data = {str(one["version_number"]): dict(one["launch_template_data"]) for one in versions}
    of = {known: one.pop("image_id", "") for known, one in data.items()}
    tags = next((image.get("tags") or {} for image in images if image["image_id"] == of.get(number)), {})
    accepted = {of.get(number), *tags.get("RenewedFrom", "").split()}
    return {number} | {known for known in data if data[known] == data.get(number) and of[known] in accepted}


def group_outdated(group: dict[str, Any], versions: list[dict[str, Any]], images: list[dict[str, Any]]) -> bool:
    """Whether the group, or an instance that stays in it, is of a version that is not as good as the latest one."""
    latest = str(max(int(one["version_number"]) for one in versions))
    members = [one for one in group["instances"] if not one["lifecycle_state"].startswith(_LEAVING)]
    seen = {version(member) for member in members}
    return version(group) != latest or not seen <= as_good(versions, images, latest)


def progress(
    refreshes: list[dict[str, Any]], patience: int, timeout: int, now: datetime | None = None
) -> dict[str, Any]:
    """What a look at an instance refresh says: in words, whether it is over, and whether it had better go back."""
    if not refreshes:  # a look that failed says nothing
        return {"status": "unknown", "over": False, "stuck": False, "text": "not seen"}
    refresh = refreshes[0]
    status, done = refresh["status"], int(refresh.get("percentage_complete") or 0)
    age = ((now or datetime.now(timezone.utc)) - _moment(refresh.get("start_time"))).total_seconds()
    stuck = status in _FORWARD and (age > int(timeout) or (done == 0 and age > int(patience)))
    text = f"{status}, {done} %, {refresh.get('instances_to_update', 0)} to replace, {age:.0f} s"
    reason = refresh.get("status_reason")
    return {
        "status": status,
        "over": stuck or status not in _UNDER_WAY,
        "stuck": stuck,
        "text": f"{text}: {reason}" if reason else text,
    }


def _moment(said: Any) -> datetime:
    found = datetime.now(timezone.utc) if said is None else said
    found = found if isinstance(found, datetime) else datetime.fromisoformat(str(found).replace("Z", "+00:00"))
    return found if found.tzinfo else found.replace(tzinfo=timezone.utc)
