# -*- coding: utf-8 -*-
# Copyright: Contributors to threetier.aws
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

from ansible_collections.threetier.aws.plugins.module_utils import _network

DOCUMENTATION = r"""
name: network_problems
author:
  - The threetier.aws authors (!UNKNOWN)
version_added: 0.1.0
short_description: Says in sentences what is wrong with the networks chosen
description:
  - Checks that the networks are valid, of a size AWS takes, inside the VPC, apart from each other and as many as zones.
positional: _input
options:
  _input:
    description: The VPC's network.
    type: str
    required: true
  zones:
    description: The availability zones.
    type: list
    elements: str
    required: true
  public:
    description: Networks of the public subnets.
    type: list
    elements: str
    required: true
  private:
    description: Networks of the private subnets.
    type: list
    elements: str
    required: true
  admins:
    description: Networks that may reach the bastion.
    type: list
    elements: str
    default: []
"""

EXAMPLES = r"""
- name: Check a network before it is built
  ansible.builtin.assert:
    that: problems == []
    fail_msg: "{{ problems | join(' ') }}"
  vars:
    zones: [us-east-1a, us-east-1b]
    problems: >-
      {{ '10.0.0.0/16' | threetier.aws.network_problems(zones=zones, public=['10.0.1.0/24', '10.0.2.0/24'],
                                                        private=['10.0.11.0/24', '10.0.12.0/24']) }}
"""

RETURN = r"""
_value:
  description: One sentence for each problem; empty when all is well.
  type: list
  elements: str
"""


def network_problems(vpc, zones, public, private, admins=()):
    return _network.problems(vpc, list(zones), list(public), list(private), list(admins))


class FilterModule:
    """What is wrong with a network."""

    def filters(self):
        return {"network_problems": network_problems}
