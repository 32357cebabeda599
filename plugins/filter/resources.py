# -*- coding: utf-8 -*-
# Copyright: Contributors to threetier.aws
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
"""Filters for resources of any service, each documented in its own file beside this one."""

from __future__ import annotations

from typing import Any
from typing import Callable
from typing import Iterable

from ansible.errors import AnsibleFilterError


def by_name(resources: Iterable[dict[str, Any]], key: str | None = None) -> dict[str, Any]:
    named: dict[str, Any] = {}
    for resource in resources:
        name = (resource.get("tags") or {}).get("Name")
        if name in named:
            raise AnsibleFilterError(f"There are two resources named {name}. Remove the one that is not in use.")
        if name is not None:
            named[name] = resource[key] if key else resource
    return named


class FilterModule:
    def filters(self) -> dict[str, Callable[..., Any]]:
        return {
            "by_name": by_name,
        }
