# -*- coding: utf-8 -*-
# Copyright: Contributors to threetier.aws
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
"""
Pure: one result of a module in check mode as a resource, what would become of it, and its rows.

Modules with a diff are taken at their word. Most stock modules have none: they return the resource as it is, which is
held against the options they were given.
"""

from __future__ import annotations

import json
from typing import Any

from ansible_collections.threetier.aws.plugins.plugin_utils._plan import rows as _rows
from ansible_collections.threetier.aws.plugins.plugin_utils._plan import routes, rules

# For a module that says changed and shows no attribute that differs.
_UNKNOWN = {"attribute": "not told by the module", "before": "unknown", "after": "as the role says"}
# Modules of ours, all with a diff, that tend one side of a resource that another module makes: the resource, the option
# that names it, and the attribute that the side is.
_SIDES = {
    "cloudwatch_alarm_tags": ("cloudwatch_metric_alarm", "name", "tags"),
    "dynamodb_continuous_backups": ("dynamodb_table", "table_name", "continuous_backups"),
    "dynamodb_table_deletion_protection": ("dynamodb_table", "table_name", "deletion_protection"),
    "dynamodb_table_encryption": ("dynamodb_table", "table_name", "encryption"),
    "iam_role_inline_policies": ("iam_role", "role_name", "inline_policies"),
    "lambda_permissions": ("lambda", "function_name", "permissions"),
    "route53_records": ("route53_zone", "zone", "records"),
    "s3_bucket_cors": ("s3_bucket", "bucket", "cors"),
    "s3_bucket_notification": ("s3_bucket", "bucket", "notification"),
    "sns_topic_encryption": ("sns_topic", "topic_arn", "encryption"),
}
_NAMES = (
    ("name",),
    ("object",),
    ("db_instance_identifier",),
    ("log_group_name",),
    ("template_name",),
    ("protocol", "endpoint", "topic_arn"),
    ("group_id", "port"),
    ("distribution_id",),
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
    "iam_instance_profile",
)
_PROOFS = (
    "alarm_arn",
    "arn",
    "db_subnet_group_arn",
    "gateway_id",
    "group_id",
    "id",
    "instance_id",
    "instance_profile_id",
    "key_arn",
    "key_pair_id",
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
    "map_public": "map_public_ip_on_launch",
}
# Options that say how a module goes about it, not what the resource is.
_UNSEEN = (
    "region",
    "endpoint_url",
    "access_key",
    "secret_key",
    "session_token",
    "state",
    "wait",
    "filters",
    "lookup",
    "purge_tags",
    "purge_subscriptions",
    "create_instance_profile",
    "delete_instance_profile",
)
# Options that a module compares with what it finds, and does not return. If nothing else differs, one of these does.
_UNTOLD = {"ec2_vpc_net": ("dns_support", "dns_hostnames"), "kms_key": ("alias",)}
# Their roles call them for what is missing only, and their check mode returns made-up ids.
_MAKERS = ("ec2_eip", "ec2_vpc_nat_gateway")


def of(kind: str, task: str, given: list[Any], result: dict[str, Any], names: dict[str, str]) -> dict[str, Any]:
    """
    The resource: C(kind), C(name), C(action), which is create, change, delete or leave, its C(rows), and a C(note) of
    what no run can do, mostly empty.

    :param given: the names of the options that the task sets.
    :param names: by id the names of the security groups and subnets that are known.
    """
    options = (result.get("invocation") or {}).get("module_args") or {}
    if kind in _SIDES:
        return _side(kind, options, result)
    name = _name(options, result, task)
    action, rows = _verdict(kind, given, options, result, names)
    rows = [row for row in rows if action != "create" or row["after"] != name]  # the heading says it
    note = _note(options, result) if kind == "sns_subscription" else ""
    kind = options["kind"] if kind == "planned_change" else kind
    return {"kind": kind, "name": name, "action": action, "rows": rows, "note": note}


def _note(options: dict[str, Any], result: dict[str, Any]) -> str:
    """What a run cannot do about a subscription that waits for its owner."""
    exists = bool((result.get("diff") or {}).get("before"))
    if result.get("changed") or result.get("confirmed") or not exists:
        return ""
    if options.get("state") == "absent":
        return "Nobody has chosen it. SNS lets nobody remove it before it is confirmed, and forgets it after some days."
    return "It waits until its owner follows the link in the mail from AWS."


def _side(kind: str, options: dict[str, Any], result: dict[str, Any]) -> dict[str, Any]:
    """A side is an attribute of its resource, so it is changed whatever becomes of the side."""
    owner, option, attribute = _SIDES[kind]
    name = str(options.get(option))
    said = {"kind": owner, "name": name.rpartition(":")[2], "action": "leave", "rows": [], "note": ""}
    if not result.get("changed"):
        return said
    diff = result["diff"]
    rows = _rows.between(diff.get("before") or {}, diff.get("after") or {}, f"{attribute}.")
    return {**said, "action": "change", "rows": rows or [_UNKNOWN]}


def _wanted(given: list[Any], options: dict[str, Any]) -> dict[str, Any]:
    """The options that say what the resource is, with their values."""
    return {key: options[key] for key in given if key in options and key not in _UNSEEN and not key.startswith("_")}


