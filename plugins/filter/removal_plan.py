# -*- coding: utf-8 -*-
# Copyright: Contributors to threetier.aws
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

DOCUMENTATION = r"""
name: removal_plan
author:
  - The threetier.aws authors (!UNKNOWN)
version_added: 0.2.0
short_description: Parts the resources of a stack into those that go and those that stay
description:
  - One plan for what is shown and for what is done, so that the one cannot differ from the other.
positional: _input
options:
  _input:
    description: What M(threetier.aws.resourcegroupstaggingapi_resource_info) returned.
    type: dict
    required: true
  keep:
    description: Types that stay, such as V(s3:bucket).
    type: list
    elements: str
    default: []
"""

EXAMPLES = r"""
- name: Show what would go
  ansible.builtin.debug:
    msg: "{{ (found | threetier.aws.removal_plan(keep=['s3:bucket']))['goes'] }}"
"""

RETURN = r"""
_value:
  description: What is to do, and how to say it.
  type: dict
  contains:
    ids:
      description: By type, what identifies the resources that go. Every type is there.
      type: dict
    resources:
      description: By type, the same resources with their properties. Every type is there.
      type: dict
    goes:
      description: A line for each resource that goes, its kind and its name.
      type: list
      elements: str
    stays:
      description: The same for what stays by choice.
      type: list
      elements: str
"""


def removal_plan(found, keep=()):
    resources = sorted(found["resources"], key=lambda resource: (resource["type"], _name(resource), resource["id"]))
    goes = [resource for resource in resources if resource["type"] not in keep]
    kinds = {*found["ids"], *(resource["type"] for resource in goes)}
    by_kind = {kind: [resource for resource in goes if resource["type"] == kind] for kind in sorted(kinds)}
    return {
        "ids": {kind: [resource["id"] for resource in those] for kind, those in by_kind.items()},
        "resources": by_kind,
        "goes": _table(goes),
        "stays": _table([resource for resource in resources if resource["type"] in keep]),
    }


def _name(resource):
    return resource["tags"].get("Name") or resource["id"]


def _table(resources):
    """Kind, name, and the id where it says more than the name."""
    rows = [(r["type"], _name(r), r["id"] if _name(r) not in r["id"] else "") for r in resources]
    widths = [max((len(row[column]) for row in rows), default=0) for column in (0, 1)]
    return [f"{kind:{widths[0]}}  {name:{widths[1]}}  {ident}".rstrip() for kind, name, ident in rows]


class FilterModule:
    """What a teardown does."""

    def filters(self):
        return {"removal_plan": removal_plan}
