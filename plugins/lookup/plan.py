# -*- coding: utf-8 -*-
# Copyright: Contributors to threetier.aws
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

DOCUMENTATION = r"""
name: plan
author:
  - The threetier.aws authors (!UNKNOWN)
version_added: 0.2.0
short_description: What tasks of this run in check mode would have made of each resource
description:
  - What the callback P(threetier.aws.plan#callback) has collected so far. An error where it is not enabled.
"""

EXAMPLES = r"""
- name: Fail where something drifted
  ansible.builtin.assert:
    that: query('threetier.aws.plan') | rejectattr('action', 'eq', 'leave') | length == 0
"""

RETURN = r"""
_raw:
  description: One entry for each resource that a module spoke of.
  type: list
  elements: dict
  contains:
    region:
      description: The host on which the task ran, which is named after its region.
      type: str
    tier:
      description: The role of the task.
      type: str
    kind:
      description: The module that makes such a resource.
      type: str
      sample: s3_bucket
    name:
      description: The resource's name.
      type: str
      sample: demo-app-backend-s3-bucket-123456789012
    action:
      description: V(create), V(change), V(delete) or V(leave).
      type: str
    rows:
      description: The attributes, each with the keys C(attribute), C(before) and C(after).
      type: list
      elements: dict
      sample: [{attribute: public_access.block_public_acls, before: false, after: true}]
    note:
      description: What no run can do, such as to confirm a subscription by e-mail; mostly empty. It is no change.
      type: str
"""

from typing import Any

from ansible.errors import AnsibleError
from ansible.plugins.lookup import LookupBase

from ansible_collections.threetier.aws.plugins.plugin_utils._plan import record


class LookupModule(LookupBase):
    def run(self, terms: list[Any], variables: dict[str, Any] | None = None, **kwargs: Any) -> list[Any]:
        try:
            return record.all_resources()
        except ValueError as error:
            raise AnsibleError(str(error)) from error
