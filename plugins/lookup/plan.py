# -*- coding: utf-8 -*-
# Copyright: Contributors to threetier.aws
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

DOCUMENTATION = r"""
name: plan
author:
  - The threetier.aws authors (!UNKNOWN)
version_added: 0.2.0
short_description: What tasks of this run in check mode would have changed
description:
  - What the callback P(threetier.aws.plan#callback) has collected so far. An error where it is not enabled.
"""

EXAMPLES = r"""
- name: Fail where something drifted
  ansible.builtin.assert:
    that: query('threetier.aws.plan') | length == 0
"""

RETURN = r"""
_raw:
  description: One entry for each attribute that differs.
  type: list
  elements: dict
  contains:
    resource:
      description: Its kind and its name.
      type: str
      sample: s3_bucket demo-app-backend-s3-bucket-123456789012
    attribute:
      description: What of it differs; empty if it is to be created or deleted.
      type: str
      sample: public_access.block_public_acls
    wanted:
      description: What the roles would make it.
      type: raw
    found:
      description: What it is.
      type: raw
"""

from typing import Any

from ansible.errors import AnsibleError
from ansible.plugins.lookup import LookupBase

from ansible_collections.threetier.aws.plugins.plugin_utils import _plan_recorder


class LookupModule(LookupBase):
    def run(self, terms: list[Any], variables: dict[str, Any] | None = None, **kwargs: Any) -> list[Any]:
        try:
            return _plan_recorder.rows()
        except ValueError as error:
            raise AnsibleError(str(error)) from error
