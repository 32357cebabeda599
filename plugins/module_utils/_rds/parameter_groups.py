# -*- coding: utf-8 -*-
# Copyright: Contributors to threetier.aws
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
"""DB parameter groups, and the parameters that somebody has set in them. Private to this collection."""

from __future__ import annotations

from typing import Any

from ansible.module_utils.parsing.convert_bool import BOOLEANS_TRUE

from ansible_collections.amazon.aws.plugins.module_utils.tagging import ansible_dict_to_boto3_tag_list
from ansible_collections.amazon.aws.plugins.module_utils.tagging import boto3_tag_list_to_ansible_dict

from ansible_collections.threetier.aws.plugins.module_utils import _calls

_AT_ONCE = 20  # parameters that one call takes
_UNITS = {"K": 1 << 10, "M": 1 << 20, "G": 1 << 30}


@_calls.read("read the DB parameter group", {}, missing=("DBParameterGroupNotFound", "DBParameterGroupNotFoundFault"))
def find(client: Any, name: str) -> dict[str, Any]:
    """The group's C(arn), C(family), C(description), C(parameters) that are not the engine's own, and C(tags)."""
    group = client.describe_db_parameter_groups(DBParameterGroupName=name)["DBParameterGroups"][0]
    arn = group["DBParameterGroupArn"]
    pages = client.get_paginator("describe_db_parameters").paginate(DBParameterGroupName=name, Source="user")
    return dict(
        arn=arn,
        family=group["DBParameterGroupFamily"],
        description=group["Description"],
        parameters={one["ParameterName"]: one.get("ParameterValue") for page in pages for one in page["Parameters"]},
        tags=boto3_tag_list_to_ansible_dict(client.list_tags_for_resource(ResourceName=arn)["TagList"]),
    )


@_calls.call("read the engine's parameters")
def known(client: Any, name: str) -> dict[str, dict[str, Any]]:
    """Each parameter that the engine has, by its name, as RDS describes it."""
    pages = client.get_paginator("describe_db_parameters").paginate(DBParameterGroupName=name)
    return {one["ParameterName"]: one for page in pages for one in page["Parameters"]}


def in_words(value: object, data_type: str = "") -> str:
    """A parameter's value as RDS writes it: C(1) for true, C(16777216) for C(16M)."""
    if data_type == "boolean" and isinstance(value, str):
        value = value.lower() in BOOLEANS_TRUE
    if data_type == "integer" and isinstance(value, str) and value[:-1].isdigit() and value[-1] in _UNITS:
        value = int(value[:-1]) * _UNITS[value[-1]]
    return str(int(value) if isinstance(value, bool) else value)


@_calls.call("create the DB parameter group")
def create(client: Any, name: str, family: str, description: str, tags: dict[str, str]) -> None:
    client.create_db_parameter_group(
        DBParameterGroupName=name,
        DBParameterGroupFamily=family,
        Description=description,
        Tags=ansible_dict_to_boto3_tag_list(tags),
    )


def set_values(client: Any, name: str, values: dict[str, str], engine: dict[str, dict[str, Any]]) -> None:
    changes = [dict(_change(engine[one]), ParameterValue=value) for one, value in values.items()]
    for start in range(0, len(changes), _AT_ONCE):
        _set(client, name, changes[start : start + _AT_ONCE])


def reset(client: Any, name: str, names: list[str], engine: dict[str, dict[str, Any]]) -> None:
    """Give these parameters the engine's own value."""
    for start in range(0, len(names), _AT_ONCE):
        _reset(client, name, [_change(engine[one]) for one in names[start : start + _AT_ONCE]])


def _change(parameter: dict[str, Any]) -> dict[str, Any]:
    """At once where the engine takes it while it runs."""
    method = "immediate" if parameter.get("ApplyType") == "dynamic" else "pending-reboot"
    return dict(ParameterName=parameter["ParameterName"], ApplyMethod=method)


@_calls.call("set the parameters", retry_on=["InvalidDBParameterGroupState"])
def _set(client: Any, name: str, changes: list[dict[str, Any]]) -> None:
    client.modify_db_parameter_group(DBParameterGroupName=name, Parameters=changes)


@_calls.call("reset the parameters", retry_on=["InvalidDBParameterGroupState"])
def _reset(client: Any, name: str, changes: list[dict[str, Any]]) -> None:
    client.reset_db_parameter_group(DBParameterGroupName=name, Parameters=changes, ResetAllParameters=False)
