#!/usr/bin/python
# -*- coding: utf-8 -*-
# Copyright: Contributors to threetier.aws
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

DOCUMENTATION = r"""
module: planned_change
author:
  - The threetier.aws authors (!UNKNOWN)
version_added: 0.2.0
short_description: Says what a resource would become, and changes nothing
description:
  - For check mode, in place of a module that has none or whose check mode does not tell the truth.
  - Compares what is wanted with what an info module found, and is changed where they differ.
options:
  kind:
    description: What the resource is, such as C(s3_bucket).
    type: str
    required: true
  name:
    description: The resource's name.
    type: str
    required: true
  wanted:
    description: What the resource has to be.
    type: dict
    required: true
  found:
    description:
      - What it is; empty where it does not exist.
      - Keys that are not in O(wanted) are left out of the comparison, unless O(complete).
    type: dict
    default: {}
  complete:
    description: Whether O(wanted) is all that the resource has to be, so that what is found besides would go.
    type: bool
    default: false
attributes:
  check_mode:
    support: full
    description: Changes nothing, in check mode or out of it.
  diff_mode:
    support: full
    description: Returns what is found and what is wanted.
notes:
  - Calls no API.
"""

EXAMPLES = r"""
- name: Say what would become of the target group
  threetier.aws.planned_change:
    kind: elb_target_group
    name: demo-app-tg
    wanted:
      port: 5000
      protocol: HTTP
    found: "{{ found['target_groups'] | first | default({}) }}"
  when: ansible_check_mode
"""

RETURN = r"""
attributes:
  description: The names of the attributes that differ.
  returned: always
  type: list
  elements: str
"""

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.threetier.aws.plugins.module_utils import _desired_and_actual


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "kind": {"type": "str", "required": True},
            "name": {"type": "str", "required": True},
            "wanted": {"type": "dict", "required": True},
            "found": {"type": "dict", "default": {}},
            "complete": {"type": "bool", "default": False},
        },
        supports_check_mode=True,
    )
    wanted, found = module.params["wanted"], module.params["found"]
    if module.params["complete"]:
        wanted = {**dict.fromkeys(found), **wanted}
    before, after = _desired_and_actual.compared(wanted, found)
    names = [name for name in after if name not in before or before[name] != after[name]]
    module.exit_json(changed=bool(names), attributes=names, diff={"before": before, "after": after})


if __name__ == "__main__":
    main()
