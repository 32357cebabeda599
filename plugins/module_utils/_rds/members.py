# -*- coding: utf-8 -*-
# Copyright: Contributors to threetier.aws
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which instances a cluster shall have: pure. Private to this collection."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any


def members(there: Sequence[dict[str, Any]], cluster: str, count: int) -> dict[str, list[str]]:
    """
    The names of C(wanted) instances, in the order of their numbers, and of C(surplus) ones.

    The writer stays whatever its number, then the lowest numbers. What is not named so, such as what auto scaling has
    made, is neither.

    :param there: the cluster's members, as rds_cluster_info tells of them.
    :param cluster: its name; an instance has this name, a hyphen and a number.
    :param count: how many of them there shall be, the writer included.
    """
    numbers: dict[int, bool] = {}
    for one in there:
        if named := re.fullmatch(rf"{re.escape(cluster)}-(\d+)", one["db_instance_identifier"]):
            numbers[int(named[1])] = bool(one["is_cluster_writer"])
    order = sorted({*numbers, *range(1, count + 1)}, key=lambda one: (not numbers.get(one), one not in numbers, one))
    wanted = sorted(order[:count])
    surplus = sorted({*numbers} - {*wanted})
    return dict(
        wanted=[f"{cluster}-{number}" for number in wanted], surplus=[f"{cluster}-{number}" for number in surplus]
    )
