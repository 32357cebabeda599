# -*- coding: utf-8 -*-
# Copyright: Contributors to threetier.aws
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
"""Filters for web ACLs, each documented in its own file beside this one."""

from __future__ import annotations

from typing import Any
from typing import Callable

from ansible_collections.threetier.aws.plugins.module_utils._desired_and_actual import known_after_apply
from ansible_collections.threetier.aws.plugins.module_utils._wafv2 import rules


def web_acl_rules(
    results: list[dict[str, Any]], mode: str, rate_limit: int, groups: list[str], file_paths: str
) -> list[dict[str, Any]]:
    sets = [{"list": one["item"]["list"], "arn": known_after_apply(one.get("arn"), "arn")} for one in results]
    return rules.rules(mode, sets, int(rate_limit), groups, file_paths)


class FilterModule:
    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"web_acl_ip_sets": rules.ip_sets, "web_acl_rules": web_acl_rules}
