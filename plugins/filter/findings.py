# -*- coding: utf-8 -*-
# Copyright: Contributors to threetier.aws
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
"""Filters for what a diagnosis found, each documented in its own file beside this one."""

from __future__ import annotations

from typing import Any
from typing import Callable

from ansible.errors import AnsibleFilterError

from ansible_collections.threetier.aws.plugins.module_utils import _findings


def findings(seen: Any, subject: str, **names: Any) -> list[_findings.Finding]:
    try:
        return _findings.of(subject, seen, **names)
    except ModuleNotFoundError as error:
        raise AnsibleFilterError(f"There is no plugins/module_utils/_findings/{subject}.py.") from error


class FilterModule:
    def filters(self) -> dict[str, Callable[..., Any]]:
        return {
            "findings": findings,
            "findings_summary": _findings.summary,
            "findings_table": _findings.table,
        }
