# -*- coding: utf-8 -*-
# Copyright: Contributors to threetier.aws
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

from ansible_collections.threetier.aws.plugins.module_utils import _releases

DOCUMENTATION = r"""
name: refresh_progress
author:
  - The threetier.aws authors (!UNKNOWN)
version_added: 0.2.0
short_description: Says how an instance refresh is getting on
description:
  - Puts a look at an instance refresh into words, and says whether to look again.
positional: _input
options:
  _input:
    description: What M(amazon.aws.autoscaling_instance_refresh_info) returned; its first refresh counts.
    type: list
    elements: dict
    required: true
  patience:
    description: Seconds in which the first new instance has to be healthy.
    type: int
    required: true
  timeout:
    description: Seconds in which all have to be.
    type: int
    required: true
"""

EXAMPLES = r"""
- name: Show it
  ansible.builtin.debug:
    msg: "{{ (found['instance_refreshes'] | threetier.aws.refresh_progress(300, 1800))['text'] }}"
"""

RETURN = r"""
_value:
  description: The keys C(status), C(text), C(over), and C(stuck) if it is time to roll back.
  type: dict
"""


def refresh_progress(refreshes, patience, timeout):
    return _releases.progress(refreshes, patience, timeout)


class FilterModule:
    """Progress of a rollout."""

    def filters(self):
        return {"refresh_progress": refresh_progress}
