# -*- coding: utf-8 -*-
# Copyright: Contributors to threetier.aws
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
"""Managed prefix lists of EC2. Private to this collection."""

from __future__ import annotations

from typing import Any

from ansible_collections.amazon.aws.plugins.module_utils.transformation import boto3_resource_list_to_ansible_dict

from ansible_collections.threetier.aws.plugins.module_utils import _calls


@_calls.read("find prefix lists", [])
def find(client: Any, filters: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Those that fit, as Ansible has them, sorted by name."""
    pages = client.get_paginator("describe_managed_prefix_lists").paginate(Filters=filters)
    found = boto3_resource_list_to_ansible_dict(pages.build_full_result()["PrefixLists"])
    lists = [dict(one) for one in found or []]
    return sorted(lists, key=lambda one: str(one["prefix_list_name"]))
