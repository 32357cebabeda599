# -*- coding: utf-8 -*-
# Copyright: Contributors to threetier.aws
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

DOCUMENTATION = r"""
name: planned
author:
  - The threetier.aws authors (!UNKNOWN)
version_added: 0.2.0
short_description: Stands in for an id that is not known before the resource is made
description:
  - In check mode what would be created has no id yet, but the tasks after it want one.
  - Returns what it gets, or for nothing a word that begins as such ids do and says in a plan what it is.
positional: _input
options:
  _input:
    description: An id, or an empty string or C(none) for what does not exist.
    type: str
    required: true
  kind:
    description: How such ids begin, such as C(vpc) or C(arn:aws:sns:::).
    type: str
    default: ""
"""

EXAMPLES = r"""
- name: Show the id of a VPC that check mode would create
  ansible.builtin.debug:
    msg: "{{ made['vpc']['id'] | default('') | threetier.aws.planned('vpc') }}" # vpc-known-after-apply
"""

RETURN = r"""
_value:
  description: The id.
  type: str
"""

UNKNOWN = "known-after-apply"


def planned(value, kind=""):
    return value or kind + ("-" if kind and not kind.endswith(":") else "") + UNKNOWN


class FilterModule:
    """Ids in a plan."""

    def filters(self):
        return {"planned": planned}
