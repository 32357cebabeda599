# -*- coding: utf-8 -*-
# Copyright: Contributors to threetier.aws
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

from ansible_collections.threetier.aws.plugins.module_utils import _findings

DOCUMENTATION = r"""
name: findings_summary
author:
  - The threetier.aws authors (!UNKNOWN)
version_added: 0.2.0
short_description: Says in sentences what is wrong and what mends it
description:
  - What is good is left out.
positional: _input
options:
  _input:
    description: The findings.
    type: list
    elements: dict
    required: true
"""

EXAMPLES = r"""
- name: Show what to do
  ansible.builtin.debug:
    msg: "{{ findings | threetier.aws.findings_summary }}"
"""

RETURN = r"""
_value:
  description: A line for each finding that is not good.
  type: list
  elements: str
"""


class FilterModule:
    """Says in sentences what is wrong and what mends it."""

    def filters(self):
        return {"findings_summary": _findings.summary}
