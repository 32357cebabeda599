# -*- coding: utf-8 -*-
# Copyright: Contributors to threetier.aws
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
"""Pure: what is wanted of a resource held against what info modules found of it."""

from __future__ import annotations

import base64
import json
import operator
from typing import Any
from typing import Callable

from ansible.module_utils.common.dict_transformations import camel_dict_to_snake_dict

from ansible_collections.amazon.aws.plugins.module_utils.policy import compare_policies
from ansible_collections.amazon.aws.plugins.module_utils.tagging import boto3_tag_list_to_ansible_dict

UNKNOWN = "known-after-apply"  # what AWS has not named yet
POLICIES = ("policy", "policy_document", "assume_role_policy_document")
_BLOCKS = {
    "block_public_acls": "BlockPublicAcls",
    "ignore_public_acls": "IgnorePublicAcls",
    "block_public_policy": "BlockPublicPolicy",
    "restrict_public_buckets": "RestrictPublicBuckets",
}


def known_after_apply(value: str | None, kind: str = "") -> str:
    """The id, or for none a word that begins as ids of the kind do."""
    return value or kind + ("-" if kind and not kind.endswith(":") else "") + UNKNOWN


def compared(wanted: dict[str, Any], found: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """
    Before and after, with the wanted keys only; before is empty for what does not exist.

    Two ways to write one policy are not a difference.
    """
    if not found:
        return {}, dict(wanted)
    before = {key: found.get(key) for key in wanted}
    same = [key for key in wanted if key in POLICIES and same_policy(wanted[key], before[key])]
    return {**before, **{key: wanted[key] for key in same}}, dict(wanted)


def missing_and_surplus(
    before: dict[str, Any], after: dict[str, Any], same: Callable[[Any, Any], bool] = operator.eq
) -> tuple[list[str], list[str]]:
    """
    Of a set of named things: the names of those to set, and of those to remove.

    :param same: whether one as it is and as it is wanted are the same.
    """
    missing = [name for name in after if name not in before or not same(before[name], after[name])]
    return missing, [name for name in before if name not in after]


def same_policy(one: object, other: object) -> bool:
    """Whether two policies, as documents or as JSON, allow and deny the same."""
    documents = [document("policy", policy) for policy in (one, other)]
    if not all(isinstance(document, dict) for document in documents):
        return one == other
    return not compare_policies(*documents)


def document(key: str, value: object) -> object:
    """A policy that is written as JSON, read; anything else as it is."""
    return json.loads(value) if key in POLICIES and isinstance(value, str) and value else value


def bucket(info: dict[str, Any]) -> dict[str, Any]:
    """A bucket with all its facts, as M(amazon.aws.s3_bucket_info) returns it, in the words of modules' options."""
    if not info:
        return {}
    block = _inside(info, "public_access_block", "PublicAccessBlockConfiguration")
    encryption = _inside(info, "bucket_encryption", "ServerSideEncryptionConfiguration").get("Rules", [])
    owners = _inside(info, "bucket_ownership_controls", "OwnershipControls").get("Rules", [])
    lifecycle = _part(info, "bucket_lifecycle_configuration").get("Rules", [])
    return {
        "public_access": {option: block.get(key, False) for option, key in _BLOCKS.items()},
        "object_ownership": next((rule["ObjectOwnership"] for rule in owners), None),
        "encryption": next((r["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"] for r in encryption), None),
        "versioning": _part(info, "bucket_versioning").get("Status") == "Enabled",
        "policy": document("policy", _inside(info, "bucket_policy", "Policy")) or None,
        "tags": _part(info, "bucket_tagging"),
        "noncurrent_version_expiration_days": _of_rule(lifecycle, "NoncurrentVersionExpiration", "NoncurrentDays"),
        "abort_incomplete_multipart_upload_days": _of_rule(
            lifecycle, "AbortIncompleteMultipartUpload", "DaysAfterInitiation"
        ),
        "website": _part(info, "bucket_website", "IndexDocument").get("Suffix"),
    }


def _part(info: dict[str, Any], *keys: str) -> dict[str, Any]:
    for key in keys:
        info = info.get(key) or {}
    return info


def _inside(info: dict[str, Any], fact: str, key: str) -> Any:
    """A fact as amazon.aws 11 returns it; releases before return a dictionary with this one key, as AWS answers."""
    found = _part(info, fact)
    return found.get(key, found)


def _of_rule(rules: list[dict[str, Any]], part: str, key: str) -> Any:
    return next((rule[part][key] for rule in rules if rule.get("Status") == "Enabled" and part in rule), None)


def group(info: dict[str, Any]) -> dict[str, Any]:
    """An Auto Scaling group, as M(amazon.aws.autoscaling_group_info) returns it, in the words of modules' options."""
    if not info:
        return {}
    return {
        **{
            key: info.get(key)
            for key in ("min_size", "max_size", "target_group_arns", "health_check_type", "health_check_grace_period")
        },
        "subnet_ids": sorted((info.get("vpc_zone_identifier") or "").split(",")),
        "metrics_collection": bool(info.get("enabled_metrics")),
        "tags": {tag["key"]: tag["value"] for tag in info.get("tags") or []},
    }


def launch_template(info: dict[str, Any]) -> dict[str, Any]:
    """
    The newest version of a launch template, as M(amazon.aws.ec2_launch_template_info) returns it.

    In the words of that module's options, but C(user_data) as text, C(iam_instance_profile) by name, and what instances
    and volumes are tagged with as C(instance_tags) and C(volume_tags).
    """
    if not info:
        return {}
    newest = max(info["versions"], key=lambda version: int(version["version_number"]))
    data = dict(newest["launch_template_data"])
    profile = data.pop("iam_instance_profile", None) or {}
    return {
        **{
            f"{one['resource_type']}_tags": boto3_tag_list_to_ansible_dict(one["tags"])
            for one in data.pop("tag_specifications", None) or []
        },
        **{key: _without_nothing(value) for key, value in data.items()},
        "iam_instance_profile": profile.get("name") or profile.get("arn", "").rpartition("/")[2],
        "user_data": base64.b64decode(data.get("user_data") or "").decode(errors="replace"),
        "version_description": newest.get("version_description") or "",
        "default_version": int(info["default_version_number"]),
        "tags": info.get("tags") or {},
    }


def _without_nothing(value: Any) -> Any:
    """What AWS's answer leaves empty is as if it was not there."""
    if isinstance(value, dict):
        return {key: _without_nothing(one) for key, one in value.items() if one not in (None, [], {})}
    return [_without_nothing(one) for one in value] if isinstance(value, list) else value


def load_balancer(info: dict[str, Any]) -> dict[str, Any]:
    """A load balancer, as M(amazon.aws.elb_application_lb_info) returns it, in the words of that module's options."""
    if not info:
        return {}
    return {
        "scheme": info.get("scheme"),
        "ip_address_type": info.get("ip_address_type"),
        "subnets": sorted(zone["subnet_id"] for zone in info.get("availability_zones") or []),
        "security_groups": sorted(info.get("security_groups") or []),
        "deletion_protection": info.get("deletion_protection_enabled") == "true",
        "http_drop_invalid_header_fields": info.get("routing_http_drop_invalid_header_fields_enabled") == "true",
        "listeners": listeners(info.get("listeners") or []),
        "tags": info.get("tags") or {},
    }


def listeners(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """
    Listeners by port, each with C(port), C(protocol) and C(action) in words, for HTTPS with policy and certificates.

    :param found: as AWS or the info module has them, or as M(amazon.aws.elb_application_lb) takes them.
    """
    return [_listener(camel_dict_to_snake_dict(one)) for one in sorted(found, key=_port)]


def _port(listener: dict[str, Any]) -> int:
    return int(listener.get("Port", listener.get("port", 0)))


def _listener(one: dict[str, Any]) -> dict[str, Any]:
    state = {
        "port": int(one["port"]),
        "protocol": one["protocol"],
        "action": ", ".join(_action(action) for action in one.get("default_actions") or []),
    }
    if one["protocol"] == "HTTPS":
        state["ssl_policy"] = one.get("ssl_policy")
        state["certificates"] = sorted(each["certificate_arn"] for each in one.get("certificates") or [])
    return state


def _action(action: dict[str, Any]) -> str:
    redirect = action.get("redirect_config") or {}
    if redirect:
        return f"redirect to {redirect.get('protocol')} {redirect.get('port')} with {redirect.get('status_code')}"
    arn = action.get("target_group_arn") or ""
    name = action.get("target_group_name") or (arn.split("/")[1] if arn.count("/") == 2 else arn)
    return f"{action['type']} {name}".rstrip()
