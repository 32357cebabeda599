# -*- coding: utf-8 -*-
# Copyright: Contributors to threetier.aws
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

from ansible_collections.threetier.aws.plugins.module_utils import _choices

DOCUMENTATION = r"""
name: misspelt_names
author:
  - The threetier.aws authors (!UNKNOWN)
version_added: 0.2.0
short_description: Says which names of variables are nearly known
description:
  - A variable whose name is misspelt would change nothing, and nobody would say so.
  - Names that are like no known one are left alone.
positional: _input, known
options:
  _input:
    description: The names of the variables that are given.
    type: list
    elements: str
    required: true
  known:
    description: The names that are known.
    type: list
    elements: str
    required: true
"""

EXAMPLES = r"""
- name: Refuse names that are nearly right
  ansible.builtin.assert:
    that: "{{ ['network_nat_per_zz'] | threetier.aws.misspelt_names(['network_nat_per_az']) == [] }}"
"""

RETURN = r"""
_value:
  description: One sentence for each of them, with the name that may be meant.
  type: list
  elements: str
"""


class FilterModule:
    """Names that are nearly right."""

    def filters(self):
        return {"misspelt_names": _choices.misspelt}
