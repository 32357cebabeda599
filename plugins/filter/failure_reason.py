# -*- coding: utf-8 -*-
# Copyright: Contributors to threetier.aws
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

from ansible_collections.threetier.aws.plugins.module_utils._patch import packages

DOCUMENTATION = r"""
name: failure_reason
author:
  - The threetier.aws authors (!UNKNOWN)
version_added: 0.2.0
short_description: Says in a line why a task failed
description:
  - Takes the message of the task, and what dpkg said, which M(ansible.builtin.apt) has in its standard output.
positional: _input
options:
  _input:
    description: The result of the task that failed.
    type: dict
    required: true
"""

EXAMPLES = r"""
- name: Upgrade
  block:
    - name: Upgrade all
      ansible.builtin.apt:
        upgrade: safe
  rescue:
    - name: Say why not
      ansible.builtin.debug:
        msg: "{{ ansible_failed_result | threetier.aws.failure_reason }}"
"""

RETURN = r"""
_value:
  description: The reason.
  type: str
"""


def failure_reason(result):
    return packages.failure_reason(result)


class FilterModule:
    """Why a task failed."""

    def filters(self):
        return {"failure_reason": failure_reason}
