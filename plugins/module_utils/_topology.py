# -*- coding: utf-8 -*-
# Copyright: Contributors to threetier.aws
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
"""The stack as a picture: boxes and arrows with places, for a template to draw. Pure. Private to this collection."""

from __future__ import annotations

from typing import Any

_COLUMN, _BOX, _STEP, _LEFT = 210, 46, 54, 30
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

    def down(self, begin: dict, end: dict) -> None:
        """Straight down from a wide box, aslant between narrow ones."""
        x2 = end["x"] + end["w"] / 2
        x1 = x2 if begin["w"] >= _COLUMN else begin["x"] + begin["w"] / 2
        self.arrows.append(dict(x1=x1, y1=begin["y"] + _BOX, x2=x2, y2=end["y"]))

    def across(self, begin: dict, end: dict) -> None:
        y1, y2 = (one["y"] + _BOX / 2 for one in (begin, end))
        self.arrows.append(dict(x1=begin["x"] + begin["w"], y1=y1, x2=end["x"], y2=y2))


def draw(page: dict[str, Any], wrong: set[str]) -> dict[str, Any]:
    """
    :param page: the rows of the status page.
    :param wrong: the places of findings that are not good.
    """
    alive = [one for one in page["instances"] if one["state"] != "terminated"]
    databases = page["database"]["rows"]
    zones = sorted({one["zone"] for one in (*alive, *databases) if one["zone"]}) or ["no zone"]
    column = {zone: _LEFT + number * _COLUMN for number, zone in enumerate(zones)}
    wide, picture = len(zones) * _COLUMN - 12, _Picture()

    users = picture.box(_LEFT + wide // 2 - 90, 14, "Users", "page and API", "plain")
    balancer = picture.box(_LEFT + 6, 104, "Load balancer", "", _well(wrong, "dns", "listener", "api"), wide - 12)
    picture.down(users, balancer)
    top = 190 + _STEP * _others(picture, [one for one in alive if one["role"] != "webapp"], column)
    floor, lowest = _fleet(picture, [one for one in alive if one["role"] == "webapp"], column, top, balancer)
    bottom = _databases(picture, databases, column, floor, lowest)
    vpc = dict(x=_LEFT - 14, y=78, w=wide + 28, h=bottom - 78)
    right = _uploads(picture, vpc, _LEFT + wide + 60, wrong, page["dead_letters"])
    return dict(
        width=right + 20,
        height=max(bottom, 420) + 20,
        vpc=vpc,
        zones=[dict(x=column[zone], y=162, w=_COLUMN - 12, h=bottom - 172, name=zone) for zone in zones],
        boxes=picture.boxes,
        arrows=picture.arrows,
    )


def _well(wrong: set[str], *places: str) -> str:
    return "bad" if wrong & set(places) else "good"


def _others(picture: _Picture, others: list[dict], column: dict[str, int]) -> int:
    """Bastion and builder, under the load balancer; returns how many are in the fullest zone."""
    depth = dict.fromkeys(column, 0)
    for one in others:
        state = "good" if one["state"] == "running" else "bad"
        picture.box(column[one["zone"]] + 6, 184 + depth[one["zone"]] * _STEP, one["role"], one["id"], state)
        depth[one["zone"]] += 1
    return max([1, *depth.values()])


def _fleet(picture: _Picture, fleet: list[dict], column: dict[str, int], top: int, balancer: dict) -> tuple:
    """The instances of each zone in a stack; returns where it ends, and the lowest of each zone."""
    lowest, most = [], 1
    for zone, x in column.items():
        here = sorted((one for one in fleet if one["zone"] == zone), key=lambda one: one["health"] == "healthy")
        made = [
            picture.box(
                x + 6,
                top + number * _STEP,
                one["id"],
                f"{one['health']}, {_short(one['version'])}",
                "good" if one["health"] == "healthy" else "bad",
            )
            for number, one in enumerate(here[:_STACKED])
        ]
        if len(here) > _STACKED:
            made.append(picture.box(x + 6, top + _STACKED * _STEP, f"and {len(here) - _STACKED} more", "", "plain"))
        if made:
            picture.down(balancer, made[0])
            lowest.append(made[-1])
        most = max(most, len(made))
    return top + most * _STEP + 20, lowest


def _short(version: str) -> str:
    """So much of a version or an image's name as a box holds; the end tells one from another."""
    return version if len(version) <= 16 else f"…{version[-12:]}"


def _databases(picture: _Picture, databases: list[dict], column: dict[str, int], floor: int, lowest: list) -> int:
    for number, one in enumerate(databases):
        state = "good" if one["status"] == "available" else "bad"
        text = f"{one['version']}, {one['status']}"
        made = picture.box(column[one["zone"]] + 6, floor + number * _STEP, one["name"], text, state)
        if number == 0:
            for last in lowest:
                picture.down(last, made)
    return floor + max(1, len(databases)) * _STEP + 6


def _uploads(picture: _Picture, vpc: dict, x: int, wrong: set[str], letters: int | None) -> int:
    bucket = picture.box(x, 104, "Bucket", "files", _well(wrong, "bucket", "notification"))
    topic = picture.box(x, 190, "Topic", "uploads", _well(wrong, "topic", "subscription"))
    function = picture.box(x, 276, "Function", "metadata", _well(wrong, "function", "function errors"))
    table = picture.box(x, 362, "Table", "metadata", _well(wrong, "table"))
    waiting = "unknown" if letters is None else str(letters)
    dead = picture.box(x + _COLUMN, 276, "Dead letters", waiting, _well(wrong, "dead letters"))
    for begin, end in ((bucket, topic), (topic, function), (function, table)):
        picture.down(begin, end)
    picture.across(dict(vpc, y=bucket["y"]), bucket)
    picture.across(function, dead)
    return dead["x"] + dead["w"]
