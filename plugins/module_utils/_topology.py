# -*- coding: utf-8 -*-
# Copyright: Contributors to threetier.aws
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
"""
The stack as a picture: boxes and arrows with places, for a template to draw. Pure. Private to this collection.

What lies in a zone is drawn in the zone's column: the fleet, below it databases, below them all other instances. What
lies beside the VPC is drawn in a column of its own; a role says it in its file of findings, see `_findings`:

- BOXES: key, title, text, and the places whose findings make the box good or bad. `{dead_letters}` and other keys of
  the status page may stand in the text. A box whose key ends in `>` stands right of the one before it. One whose key
  begins with `^` stands between users and load balancer, if one of its places was looked at.
- ARROWS: pairs of keys. `users`, `balancer`, `fleet` and `database` are there already.
"""

from __future__ import annotations

from typing import Any

_COLUMN, _BOX, _STEP, _LEFT, _TOP = 210, 46, 54, 30, 190
_STACKED = 6  # instances shown in a zone


class _Picture:
    """Boxes and the arrows between them."""

    def __init__(self) -> None:
        self.boxes: list[dict[str, Any]] = []
        self.arrows: list[dict[str, Any]] = []

    def box(self, x: int, y: int, title: str, text: str, state: str, width: int = _COLUMN - 24) -> dict[str, Any]:
        made = dict(x=x, y=y, w=width, h=_BOX, title=title, text=text, state=state)
        self.boxes.append(made)
        return made

    def arrow(self, begin: dict[str, Any], end: dict[str, Any]) -> None:
        """Down to what is below, from a wide box straight down; across to what is beside."""
        if begin["y"] < end["y"]:
            x2 = end["x"] + end["w"] / 2
            x1 = x2 if begin["w"] >= _COLUMN else begin["x"] + begin["w"] / 2
            self.arrows.append(dict(x1=x1, y1=begin["y"] + _BOX, x2=x2, y2=end["y"]))
        else:
            y1, y2 = (one["y"] + _BOX / 2 for one in (begin, end))
            self.arrows.append(dict(x1=begin["x"] + begin["w"], y1=y1, x2=end["x"], y2=y2))


