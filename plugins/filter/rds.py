# -*- coding: utf-8 -*-
# Copyright: Contributors to threetier.aws
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
"""Filters for databases, each documented in its own file beside this one."""

from __future__ import annotations

from typing import Any
from typing import Callable

from ansible_collections.threetier.aws.plugins.module_utils._rds import members


class FilterModule:
    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"database_members": members.members}
