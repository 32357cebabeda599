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
  - How each kind of resource is deleted stands in C(roles/<role>/resources/<kind>.yml).
positional: _input
options:
  _input:
    description: What M(threetier.aws.resourcegroupstaggingapi_resource_info) returned.
    type: dict
    required: true
  keep:
    description: Words for what stays, such as V(buckets).
    type: list
    elements: str
    default: []
  settings:
    description: What the templates in the kinds' files may use beside the resource, such as C(timeout).
    type: dict
    default: {}
"""

EXAMPLES = r"""
- name: Show what would go
  ansible.builtin.debug:
    msg: "{{ (found | threetier.aws.removal_plan(keep=['buckets']))['goes'] }}"
"""

RETURN = r"""
_value:
  description: What is to do, and how to say it.
  type: dict
  contains:
    waves:
      description: What is deleted in one go, in order. After each wave what is slow to go is waited for.
      type: list
      elements: dict
      contains:
        types:
          description: The types in this wave of which something is there.
          type: list
          elements: str
        slow:
          description: Those that have to be waited for.
          type: list
          elements: str
        calls:
          description: The options of M(threetier.aws.delete_resource), with the resource's C(type) and C(name).
          type: list
          elements: dict
    goes:
      description: A line for each resource that goes, its kind and its name.
      type: list
      elements: str
    stays:
      description: The same for what stays by choice.
      type: list
      elements: str
"""

from ansible_collections.threetier.aws.plugins.plugin_utils import _removal, _resource_kinds


def removal_plan(found, keep=(), settings=None):
    kinds = _resource_kinds.read()
    kept = {kind["type"] for kind in kinds if kind.get("keep") in keep}
    resources = sorted(
        found["resources"], key=lambda resource: (resource["type"], _removal.name_of(resource), resource["id"])
    )
    goes = [resource for resource in resources if resource["type"] not in kept]
    waves = [_wave(wave, goes, {**(settings or {}), "keep": keep}) for wave in _removal.waves(kinds)]
    return {
        "waves": [wave for wave in waves if wave["types"]],
        "goes": _table(goes),
        "stays": _table([resource for resource in resources if resource["type"] in kept]),
    }


def _wave(kinds, resources, settings):
    there = {kind["type"]: [found for found in resources if found["type"] == kind["type"]] for kind in kinds}
    kinds = [kind for kind in kinds if there[kind["type"]]]
    return {
        "types": [kind["type"] for kind in kinds],
        "slow": [kind["type"] for kind in kinds if kind.get("slow")],
        "calls": [call for kind in kinds for call in _removal.calls(kind, there[kind["type"]], settings)],
    }


def _table(resources):
    """Kind, name, and the id where it says more than the name."""
    rows = [(r["type"], _removal.name_of(r), r["id"] if _removal.name_of(r) not in r["id"] else "") for r in resources]
    widths = [max((len(row[column]) for row in rows), default=0) for column in (0, 1)]
    return [f"{kind:{widths[0]}}  {name:{widths[1]}}  {ident}".rstrip() for kind, name, ident in rows]


class FilterModule:
    """What a teardown does."""

    def filters(self):
        return {"removal_plan": removal_plan}
