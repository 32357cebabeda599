# -*- coding: utf-8 -*-
# Copyright: Contributors to threetier.aws
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
name: roles_with_entry
version_added: 0.2.0
short_description: Which roles of this collection have a certain entry
description:
  - A playbook that asks every role for something, such as its diagnosis, finds the roles that have an answer. A new
    role takes part by having the entry.
author:
  - The threetier.aws authors (!UNKNOWN)
options:
  _terms:
    description: The entries, each a file in the role's C(tasks).
    type: list
    elements: str
    required: true
"""

EXAMPLES = r"""
- name: Look at what each role made
  ansible.builtin.include_role:
    name: threetier.aws.{{ item }}
    tasks_from: diagnose
  loop: "{{ query('threetier.aws.roles_with_entry', 'diagnose') }}"
"""

RETURN = r"""
_list:
  description: The names of the roles that have all the entries, sorted.
  type: list
  elements: str
"""

from pathlib import Path
from typing import Any

from ansible.plugins.lookup import LookupBase

ROLES = Path(__file__).resolve().parents[2] / "roles"


class LookupModule(LookupBase):
    def run(self, terms: list[Any], variables: dict[str, Any] | None = None, **kwargs: Any) -> list[Any]:
        return [
            role.name
            for role in sorted(ROLES.iterdir())
            if all((role / f"tasks/{entry}.yml").is_file() for entry in terms)
        ]
