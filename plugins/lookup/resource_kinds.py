# -*- coding: utf-8 -*-
# Copyright: Contributors to threetier.aws
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
name: resource_kinds
version_added: 0.2.0
short_description: How the kinds of resources that roles make are listed
description:
  - Reads C(roles/<role>/resources/<kind>.yml), which says of each kind how it is listed and deleted.
  - Returns the option C(listings) of M(threetier.aws.resourcegroupstaggingapi_resource_info).
author:
  - The threetier.aws authors (!UNKNOWN)
options:
  _terms:
    description: Types, such as V(ec2:vpc). All of them by default.
    type: list
    elements: str
  stack:
    description:
      - The stack whose resources are found by their names as well, where they have no tag yet. By tags alone if it is
        not given.
    type: str
    default: ""
"""

EXAMPLES = r"""
- name: Find the databases of a stack
  threetier.aws.resourcegroupstaggingapi_resource_info:
    tags:
      Stack: demo-app
    listings: "{{ query('threetier.aws.resource_kinds', 'rds:db') }}"
    unlisted: false
  register: found
"""

RETURN = r"""
_list:
  description: A listing for each type.
  type: list
  elements: dict
"""

from typing import Any

from ansible.errors import AnsibleError
from ansible.plugins.lookup import LookupBase

from ansible_collections.threetier.aws.plugins.plugin_utils import _resource_kinds


class LookupModule(LookupBase):
    def run(self, terms: list[Any], variables: dict[str, Any] | None = None, **kwargs: Any) -> list[Any]:
        self.set_options(var_options=variables, direct=kwargs)
        kinds = _resource_kinds.read()
        types = [kind["type"] for kind in kinds]
        unknown = sorted(set(terms) - set(types))
        if unknown:
            raise AnsibleError(f"Unknown types: {', '.join(unknown)}. There are {', '.join(types)}.")
        wanted = [kind for kind in kinds if not terms or kind["type"] in terms]
        return _resource_kinds.listings(wanted, self.get_option("stack"))
