# -*- coding: utf-8 -*-
# Copyright: Contributors to threetier.aws
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

from ansible.module_utils.common.yaml import yaml_load

from ansible_collections.threetier.aws.plugins.module_utils import _choices

DOCUMENTATION = r"""
name: role_options
author:
  - The threetier.aws authors (!UNKNOWN)
version_added: 0.2.0
short_description: Gathers the options of roles from their argument specs
description:
  - Makes of several roles' specs one for M(ansible.builtin.validate_argument_spec), to hold what is given against all
    of them before the first role starts.
  - No option is required in it and none has a default, for the roles have these themselves.
positional: _input
options:
  _input:
    description: What stands in the files C(meta/argument_specs.yml).
    type: list
    elements: str
    required: true
"""

EXAMPLES = r"""
- name: Refuse what is of another type than the role takes
  ansible.builtin.validate_argument_spec:
    argument_spec: "{{ specs | threetier.aws.role_options }}"
  vars:
    specs: "{{ query('ansible.builtin.file', 'roles/network/meta/argument_specs.yml') }}"
"""

RETURN = r"""
_value:
  description: Each option of any entry point, by name.
  type: dict
"""


def role_options(specs):
    return _choices.options_of_roles([yaml_load(spec) for spec in specs])


class FilterModule:
    """What roles take."""

    def filters(self):
        return {"role_options": role_options}
