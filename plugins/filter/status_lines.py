# -*- coding: utf-8 -*-
# Copyright: Contributors to threetier.aws
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

from ansible_collections.threetier.aws.plugins.module_utils import _status

DOCUMENTATION = r"""
name: status_lines
author:
  - The threetier.aws authors (!UNKNOWN)
version_added: 0.2.0
short_description: Lays the status page out for a terminal
description:
  - Tables with columns of equal width.
positional: _input
options:
  _input:
    description: What P(threetier.aws.status_page#filter) returned.
    type: dict
    required: true
"""

EXAMPLES = r"""
- name: Show the page
  ansible.builtin.debug:
    msg: "{{ page | threetier.aws.status_lines }}"
"""

RETURN = r"""
_value:
  description: The page, line by line.
  type: list
  elements: str
"""

from typing import Any
from typing import Callable


class FilterModule:
    """A status page for a terminal."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"status_lines": _status.lines}
