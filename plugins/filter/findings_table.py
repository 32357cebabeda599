# -*- coding: utf-8 -*-
# Copyright: Contributors to threetier.aws
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

from ansible_collections.threetier.aws.plugins.module_utils import _findings

DOCUMENTATION = r"""
name: findings_table
author:
  - The threetier.aws authors (!UNKNOWN)
version_added: 0.2.0
short_description: Lays findings out as a table
description:
  - One line for each place that is well, one for each thing that is not.
positional: _input
options:
  _input:
    description: The findings.
    type: list
    elements: dict
    required: true
"""

EXAMPLES = r"""
- name: Show the table
  ansible.builtin.debug:
    msg: "{{ findings | threetier.aws.findings_table }}"
"""

RETURN = r"""
_value:
  description: The table, line by line.
  type: list
  elements: str
"""


class FilterModule:
    """Lays findings out as a table."""

    def filters(self):
        return {"findings_table": _findings.table}
