# -*- coding: utf-8 -*-
# Copyright: Contributors to threetier.aws
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

from ansible_collections.threetier.aws.plugins.module_utils import _findings_network

DOCUMENTATION = r"""
name: bastion_findings
author:
  - The threetier.aws authors (!UNKNOWN)
version_added: 0.2.0
short_description: Says what is wrong with the bastion
description:
  - Judges what info modules found of it and whether it answers.
positional: _input
options:
  _input:
    description: Results of the tasks that looked, by what they looked at; failed ones too.
    type: dict
    required: true
  name:
    description: The bastion's name.
    type: str
    required: true
"""

EXAMPLES = r"""
- name: Show what is wrong
  ansible.builtin.debug:
    msg: "{{ seen | threetier.aws.bastion_findings(name='demo-bastion-host') }}"
"""

RETURN = r"""
_value:
  description: What was looked at, each with C(place), C(name), C(state) (good, bad or unknown), C(says) and C(mend).
  type: list
  elements: dict
"""


class FilterModule:
    """Says what is wrong with the bastion."""

    def filters(self):
        return {"bastion_findings": _findings_network.bastion}
