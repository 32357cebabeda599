# -*- coding: utf-8 -*-
# Copyright: Contributors to threetier.aws
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
"""Filters for packages and for the report of a patch run, each documented in its own file beside this one."""

from __future__ import annotations

from typing import Any
from typing import Callable

from ansible_collections.threetier.aws.plugins.module_utils._patch import packages
from ansible_collections.threetier.aws.plugins.module_utils._patch import report


class FilterModule:
    def filters(self) -> dict[str, Callable[..., Any]]:
        return {
            "apt_plan": packages.plan,
            "failure_reason": packages.failure_reason,
            "package_changes": packages.changes,
            "package_state": packages.state,
            "patch_rows": report.rows,
            "patch_table": report.table,
            "reboot_reasons": packages.reboot_reasons,
        }
