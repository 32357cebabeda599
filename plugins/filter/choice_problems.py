# -*- coding: utf-8 -*-
# Copyright: Contributors to threetier.aws
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

from ansible_collections.threetier.aws.plugins.module_utils import _choices

DOCUMENTATION = r"""
name: choice_problems
author:
  - The threetier.aws authors (!UNKNOWN)
version_added: 0.2.0
short_description: Says in sentences what is wrong with the choices of a deployment
description:
  - Checks names, networks, zones, sizes and tags against what AWS takes and against each other, without asking AWS.
positional: _input
options:
  _input:
    description: The variables C(threetier_*), by name.
    type: dict
    required: true
"""

EXAMPLES = r"""
- name: Refuse choices that cannot be
  ansible.builtin.assert:
    that: problems == []
    fail_msg: "{{ problems | join(' ') }}"
  vars:
    problems: "{{ choices | threetier.aws.choice_problems }}"
"""

RETURN = r"""
_value:
  description: One sentence for each problem, with the variable, what it is and what it takes; empty when all is well.
  type: list
  elements: str
"""


class FilterModule:
    """What is wrong with a deployment's choices."""

    def filters(self):
        return {"choice_problems": _choices.problems}
