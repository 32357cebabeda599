#!/usr/bin/python
# -*- coding: utf-8 -*-
# Copyright: Contributors to threetier.aws
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
"""The documentation of an action plugin, plugins/action/plan_still_holds.py."""

from __future__ import annotations

DOCUMENTATION = r"""
module: plan_still_holds
version_added: 0.2.0
short_description: Refuse to go on where a plan that was signed no longer holds
description:
  - Makes the plan of C(site.yml) anew, by a second run of Ansible with the same arguments and C(--check), and holds it
    against a plan that was kept.
  - Fails with what has moved since, if that is the collection's version, a choice, or what AWS has.
  - For C(playbooks/apply.yml). Changes nothing.
author:
  - The threetier.aws authors (!UNKNOWN)
options:
  plan:
    description: The plan, as C(site.yml) has kept it with C(--check) and C(-e threetier_plan=).
    type: path
    required: true
attributes:
  check_mode:
    description: Changes nothing, in check mode or out of it.
    support: full
  diff_mode:
    description: Never changes anything.
    support: none
"""

EXAMPLES = r"""
- name: Do no more than was signed
  threetier.aws.plan_still_holds:
    plan: plan.json
"""

RETURN = r"""
digest:
  description: The plan's digest.
  type: str
  returned: success
  sample: sha256:4bf5122f344554c53bde2ebb8cd2b7e3d1600ad631c385a5d7cce23c7785459a
"""
