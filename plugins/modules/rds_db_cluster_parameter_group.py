#!/usr/bin/python
# -*- coding: utf-8 -*-
# Copyright: Contributors to threetier.aws
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: rds_db_cluster_parameter_group
version_added: 0.2.0
short_description: Make a DB cluster parameter group, and say which parameters it sets
description:
  - Makes a DB cluster parameter group with parameters and tags, or sets these of one that is there.
  - A parameter that somebody has set and O(parameters) does not name gets the engine's own value again.
  - A parameter that the engine takes while it runs is set at once, any other with the next restart of each instance.
  - M(amazon.aws.rds_cluster_param_group) says nothing of the parameters of a new group in check mode, and never finds
    one that it is not given.
author:
  - The threetier.aws authors (!UNKNOWN)
extends_documentation_fragment:
  - threetier.aws.attributes
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
options:
  name:
    description: The group's name.
    type: str
    required: true
  family:
    description: The engine with its series, such as V(aurora-mysql8.0). It is not changed on a group that is there.
    type: str
    required: true
  description:
    description: What the group is for. It is not changed on a group that is there.
    type: str
    required: true
  parameters:
    description: The values by the parameters' names. A whole number may end in V(K), V(M) or V(G).
    type: dict
    default: {}
  tags:
    description: The group's tags. Others are removed.
    type: dict
    default: {}
"""

EXAMPLES = r"""
- name: Encrypted connections only
  threetier.aws.rds_db_cluster_parameter_group:
    name: demo-app-aurora-mysql-8-0-cluster
    family: aurora-mysql8.0
    description: Encrypted connections only
    parameters:
      require_secure_transport: true
"""

RETURN = r"""
parameters:
  description: The parameters that the group sets; in check mode those that it would set.
  type: dict
  returned: always
  sample: {require_secure_transport: "1"}
"""

from typing import Any

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

from ansible_collections.threetier.aws.plugins.module_utils import _errors
from ansible_collections.threetier.aws.plugins.module_utils._rds import parameter_groups


def run(module: AnsibleAWSModule) -> dict[str, Any]:
    return parameter_groups.run(module, cluster=True)


def main() -> None:
    module = AnsibleAWSModule(argument_spec=parameter_groups.argument_spec(), supports_check_mode=True)
    _errors.finish(module, run)


if __name__ == "__main__":
    main()
