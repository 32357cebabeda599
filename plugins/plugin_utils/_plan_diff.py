# -*- coding: utf-8 -*-
# Copyright: Contributors to threetier.aws
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
"""
Pure: one result of a module in check mode as a resource, what would become of it, and the attributes that differ.

Modules with a diff are taken at their word. Most stock modules have none: they return the resource as it is, which is
held against the options they were given.
"""

from __future__ import annotations

from typing import Any

from ansible_collections.threetier.aws.plugins.module_utils import _desired_and_actual

WHOLE = {
    "create": {"attribute": "", "wanted": "to exist", "found": "absent"},
    "delete": {"attribute": "", "wanted": "absent", "found": "exists"},
}
# For a module that says changed and shows no attribute that differs.
_UNKNOWN = {"attribute": "?", "wanted": "as the role says", "found": "something else"}
# Modules that tend one side of a resource that another module makes: the resource, and the option that names it.
_SIDES = {
    "cloudwatch_alarm_tags": ("cloudwatch_metric_alarm", "name"),
    "dynamodb_continuous_backups": ("dynamodb_table", "table_name"),
    "iam_policy": ("iam_role", "iam_name"),
    "lambda_policy": ("lambda", "function_name"),
    "s3_bucket_cors": ("s3_bucket", "bucket"),
    "s3_bucket_notification": ("s3_bucket", "bucket"),
}
_NAMES = (
    ("name",),
    ("object",),
    ("db_instance_identifier",),
    ("log_group_name",),
    ("template_name",),
    ("protocol", "endpoint", "topic_arn"),
    ("group_id", "port"),
)
# Where a result holds the resource, and what in it is there only if the resource is.
_STATES = (
    "vpc",
    "subnet",
    "route_table",
    "key",
    "subnet_group",
    "sns_topic",
    "table",
    "iam_role",
    "configuration",
    "iam_instance_profile",
    "default_template",
    "template",
)
_PROOFS = (
    "alarm_arn",
    "arn",
    "db_parameter_group_arn",
    "db_subnet_group_arn",
    "function_arn",
    "gateway_id",
    "group_id",
    "id",
    "instance_id",
    "instance_profile_id",
    "key_pair_id",
    "launch_template_id",
    "load_balancer_arn",
    "queue_url",
    "role_id",
    "route_table_id",
    "subnet_id",
    "table_arn",
    "topic_arn",
    "vpc_id",
)
_ALIASES = {
    "cidr": "cidr_block",
    "az": "availability_zone",
    "retention": "retention_in_days",
    "map_public": "map_public_ip_on_launch",
}
_UNSEEN = ("region", "endpoint_url", "access_key", "secret_key", "state", "wait", "filters", "lookup", "purge_tags")
# Their roles call them for what is missing only, and their check mode returns made-up ids.
_MAKERS = ("ec2_eip", "ec2_vpc_nat_gateway")


def of(kind: str, task: str, given: list[Any], result: dict[str, Any]) -> tuple[str, str, str, list[dict[str, Any]]]:
    """Kind and name of the resource, create, change, delete or leave, and the rows (attribute, wanted, found)."""
    options = (result.get("invocation") or {}).get("module_args") or {}
    name = _name(kind, options, result, task)
    verb, rows = _verdict(kind, given, options, result)
    if kind == "planned_change":
        kind = options["kind"]
    elif kind in _SIDES:
        side, (kind, option) = kind, _SIDES[kind]
        name = str(options.get(option, name))
        if verb in WHOLE:
            verb, rows = (
                "change",
                [dict(WHOLE[verb], attribute=" ".join([side, options.get("policy_name") or ""]).strip())],
            )
    return kind, name, verb, rows


