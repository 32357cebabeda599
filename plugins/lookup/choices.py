# -*- coding: utf-8 -*-
# Copyright: Contributors to threetier.aws
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

DOCUMENTATION = r"""
name: choices
author:
  - The threetier.aws authors (!UNKNOWN)
version_added: 0.2.0
short_description: What can be chosen for a deployment, and what roles and playbooks take
description:
  - Reads the collection's C(choices.yml), the argument specs of its roles and C(playbooks/vars/inputs.yml).
options:
  _terms:
    description: Nothing.
"""

EXAMPLES = r"""
- name: Refuse choices that are missing or of another type
  ansible.builtin.validate_argument_spec:
    argument_spec: "{{ lookup('threetier.aws.choices')['argument_spec'] }}"
"""

RETURN = r"""
_raw:
  description: One dictionary.
  type: list
  elements: dict
  contains:
    choices:
      description: By name, what C(choices.yml) says of the variables C(threetier_*).
      type: dict
    argument_spec:
      description: The same as an argument spec in which each is required.
      type: dict
    role_options:
      description: Each option of any role's entry points, by name. None is required and none has a default.
      type: dict
    playbook_options:
      description: Each option that a playbook itself takes, by name.
      type: dict
"""

from typing import Any

from ansible.plugins.lookup import LookupBase

from ansible_collections.threetier.aws.plugins.plugin_utils import _choices


class LookupModule(LookupBase):
    def run(self, terms: list[Any], variables: dict[str, Any] | None = None, **kwargs: Any) -> list[dict[str, Any]]:
        self.set_options(var_options=variables, direct=kwargs)
        choices = _choices.choices()
        return [
            {
                "choices": choices,
                "argument_spec": _choices.argument_spec(choices),
                "role_options": _choices.options_of_roles(),
                "playbook_options": _choices.options_of_playbooks(),
            }
        ]
