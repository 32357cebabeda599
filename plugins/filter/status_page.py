# -*- coding: utf-8 -*-
# Copyright: Contributors to threetier.aws
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

from ansible_collections.threetier.aws.plugins.module_utils import _status

DOCUMENTATION = r"""
name: status_page
author:
  - The threetier.aws authors (!UNKNOWN)
version_added: 0.2.0
short_description: Puts a stack's state together for one page
description:
  - Sorts what info modules found into rows, and lays the stack out as a picture.
positional: _input
options:
  _input:
    description: Results of the tasks that looked, by what they looked at; failed ones too.
    type: dict
    required: true
  findings:
    description: What the roles' diagnoses found.
    type: list
    elements: dict
    required: true
  hosts:
    description: By instance id what the host said of itself.
    type: dict
    required: true
  stack:
    description: The stack's name.
    type: str
    required: true
  time:
    description: When one looked.
    type: str
    required: true
"""

EXAMPLES = r"""
- name: Show the fleet
  ansible.builtin.debug:
    msg: "{{ (seen | threetier.aws.status_page(findings, hosts, 'demo', now()))['instances'] }}"
"""

RETURN = r"""
_value:
  description: >-
    The keys C(stack), C(time), C(healthy), C(wrong), C(looked_at), C(instances), C(database), C(dead_letters),
    C(rollout), C(deploys) and C(topology).
  type: dict
"""

from typing import Any
from typing import Callable


class FilterModule:
    """A stack on one page."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"status_page": _status.page}