def _name(kind: str, options: dict[str, Any], result: dict[str, Any], task: str) -> str:
    for names in _NAMES:
        values = [options.get(option) for option in names]
        if all(value not in (None, "") for value in values):
            return " ".join(
                str(value).rpartition(":")[2] if "arn" in option else str(value)
                for option, value in zip(names, values, strict=True)
            )
    label = result.get("_ansible_item_label")
    return (options.get("tags") or {}).get("Name") or (label if isinstance(label, str) else task)


def _verdict(
    kind: str, given: list[str], options: dict[str, Any], result: dict[str, Any]
) -> tuple[str, list[dict[str, Any]]]:
    """What becomes of the resource, and the rows if it is changed."""
    if not result.get("changed"):
        return "leave", []
    diff = result.get("diff")
    if isinstance(diff, dict) and isinstance(diff.get("before"), dict) and isinstance(diff.get("after"), dict):
        return _by_diff(diff["before"], diff["after"])
    if options.get("state") in ("absent", "terminated") or options.get("mode") == "delobj":
        return "delete", []
    state = _state(result)
    if kind in _MAKERS or not state:
        return "create", []
    return "change", _rows_against_options(given, options, state) or [_UNKNOWN]


def _by_diff(before: dict[str, Any], after: dict[str, Any]) -> tuple[str, list[dict[str, Any]]]:
    """A side that is empty stands for a resource that does not exist."""
    if not before:
        return "create", []
    if not after:
        return "delete", []
    return "change", rows_between(before, after) or [_UNKNOWN]


def _rows_against_options(given: list[str], options: dict[str, Any], state: dict[str, Any]) -> list[dict[str, Any]]:
    """The options that were given, as far as the resource has an attribute for them, against these attributes."""
    wanted = {key: options[key] for key in given if options.get(key) is not None and key not in _UNSEEN}
    found = {key: state[_ALIASES.get(key, key)] for key in wanted if _ALIASES.get(key, key) in state}
    if "tags" in found and "Name" not in wanted["tags"]:  # a module's option name is the tag Name
        found["tags"] = {tag: value for tag, value in found["tags"].items() if tag != "Name"}
    return rows_between(found, {key: wanted[key] for key in found})


def _state(result: dict[str, Any]) -> dict[str, Any]:
    """The resource as the result has it; empty if it is not there."""
    state = dict(result)
    for key in _STATES:
        if isinstance(result.get(key), dict):
            state.update(result[key])
    for instance in result.get("instances") or []:
        state.update(instance)
    proofs = [str(state[proof]) for proof in _PROOFS if state.get(proof)]
    # ec2_vpc_route_table makes up the id of one that it would create.
    return state if proofs and not any(proof.endswith("-xxxxxxxx") for proof in proofs) else {}


def rows_between(before: dict[str, Any], after: dict[str, Any], prefix: str = "") -> list[dict[str, Any]]:
    """One row for each attribute that differs; attributes of attributes have their path."""
    rows = []
    for key in sorted({**before, **after}, key=str):
        found, wanted = (_plain(_desired_and_actual.document(key, side.get(key))) for side in (before, after))
        if found == wanted or (key in _desired_and_actual.POLICIES and _desired_and_actual.same_policy(found, wanted)):
            continue
        if isinstance(found, dict) and isinstance(wanted, dict):
            rows += rows_between(found, wanted, f"{prefix}{key}.")
        else:
            rows.append({"attribute": f"{prefix}{key}", "wanted": _said(wanted), "found": _said(found)})
    return rows


def _plain(value: object) -> object:
    """The same for what means the same: the order of lists, numbers as text, pairs of Name and Value."""
    if isinstance(value, dict):
        return {str(key): _plain(one) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        if value and all(isinstance(one, dict) and set(one) == {"Name", "Value"} for one in value):
            return {one["Name"]: _plain(one["Value"]) for one in value}
        return sorted((_plain(one) for one in value), key=str)
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return str(int(value) if value == int(value) else value)
    return value


def _said(value: object) -> object:
    return "nothing" if value in (None, "", [], {}) else value
