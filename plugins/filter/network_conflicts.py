# -*- coding: utf-8 -*-
# Copyright: Contributors to threetier.aws
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

from ansible_collections.threetier.aws.plugins.module_utils import _network

DOCUMENTATION = r"""
name: network_conflicts
author:
  - The threetier.aws authors (!UNKNOWN)
version_added: 0.1.0
short_description: Says which existing subnets can't become the wanted ones
description:
  - A subnet's network and availability zone can't be changed. Without this check a second subnet of that name appears.
positional: _input
options:
  _input:
    description: The wanted subnets, as in the C(subnets) of P(threetier.aws.network_plan#filter).
    type: list
    elements: dict
    required: true
  existing:
    description: The subnets, as returned by M(amazon.aws.ec2_vpc_subnet_info).
    type: list
    elements: dict
    required: true
"""

EXAMPLES = r"""
- name: Show what stands in the way
  ansible.builtin.debug:
    msg: "{{ plan['subnets'] | threetier.aws.network_conflicts(existing=found['subnets']) }}"
"""

RETURN = r"""
_value:
  description: One sentence for each conflict.
  type: list
  elements: str
"""


def network_conflicts(wanted, existing):
    return _network.conflicts(wanted, existing)


class FilterModule:
    """Subnets that stand in the way."""

    def filters(self):
        return {"network_conflicts": network_conflicts}
