# -*- coding: utf-8 -*-
# Copyright: Contributors to threetier.aws
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
"""Auto Scaling groups. Private to this collection."""

from __future__ import annotations

from typing import Any

from ansible_collections.amazon.aws.plugins.module_utils.exceptions import AnsibleAWSError

from ansible_collections.threetier.aws.plugins.module_utils import _calls


@_calls.call("read the Auto Scaling group")
def describe(client: Any, name: str) -> dict[str, Any]:
    """
    The group as the API has it.

    :raises AnsibleAWSError: there is none of that name.
    """
    groups: list[dict[str, Any]] = client.describe_auto_scaling_groups(AutoScalingGroupNames=[name])[
        "AutoScalingGroups"
    ]
    if not groups:
        raise AnsibleAWSError(message=f"There is no Auto Scaling group named {name}.")
    return groups[0]
