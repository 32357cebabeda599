# -*- coding: utf-8 -*-
# Copyright: Contributors to threetier.aws
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
"""Policies of Auto Scaling groups. Private to this collection."""

from __future__ import annotations

from typing import Any

from ansible.module_utils.common.dict_transformations import camel_dict_to_snake_dict

from ansible_collections.threetier.aws.plugins.module_utils import _calls


@_calls.read("describe the scaling policies", [], missing_message="AutoScalingGroup name not found")
def describe(client: Any, group: str) -> list[dict[str, Any]]:
    """The policies of a group, with keys in snake case; none if there is no such group."""
    pages = client.get_paginator("describe_policies").paginate(AutoScalingGroupName=group)
    return [camel_dict_to_snake_dict(policy) for policy in pages.build_full_result()["ScalingPolicies"]]
