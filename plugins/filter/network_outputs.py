# -*- coding: utf-8 -*-
# Copyright: Contributors to threetier.aws
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

from ansible.errors import AnsibleFilterError

from ansible_collections.threetier.aws.plugins.module_utils import _network

DOCUMENTATION = r"""
name: network_outputs
author:
  - The threetier.aws authors (!UNKNOWN)
version_added: 0.1.0
short_description: Puts together what others may know of a stack's network
description:
  - Sorts what info modules found into the ids of the VPC, subnets and security groups.
positional: _input
options:
  _input:
    description: The VPCs, as returned by M(amazon.aws.ec2_vpc_net_info).
    type: list
    elements: dict
    required: true
  subnets:
    description: As returned by M(amazon.aws.ec2_vpc_subnet_info).
    type: list
    elements: dict
    required: true
  groups:
    description: As returned by M(amazon.aws.ec2_security_group_info).
    type: list
    elements: dict
    required: true
  nat_gateways:
    description: As returned by M(amazon.aws.ec2_vpc_nat_gateway_info).
    type: list
    elements: dict
    required: true
  stack:
    description: The stack's name.
    type: str
    required: true
  planned:
    description: Whether this is check mode, where what is missing gets an id that is not real instead of an error.
    type: bool
    default: false
"""

EXAMPLES = r"""
- name: Show the network
  ansible.builtin.debug:
    msg: >-
      {{ vpcs | threetier.aws.network_outputs(subnets=subnets, groups=groups, nat_gateways=nats, stack='demo') }}
"""

RETURN = r"""
_value:
  description: >-
    The keys C(vpc_id), C(vpc_cidr), C(subnet_ids), C(security_group_ids) and C(nat_addresses).
  type: dict
"""


def network_outputs(vpcs, subnets, groups, nat_gateways, stack, planned=False):
    try:
        return _network.outputs(vpcs, subnets, groups, nat_gateways, stack, planned)
    except ValueError as error:
        raise AnsibleFilterError(str(error)) from error


class FilterModule:
    """What others may know of a network."""

    def filters(self):
        return {"network_outputs": network_outputs}
