# -*- coding: utf-8 -*-
# Copyright: Contributors to threetier.aws
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
"""Pure: the routes of a route table, each in words such as C(0.0.0.0/0 to igw-1)."""

from __future__ import annotations

from typing import Any

_DESTINATIONS = ("destination_cidr_block", "dest", "destination_ipv6_cidr_block", "destination_prefix_list_id")
_NOBODYS = ("local", "vpce-")  # the route within the VPC, which nobody makes, and those that come and go with endpoints


def in_words(routes: list[dict[str, Any]]) -> list[str]:
    """Routes as M(amazon.aws.ec2_vpc_route_table) takes or returns them, but for those that it does not tend."""
    own = [route for route in routes if not _target(route).startswith(_NOBODYS)]
    return sorted(f"{_destination(route)} to {_target(route)}" for route in own)


def _destination(route: dict[str, Any]) -> str:
    return next((str(route[key]) for key in _DESTINATIONS if route.get(key)), "")


def _target(route: dict[str, Any]) -> str:
    """Whatever the route leads to; a gateway's id, mostly."""
    return next(
        (str(value) for key, value in route.items() if key.endswith("_id") and key not in _DESTINATIONS and value), ""
    )
