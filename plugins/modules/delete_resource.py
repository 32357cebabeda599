#!/usr/bin/python
# -*- coding: utf-8 -*-
# Copyright: Contributors to threetier.aws
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
"""The documentation of an action plugin, plugins/action/delete_resource.py."""

from __future__ import annotations

DOCUMENTATION = r"""
module: delete_resource
version_added: 0.2.0
short_description: Call the module that deletes a resource, and go on if AWS refuses
description:
  - Calls a module whose name and arguments are data, as P(threetier.aws.removal_plan#filter) returns them.
  - What the module fails with is returned and is no failure, so that the deletion of other resources goes on.
  - Region, endpoint and credentials are those of the play's C(module_defaults) for the group C(threetier.aws.aws).
author:
  - The threetier.aws authors (!UNKNOWN)
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
attributes:
  check_mode:
    description: Can run in C(check_mode) and return changed status without modifying the target.
    support: none
  diff_mode:
    description: Will return details on what has changed, or would change in C(check_mode), when in diff mode.
    support: none
options:
  module:
    description: The module, of C(amazon.aws), C(community.aws) or C(threetier.aws).
    type: str
    required: true
  arguments:
    description: Its arguments.
    type: dict
    required: true
  retry:
    description: A regular expression. A failure that matches it goes away by itself, so the module is called again.
    type: str
    default: ""
  timeout:
    description: For how many seconds it is called again. Each time the reason is shown.
    type: int
    default: 0
  pause:
    description: Seconds between two calls.
    type: int
    default: 5
"""

EXAMPLES = r"""
- name: Delete a subnet as soon as nothing lies in it
  threetier.aws.delete_resource:
    module: amazon.aws.ec2_vpc_subnet
    arguments:
      vpc_id: vpc-0123456789abcdef0
      cidr: 10.0.1.0/24
      state: absent
    retry: DependencyViolation
    timeout: 300
"""

RETURN = r"""
refused:
  description: Why the resource is still there, in the module's words. Empty if it was deleted or was not there.
  type: str
  returned: always
"""
