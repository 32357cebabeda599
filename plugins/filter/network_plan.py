# -*- coding: utf-8 -*-
# Copyright: Contributors to threetier.aws
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

from ansible_collections.threetier.aws.plugins.module_utils import _network

DOCUMENTATION = r"""
name: network_plan
author:
  - The threetier.aws authors (!UNKNOWN)
version_added: 0.1.0
short_description: Names the subnets, NAT gateways and private route tables of a stack
description:
  - Turns a few choices into the lists that tasks loop over, for one NAT gateway or one in each availability zone.
positional: _input
options:
  _input:
    description: The stack's name, the prefix of every name.
    type: str
    required: true
  zones:
    description: The availability zones, in the order of the networks.
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
  nat_per_az:
    description: Whether each availability zone has a NAT gateway of its own.
    type: bool
    default: false
"""

EXAMPLES = r"""
- name: Show the route tables of private subnets
  ansible.builtin.debug:
    msg: >-
      {{ 'demo' | threetier.aws.network_plan(zones=['us-east-1a'], public=['10.0.1.0/24'], private=['10.0.2.0/24'])
         | json_query('private_tables') }}
"""

RETURN = r"""
_value:
  description: The keys C(subnets), C(nat_gateways) and C(private_tables), each a list of dictionaries.
  type: dict
"""


def network_plan(stack, zones, public, private, nat_per_az=False):
    return _network.plan(stack, zones, public, private, nat_per_az)


class FilterModule:
    """What the network of a stack is made of."""

    def filters(self):
        return {"network_plan": network_plan}
