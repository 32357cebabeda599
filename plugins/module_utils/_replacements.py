# -*- coding: utf-8 -*-
# Copyright: Contributors to threetier.aws
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
"""Pure: which wishes could be had only by making another resource in place of the one that is there, in sentences."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from typing import Any

_BY_HAND = "docs/changes.md says how to get there by hand"
BESIDE = f"Keep it as it is, or build a second stack that has it and move there: {_BY_HAND}."
_BUCKET = f"A bucket has its name for good, and addresses and files with it. Keep it, or copy the files: {_BY_HAND}."
_BASTION = (
    "Keep it as it is, or say bastion_allow_replacement: true: then another bastion is launched in its place, with "
    "another address and another host key. It holds nothing that would be lost."
)
_OLDER = f"RDS takes no database back to an older series. Keep the series, or move the data: {_BY_HAND}."
_NEWER = (
    "A newer series is for good, and the database is away meanwhile. Try it on a restored copy first, then say "
    "database_allow_major_version_upgrade: true."
)


def _differs(wanted: object, found: object) -> bool:
    return str(wanted) != str(found)


def _series(version: object) -> list[int]:
    return [int(number) for number in str(version).split(".")[:2] if number.isdigit()]


def _older(wanted: object, found: object) -> bool:
    return _series(wanted) < _series(found)[: len(_series(wanted))]


def _newer(wanted: object, found: object) -> bool:
    return _series(wanted) > _series(found)[: len(_series(wanted))]


def _suffix(bucket: object) -> str:
    return str(bucket).partition("-s3-bucket-")[2]


@dataclasses.dataclass(frozen=True)
class Fixed:
    """What a resource has for good.

    :param variable: the role's input that decides it.
    :param key: where the resource, as its info module tells of it, has it.
    :param instead: what the user can do.
    :param allow: the variable that lets it happen all the same; none where data or addresses would be lost.
    :param when: whether what is wanted can't be had.
    :param read: what of the key's value the variable decides.
    """

    variable: str
    key: str
    instead: str
    allow: str = ""
    when: Callable[[object, object], bool] = _differs
    read: Callable[[object], object] = lambda value: value


# By kind: what one is called, which of its keys is its name, and what it has for good.
KINDS: dict[str, tuple[str, str, list[Fixed]]] = {
    "vpc": ("the VPC", "vpc_id", [Fixed("network_vpc_cidr", "cidr_block", BESIDE)]),
    "bastion": (
        "the bastion",
        "instance_id",
        [
            Fixed("bastion_image.architecture", "architecture", _BASTION, "bastion_allow_replacement"),
            Fixed("bastion_volume_size", "volume_size", _BASTION, "bastion_allow_replacement"),
            Fixed("bastion_sessions", "sessions", _BASTION, "bastion_allow_replacement"),
        ],
    ),
    "database": (
        "the database",
        "db_instance_identifier",
        [
            Fixed("database_identifier", "db_instance_identifier", BESIDE),
            Fixed("database_name", "db_name", BESIDE),
            Fixed("database_master_username", "master_username", BESIDE),
            Fixed("database_engine_version", "engine_version", _OLDER, when=_older),
            Fixed("database_engine_version", "engine_version", _NEWER, "database_allow_major_version_upgrade", _newer),
        ],
    ),
    "database_cluster": (
        "the database",
        "db_cluster_identifier",
        [
            Fixed("database_identifier", "db_cluster_identifier", BESIDE),
            Fixed("database_name", "database_name", BESIDE),
            Fixed("database_master_username", "master_username", BESIDE),
            Fixed("database_engine_version", "engine_version", _OLDER, when=_older),
            Fixed("database_engine_version", "engine_version", _NEWER, "database_allow_major_version_upgrade", _newer),
        ],
    ),
    "backend_bucket": ("the bucket", "name", [Fixed("messaging_bucket_suffix", "name", _BUCKET, read=_suffix)]),
    "page_bucket": ("the bucket", "name", [Fixed("webapp_bucket_suffix", "name", _BUCKET, read=_suffix)]),
}


def problems(found: list[dict[str, Any]], kind: str, wanted: dict[str, Any], allowed: Sequence[str] = ()) -> list[str]:
    """
    :param found: the stack's resources of that kind, as the info module tells of them.
    :param wanted: what is wanted, by the names of the roles' variables.
    :param allowed: the variables that let a replacement happen and are true.
    """
    what, name, fixed = KINDS[kind]
    said = []
    for one in fixed:
        wish = wanted.get(one.variable)
        has = [(resource[name], one.read(resource[one.key])) for resource in found if resource.get(one.key) is not None]
        if wish is None or one.allow in allowed or any(not one.when(wish, value) for _name, value in has):
            continue
        said += [
            f'{one.variable} is "{wish}", but {what} {there} has "{value}", which can\'t be changed in place. '
            f"{one.instead}"
            for there, value in has
        ]
    return said
