# -*- coding: utf-8 -*-
# Copyright: Contributors to threetier.aws
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

from ansible_collections.threetier.aws.plugins.module_utils._patch import packages

DOCUMENTATION = r"""
name: reboot_reasons
author:
  - The threetier.aws authors (!UNKNOWN)
version_added: 0.2.0
short_description: Says why a host has to be rebooted
description:
  - Takes what the host says itself, and packages that all running processes have open.
positional: _input
options:
  _input:
    description: What P(threetier.aws.package_state#filter) returned after the upgrade.
    type: dict
    required: true
  changed:
    description: The packages changed, as P(threetier.aws.package_changes#filter) returned them.
    type: list
    elements: dict
    required: true
  patterns:
    description: Names of packages, with wildcards, after whose upgrade a host is rebooted.
    type: list
    elements: str
    default: []
"""

EXAMPLES = r"""
- name: Show why this host is rebooted
  ansible.builtin.debug:
    msg: "{{ state | threetier.aws.reboot_reasons(changed=changes, patterns=['libc6', 'linux-image-*']) }}"
"""

RETURN = r"""
_value:
  description: A sentence for each reason; empty if none is known.
  type: list
  elements: str
"""


def reboot_reasons(seen, changed, patterns=()):
    return packages.reboot_reasons(seen, changed, list(patterns))


class FilterModule:
    """Why a host has to be rebooted."""

    def filters(self):
        return {"reboot_reasons": reboot_reasons}
