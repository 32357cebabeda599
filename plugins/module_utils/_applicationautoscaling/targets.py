# -*- coding: utf-8 -*-
# Copyright: Contributors to threetier.aws
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
"""Scalable targets of Application Auto Scaling. Private to this collection."""

from __future__ import annotations

from typing import Any

from ansible_collections.threetier.aws.plugins.module_utils import _calls
from ansible_collections.threetier.aws.plugins.module_utils._applicationautoscaling.common import MISSING
from ansible_collections.threetier.aws.plugins.module_utils._applicationautoscaling.common import RETRIES


@_calls.call("read the scalable target")
def find(client: Any, who: dict[str, str]) -> dict[str, Any]:
    """The target; nothing if there is none."""
    found = client.describe_scalable_targets(
        ServiceNamespace=who["ServiceNamespace"],
        ResourceIds=[who["ResourceId"]],
        ScalableDimension=who["ScalableDimension"],
    )["ScalableTargets"]
    return found[0] if found else {}


@_calls.call("register the scalable target", retry_on=RETRIES)
def register(client: Any, who: dict[str, str], options: dict[str, Any]) -> None:
    client.register_scalable_target(**who, **options)


@_calls.delete("deregister the scalable target", missing=MISSING, retry_on=RETRIES)
def deregister(client: Any, who: dict[str, str]) -> None:
    client.deregister_scalable_target(**who)
