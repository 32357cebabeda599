# -*- coding: utf-8 -*-
# Copyright: Contributors to threetier.aws
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
"""Parameter groups of DB instances and clusters, and what somebody has set in them. Private to this collection."""

from __future__ import annotations

from typing import Any

from ansible.module_utils.parsing.convert_bool import BOOLEANS_TRUE

from ansible_collections.amazon.aws.plugins.module_utils.exceptions import AnsibleAWSError
from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule
from ansible_collections.amazon.aws.plugins.module_utils.tagging import ansible_dict_to_boto3_tag_list
from ansible_collections.amazon.aws.plugins.module_utils.tagging import boto3_tag_list_to_ansible_dict
from ansible_collections.amazon.aws.plugins.module_utils.tagging import compare_aws_tags

from ansible_collections.threetier.aws.plugins.module_utils import _calls
from ansible_collections.threetier.aws.plugins.module_utils import _desired_and_actual
from ansible_collections.threetier.aws.plugins.module_utils._rds import common

_AT_ONCE = 20  # parameters that one call takes
_UNITS = {"K": 1 << 10, "M": 1 << 20, "G": 1 << 30}


class Groups:
    """The calls for parameter groups of DB instances, or of DB clusters."""

    def __init__(self, client: Any, cluster: bool = False) -> None:
        self.client = client
        self._in_operations, self._in_keys = ("db_cluster", "DBCluster") if cluster else ("db", "DB")

    @_calls.read(
        "read the DB parameter group", {}, missing=("DBParameterGroupNotFound", "DBParameterGroupNotFoundFault")
    )
    def find(self, name: str) -> dict[str, Any]:
        """The group's C(arn), C(family), C(description), C(parameters) that are not the engine's own, and C(tags)."""
        found = self._call("describe_{0}_parameter_groups", name)
        group = found[f"{self._in_keys}ParameterGroups"][0]
        arn = group[f"{self._in_keys}ParameterGroupArn"]
        return dict(
            arn=arn,
            family=group["DBParameterGroupFamily"],
            description=group["Description"],
            parameters={
                one["ParameterName"]: one.get("ParameterValue") for one in self._parameters(name, Source="user")
            },
            tags=boto3_tag_list_to_ansible_dict(self.client.list_tags_for_resource(ResourceName=arn)["TagList"]),
        )

    @_calls.call("read the engine's parameters")
    def known(self, name: str) -> dict[str, dict[str, Any]]:
        """Each parameter that the engine has, by its name, as RDS describes it."""
        return {one["ParameterName"]: one for one in self._parameters(name)}

    @_calls.call("create the DB parameter group")
    def create(self, name: str, family: str, description: str, tags: dict[str, str]) -> None:
        marks = ansible_dict_to_boto3_tag_list(tags)
        self._call(
            "create_{0}_parameter_group", name, DBParameterGroupFamily=family, Description=description, Tags=marks
        )

    def set_values(self, name: str, values: dict[str, str], engine: dict[str, dict[str, Any]]) -> None:
        changes = [dict(_change(engine[one]), ParameterValue=value) for one, value in values.items()]
        for start in range(0, len(changes), _AT_ONCE):
            self._set(name, changes[start : start + _AT_ONCE])

    def reset(self, name: str, names: list[str], engine: dict[str, dict[str, Any]]) -> None:
        """Give these parameters the engine's own value."""
        for start in range(0, len(names), _AT_ONCE):
            self._reset(name, [_change(engine[one]) for one in names[start : start + _AT_ONCE]])

    @_calls.call("set the parameters", retry_on=["InvalidDBParameterGroupState"])
    def _set(self, name: str, changes: list[dict[str, Any]]) -> None:
        self._call("modify_{0}_parameter_group", name, Parameters=changes)

    @_calls.call("reset the parameters", retry_on=["InvalidDBParameterGroupState"])
    def _reset(self, name: str, changes: list[dict[str, Any]]) -> None:
        self._call("reset_{0}_parameter_group", name, Parameters=changes, ResetAllParameters=False)

    def _call(self, operation: str, name: str, **options: Any) -> dict[str, Any]:
        call = getattr(self.client, operation.format(self._in_operations))
        answer: dict[str, Any] = call(**{f"{self._in_keys}ParameterGroupName": name}, **options)
        return answer

    def _parameters(self, name: str, **options: str) -> list[dict[str, Any]]:
        pages = self.client.get_paginator(f"describe_{self._in_operations}_parameters").paginate(
            **{f"{self._in_keys}ParameterGroupName": name}, **options
        )
        return [one for page in pages for one in page["Parameters"]]


def in_words(value: object, data_type: str = "") -> str:
    """A parameter's value as RDS writes it: C(1) for true, C(16777216) for C(16M)."""
    if data_type == "boolean" and isinstance(value, str):
        value = value.lower() in BOOLEANS_TRUE
    if data_type == "integer" and isinstance(value, str) and value[:-1].isdigit() and value[-1] in _UNITS:
        value = int(value[:-1]) * _UNITS[value[-1]]
    return str(int(value) if isinstance(value, bool) else value)


def _change(parameter: dict[str, Any]) -> dict[str, Any]:
    """At once where the engine takes it while it runs."""
    method = "immediate" if parameter.get("ApplyType") == "dynamic" else "pending-reboot"
    return dict(ParameterName=parameter["ParameterName"], ApplyMethod=method)


def run(module: AnsibleAWSModule, cluster: bool = False) -> dict[str, Any]:
    """What both modules do."""
    groups, params = Groups(module.client("rds"), cluster), module.params
    found = groups.find(params["name"])
    fixed = {key: params[key] for key in ("family", "description")}
    before = {**fixed, "parameters": found["parameters"], "tags": found["tags"]} if found else {}
    wanted = {name: in_words(value) for name, value in params["parameters"].items()}
    after = {**fixed, "parameters": wanted, "tags": params["tags"]}
    if not found and not module.check_mode:
        groups.create(params["name"], params["family"], params["description"], params["tags"])
        found = {"parameters": {}, "tags": params["tags"]}
    if found and found["parameters"] != wanted:
        after["parameters"] = _set_parameters(module, groups, found["parameters"])
    if found and found["tags"] != params["tags"] and not module.check_mode:
        common.tag(groups.client, found["arn"], *compare_aws_tags(found["tags"], params["tags"]))
    return dict(changed=before != after, parameters=after["parameters"], diff=dict(before=before, after=after))


def _set_parameters(module: AnsibleAWSModule, groups: Groups, before: dict[str, str]) -> dict[str, str]:
    """
    Set what differs. The values as RDS writes them, which depends on the parameter's type.

    :raises AnsibleAWSError: for a parameter that the engine does not have, or does not let anybody set.
    """
    name, engine = module.params["name"], groups.known(module.params["name"])
    refused = [one for one in module.params["parameters"] if not engine.get(one, {}).get("IsModifiable")]
    if refused:
        raise AnsibleAWSError(
            message=f"The engine {module.params['family']} has no parameter of this name that can be set: "
            f"{', '.join(sorted(refused))}."
        )
    after = {one: in_words(value, engine[one]["DataType"]) for one, value in module.params["parameters"].items()}
    missing, surplus = _desired_and_actual.missing_and_surplus(before, after)
    if not module.check_mode:
        groups.set_values(name, {one: after[one] for one in missing}, engine)
        groups.reset(name, surplus, engine)
    return after


def argument_spec() -> dict[str, Any]:
    return dict(
        name=dict(required=True),
        family=dict(required=True),
        description=dict(required=True),
        parameters=dict(type="dict", default={}),
        tags=dict(type="dict", default={}),
    )
