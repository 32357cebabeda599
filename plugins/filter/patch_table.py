# -*- coding: utf-8 -*-
# Copyright: Contributors to threetier.aws
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

from ansible_collections.threetier.aws.plugins.module_utils._patch import report

DOCUMENTATION = r"""
name: patch_table
author:
  - The threetier.aws authors (!UNKNOWN)
version_added: 0.2.0
short_description: Lays out the rows of a patch report for a terminal
description:
  - Pads the columns and puts each further package, and each reason, on a line of its own.
positional: _input
options:
  _input:
    description: Rows, as P(threetier.aws.patch_rows#filter) returns them.
    type: list
    elements: dict
    required: true
"""

EXAMPLES = r"""
- name: Show the report
  ansible.builtin.debug:
    msg: "{{ rows | threetier.aws.patch_table }}"
"""

RETURN = r"""
_value:
  description: The lines of the table, its head first.
  type: list
  elements: str
"""


def patch_table(found):
    return report.table(found)


class FilterModule:
    """A patch report as text."""

    def filters(self):
        return {"patch_table": patch_table}
