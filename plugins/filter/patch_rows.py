# -*- coding: utf-8 -*-
# Copyright: Contributors to threetier.aws
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

from ansible_collections.threetier.aws.plugins.module_utils._patch import report

DOCUMENTATION = r"""
name: patch_rows
author:
  - The threetier.aws authors (!UNKNOWN)
version_added: 0.2.0
short_description: Lists what a patch run did to each host
description:
  - A host without a result gets the result C(not reached).
positional: _input
options:
  _input:
    description: All hosts, in the order to list them.
    type: list
    elements: str
    required: true
  results:
    description: What is known of each host.
    type: dict
    required: true
  planned:
    description: Whether this was a plan, after which hosts may be due.
    type: bool
    default: false
"""

EXAMPLES = r"""
- name: Show the rows of a report
  ansible.builtin.debug:
    msg: "{{ groups['webapp'] | threetier.aws.patch_rows(results=found) }}"
"""

RETURN = r"""
_value:
  description: >-
    A row for each host, with C(host), C(role), C(packages), C(held), C(rebooted), C(seconds), C(result) and C(reason).
  type: list
  elements: dict
"""


def patch_rows(hosts, results, planned=False):
    return report.rows(list(hosts), results, planned)


class FilterModule:
    """What a patch run did."""

    def filters(self):
        return {"patch_rows": patch_rows}
