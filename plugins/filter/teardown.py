# -*- coding: utf-8 -*-
# Copyright: Contributors to threetier.aws
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
"""Filters for the removal of a stack, each documented in its own file beside this one."""

from __future__ import annotations

from typing import Any
from typing import Callable
from typing import Sequence

from ansible_collections.threetier.aws.plugins.plugin_utils import _removal, _resource_kinds


def removal_plan(
    found: dict[str, Any],
    keep: Sequence[str] = (),
    settings: dict[str, Any] | None = None,
    refused: Sequence[dict[str, Any]] = (),
) -> dict[str, Any]:
    return _removal.plan(found, _resource_kinds.read(), {**(settings or {}), "keep": keep}, list(refused))


class FilterModule:
    def filters(self) -> dict[str, Callable[..., Any]]:
        return {
            "removal_plan": removal_plan,
            "removal_refusals": _removal.refusals,
        }
