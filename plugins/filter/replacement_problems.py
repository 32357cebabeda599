# -*- coding: utf-8 -*-
# Copyright: Contributors to threetier.aws
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

from ansible_collections.threetier.aws.plugins.module_utils import _replacements

DOCUMENTATION = r"""
name: replacement_problems
author:
  - The threetier.aws authors (!UNKNOWN)
version_added: 0.2.0
short_description: Says which wishes could be had only by replacing what is there
description:
  - A VPC has its network for good, an RDS instance its first database, a bucket its name. To change one of these is to
    make another resource, without the data and the address of the first.
positional: _input
options:
  _input:
    description: The resources that are there, as their info module returns them.
    type: list
    elements: dict
    required: true
  kind:
    description: What they are.
    type: str
    choices: [vpc, bastion, database, backend_bucket, page_bucket]
    required: true
  wanted:
    description: What is wanted, by the names of the roles' variables. Those that are not named are not looked at.
    type: dict
    required: true
  allowed:
    description: The variables that let a replacement happen and are true.
    type: list
    elements: str
    default: []
"""

EXAMPLES = r"""
- name: Refuse what only another VPC could be
  ansible.builtin.assert:
    that: problems == []
    fail_msg: "{{ problems | join(' ') }}"
  vars:
    wanted:
      network_vpc_cidr: 10.1.0.0/16
    problems: "{{ found['vpcs'] | threetier.aws.replacement_problems(kind='vpc', wanted=wanted) }}"
"""

RETURN = r"""
_value:
  description:
    - One sentence for each, with the variable, the resource, what it has and what it can't become, and what to do.
    - Empty when all can be had in place.
  type: list
  elements: str
"""


class FilterModule:
    """What only a replacement could do."""

    def filters(self):
        return {"replacement_problems": _replacements.problems}
