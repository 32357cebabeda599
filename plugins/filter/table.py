# -*- coding: utf-8 -*-
# Copyright: Contributors to threetier.aws
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

from ansible_collections.threetier.aws.plugins.module_utils import _table

DOCUMENTATION = r"""
name: table
author:
  - The threetier.aws authors (!UNKNOWN)
version_added: 0.2.0
short_description: Sets rows in columns, for people to read
description:
  - One line for each row below a line of headings, each column as wide as it has to be.
positional: _input
options:
  _input:
    description: The rows.
    type: list
    elements: dict
    required: true
  columns:
    description: The keys to show, in order. Underscores become spaces in the headings.
    type: list
    elements: str
    required: true
"""

EXAMPLES = r"""
- name: Show releases
  ansible.builtin.debug:
    msg: "{{ webapp_releases | threetier.aws.table(['version', 'state']) }}"
"""

RETURN = r"""
_value:
  description: The lines.
  type: list
  elements: str
"""


def table(rows, columns):
    return _table.lines(rows, columns)


class FilterModule:
    """Rows in columns."""

    def filters(self):
        return {"table": table}