def draw(
    page: dict[str, Any], wrong: set[str], boxes: list[tuple[Any, ...]], arrows: list[tuple[Any, ...]]
) -> dict[str, Any]:
    """
    :param page: the rows of the status page.
    :param wrong: the places of findings that are not good.
    :param boxes: what roles say of what lies beside the VPC.
    :param arrows: the arrows of all roles.
    """
    alive = [one for one in page["instances"] if one["state"] != "terminated"]
    databases, picture = page["database"]["rows"], _Picture()
    known = {one["zone"] for one in (*alive, *databases)} | {*page["zones"]}
    zones = sorted(zone for zone in known if zone) or ["no zone"]
    column = {zone: _LEFT + number * _COLUMN for number, zone in enumerate(zones)}
    wide = len(zones) * _COLUMN - 12

    named: dict[str, list[dict[str, Any]]] = {}
    named["users"] = [picture.box(_LEFT + wide // 2 - 90, 14, "Users", "page and API", "plain")]
    _before(picture, page, wrong, boxes, named)
    state = _well(wrong, ("dns", "listener", "api", "firewall"))
    named["balancer"] = [picture.box(_LEFT + 6, 104, "Load balancer", "", state, wide - 12)]
    fleet = _fleet(picture, [one for one in alive if one["role"] == "webapp"], column)
    floor = _TOP + max([1, *(len(stack) for stack in fleet.values())]) * _STEP + 20
    named["database"] = _databases(picture, databases, column, floor)
    floor += max(1, len(databases)) * _STEP + 6
    bottom = _others(picture, [one for one in alive if one["role"] != "webapp"], column, floor)
    vpc = dict(x=_LEFT - 14, y=78, w=wide + 28, h=bottom - 78)
    lowest = _beside(picture, _LEFT + wide + 60, page, wrong, boxes, named)

    straight = () if "cdn" in named else (("users", "balancer"),)
    for begin, end in (*straight, *arrows):
        for one in named.get(begin, []):
            for other in named.get(end, []):
                picture.arrow(one, other)
    for stack in fleet.values():
        picture.arrow(named["balancer"][0], stack[0])
        for made in named["database"][:1]:
            picture.arrow(stack[-1], made)
    last = [stack[0] for stack in fleet.values()][-1:]  # nothing of the fleet stands between it and what is beside
    for begin, end in arrows:
        if begin == "fleet":
            for one in last:
                for other in named.get(end, []):
                    picture.arrow(one, other)
    return dict(
        width=max(box["x"] + box["w"] for box in (*picture.boxes, vpc)) + 20,
        height=max(bottom, lowest) + 20,
        vpc=vpc,
        zones=[dict(x=column[zone], y=162, w=_COLUMN - 12, h=bottom - 172, name=zone) for zone in zones],
        boxes=picture.boxes,
        arrows=picture.arrows,
    )


def _well(wrong: set[str], places: tuple[Any, ...]) -> str:
    return "bad" if wrong & {*places} else "good"


def _before(
    picture: _Picture, page: dict[str, Any], wrong: set[str], boxes: list[tuple[Any, ...]], named: dict[str, Any]
) -> None:
    """What stands between users and load balancer, right of the users."""
    looked = {one["place"] for one in page["checks"]}
    for key, title, text, places in boxes:
        if key.startswith("^") and looked & {*places}:
            x = named["users"][0]["x"] + _COLUMN + 20
            named[key.lstrip("^")] = [picture.box(x, 14, title, text, _well(wrong, places))]


def _fleet(picture: _Picture, fleet: list[dict[str, Any]], column: dict[str, int]) -> dict[str, list[dict[str, Any]]]:
    """The instances of each zone that has some, in a stack, those that are not healthy first."""
    stacks = {}
    for zone, x in column.items():
        here = sorted((one for one in fleet if one["zone"] == zone), key=lambda one: one["health"] == "healthy")
        made = [
            picture.box(
                x + 6,
                _TOP + number * _STEP,
                one["id"],
                f"{one['health']}, {_short(one['version'])}",
                "good" if one["health"] == "healthy" else "bad",
            )
            for number, one in enumerate(here[:_STACKED])
        ]
        if len(here) > _STACKED:
            more = f"and {len(here) - _STACKED} more"
            made.append(picture.box(x + 6, _TOP + _STACKED * _STEP, more, "", "plain"))
        if made:
            stacks[zone] = made
    return stacks


def _short(version: str) -> str:
    """So much of a version or an image's name as a box holds; the end tells one from another."""
    return version if len(version) <= 16 else f"…{version[-12:]}"


def _part(database: dict[str, Any]) -> str:
    """What a box says of it: of an instance of a cluster whether it writes, else the version."""
    role = str(database["kind"]).partition(",")[0]
    return role if role in ("writer", "reader") else str(database["version"])


def _databases(
    picture: _Picture, databases: list[dict[str, Any]], column: dict[str, int], floor: int
) -> list[dict[str, Any]]:
    return [
        picture.box(
            column.get(one["zone"], _LEFT) + 6,
            floor + number * _STEP,
            one["name"],
            f"{_part(one)}, {one['status']}",
            "good" if one["status"] == "available" else "bad",
        )
        for number, one in enumerate(databases)
    ]


def _others(picture: _Picture, others: list[dict[str, Any]], column: dict[str, int], floor: int) -> int:
    """Bastion and builder at the bottom, where no arrow passes; returns where they end."""
    depth = dict.fromkeys(column, 0)
    for one in others:
        state = "good" if one["state"] == "running" else "bad"
        title = one["role"] or "instance without role"
        picture.box(column[one["zone"]] + 6, floor + depth[one["zone"]] * _STEP, title, one["id"], state)
        depth[one["zone"]] += 1
    return floor + max([0, *depth.values()]) * _STEP + 10


def _beside(
    picture: _Picture,
    x: int,
    page: dict[str, Any],
    wrong: set[str],
    boxes: list[tuple[Any, ...]],
    named: dict[str, Any],
) -> int:
    """What lies beside the VPC, from the fleet's height downwards; returns where it ends."""
    y = _TOP - _STEP - 32
    for key, title, text, places in [one for one in boxes if not one[0].startswith("^")]:
        right = key.endswith(">")
        y += 0 if right else _STEP + 32
        words = text.format(**{name: "unknown" if value is None else value for name, value in page.items()})
        place = x + _COLUMN if right else x
        named[key.rstrip(">")] = [picture.box(place, y, title, words, _well(wrong, places))]
    return y + _BOX
