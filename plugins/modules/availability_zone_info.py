#!/usr/bin/python
# -*- coding: utf-8 -*-
# Copyright: Contributors to threetier.aws
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: availability_zone_info
version_added: 0.2.0
short_description: List the availability zones with what they do not offer
description:
  - Not each zone offers each instance type. An instance, or a group that launches some, fails there late.
  - Where AWS does not tell what is offered, because a right is missing for one, nothing counts as missing, and a
    warning says so.
author:
  - The threetier.aws authors (!UNKNOWN)
extends_documentation_fragment:
  - threetier.aws.attributes.info
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
options:
  instance_types:
    description: The instance types of EC2 that are needed.
    type: list
    elements: str
    default: []
  db_instance_class:
    description: The instance class of RDS that is needed.
    type: str
    default: ""
  engine:
    description: The engine that the database runs.
    type: str
    default: mysql
"""

EXAMPLES = r"""
- name: List the zones
  threetier.aws.availability_zone_info:
    instance_types: [t3.micro]
    db_instance_class: db.t4g.micro
  register: zones

- name: Say which have all that is needed
  ansible.builtin.debug:
    msg: "{{ zones['availability_zones'] | rejectattr('lacks') | map(attribute='name') }}"
"""

RETURN = r"""
availability_zones:
  description: The zones that the account may use, by name; no local or wavelength zones.
  type: list
  elements: dict
  returned: always
  contains:
    name:
      description: The name.
      type: str
      sample: us-east-1a
    lacks:
      description: What of the types and the class is not offered there.
      type: list
      elements: str
      sample: [t3.micro]
"""

from typing import Any

from ansible_collections.amazon.aws.plugins.module_utils.exceptions import AnsibleAWSError
from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

from ansible_collections.threetier.aws.plugins.module_utils import _availability_zones
from ansible_collections.threetier.aws.plugins.module_utils import _errors


def run(module: AnsibleAWSModule) -> dict[str, Any]:
    ec2 = module.client("ec2")
    types, instance_class = sorted({*module.params["instance_types"]}), module.params["db_instance_class"]
    names = _availability_zones.names(ec2)
    offered: dict[str, set[str]] = {}
    try:
        if types:
            offered |= _availability_zones.offerings(ec2, types)
        if instance_class:
            rds, engine = module.client("rds"), module.params["engine"]
            offered[instance_class] = _availability_zones.zones_of_class(rds, engine, instance_class)
    except AnsibleAWSError as error:
        module.warn(_errors.described(error))
    zones = [{"name": name, "lacks": [one for one in offered if name not in offered[one]]} for name in names]
    return dict(changed=False, availability_zones=zones)


def main() -> None:
    module = AnsibleAWSModule(
        argument_spec=dict(
            instance_types=dict(type="list", elements="str", default=[]),
            db_instance_class=dict(default=""),
            engine=dict(default="mysql"),
        ),
        supports_check_mode=True,
    )
    _errors.finish(module, run)


if __name__ == "__main__":
    main()