def _name(options: dict[str, Any], result: dict[str, Any], task: str) -> str:
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
    kind: str, given: list[str], options: dict[str, Any], result: dict[str, Any], names: dict[str, str]
) -> tuple[str, list[dict[str, Any]]]:
    """What becomes of the resource, and the rows."""
    if not result.get("changed"):
        return "leave", []
    if kind == "ec2_security_group" and options.get("state") != "absent":
        return _of_security_group(given, options, result, names)
    diff = result.get("diff")
    if isinstance(diff, dict) and isinstance(diff.get("after"), dict):
        return _by_diff(diff.get("before") or {}, diff["after"])
    if options.get("state") in ("absent", "terminated") or options.get("mode") == "delobj":
        return "delete", []
    state, wanted = _state(result), _wanted(given, options)
    if kind == "ec2_vpc_route_table":
        state, wanted = _with_subnets(_with_routes(state), names), _with_routes(wanted)
    if kind == "wafv2_web_acl":
        state, wanted = _with_rules(state), _with_rules(wanted)
    if "attached_policies" in state:  # of a role
        state["managed_policies"] = [one["policy_arn"] for one in state["attached_policies"]]
    if kind in _MAKERS or not state:
        return "create", _rows.created(wanted)
    return "change", _against(wanted, state) or _untold(kind, wanted)


def _untold(kind: str, wanted: dict[str, Any]) -> list[dict[str, Any]]:
    options = [option for option in _UNTOLD.get(kind, ()) if option in wanted]
    if not options:
        return [_UNKNOWN]
    after = wanted[options[0]] if len(options) == 1 else {option: wanted[option] for option in options}
    return [{"attribute": " or ".join(options), "before": "another", "after": after}]


def _by_diff(before: dict[str, Any], after: dict[str, Any]) -> tuple[str, list[dict[str, Any]]]:
    """A side that is empty stands for a resource that does not exist."""
    if not before:
        return "create", _rows.created(after)
    if not after:
        return "delete", []
    return "change", _rows.between(before, after) or [_UNKNOWN]


def _of_security_group(
    given: list[str], options: dict[str, Any], result: dict[str, Any], names: dict[str, str]
) -> tuple[str, list[dict[str, Any]]]:
    exists = "ip_permissions" in result
    rules_rows = rules.rows(options, result if exists else {}, names)
    others: dict[str, Any] = {key: options[key] for key in ("description", "tags") if key in given}
    if not exists:
        return "create", _rows.created(others) + rules_rows
    return "change", _against(others, result) + rules_rows or [_UNKNOWN]


def _against(wanted: dict[str, Any], state: dict[str, Any]) -> list[dict[str, Any]]:
    """The options, as far as the resource has an attribute for them, against these attributes."""
    held = {key: value for key, value in wanted.items() if value is not None and _ALIASES.get(key, key) in state}
    found = {key: state[_ALIASES.get(key, key)] for key in held}
    if "tags" in found and "Name" not in held["tags"]:  # a module's option name is the tag Name
        found["tags"] = {tag: value for tag, value in found["tags"].items() if tag != "Name"}
    return _rows.between(found, held)


def _with_routes(table: dict[str, Any]) -> dict[str, Any]:
    return {**table, "routes": routes.in_words(table["routes"])} if "routes" in table else table


def _with_subnets(table: dict[str, Any], names: dict[str, str]) -> dict[str, Any]:
    """With the subnets that use it, which the module takes by name and returns by id."""
    associations = [one["subnet_id"] for one in table.get("associations") or [] if one.get("subnet_id")]
    return {**table, "subnets": [names.get(one, one) for one in associations]} if "associations" in table else table


def _with_rules(acl: dict[str, Any]) -> dict[str, Any]:
    """A web ACL with its rules by their names: what each asks and what it does."""
    action = acl.get("default_action")
    said = {"default_action": next(iter(action)).capitalize()} if isinstance(action, dict) and action else {}
    rules = {rule["name"]: _of_rule(rule) for rule in acl.get("rules") or []}
    return {**acl, **said, **({"rules": rules} if "rules" in acl else {})}


def _of_rule(rule: dict[str, Any]) -> dict[str, Any]:
    does = next(iter(rule.get("action") or rule["override_action"]))
    asks = json.dumps(rule["statement"], sort_keys=True)
    return {"does": "block" if does == "none" else does, "priority": rule["priority"], "asks": asks}


def _state(result: dict[str, Any]) -> dict[str, Any]:
    """The resource as the result has it; empty if it is not there."""
    state = dict(result)
    for key in _STATES:
        if isinstance(result.get(key), dict):
            state.update(result[key])
    for instance in result.get("instances") or []:
        state.update(instance)
    for policy in result.get("key_policies") or []:
        state["policy"] = policy
    proofs = [str(state[proof]) for proof in _PROOFS if state.get(proof)]
    # ec2_vpc_route_table makes up the id of one that it would create.
    return state if proofs and not any(proof.endswith("-xxxxxxxx") for proof in proofs) else {}
