# -*- coding: utf-8 -*-
# Copyright: Contributors to threetier.aws
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations


class ModuleDocFragment:
    # What a module that changes something does in check and diff mode.
    DOCUMENTATION = r"""
options: {}
attributes:
  check_mode:
    description: Can run in C(check_mode) and return changed status without modifying the target.
    support: full
  diff_mode:
    description: Returns what has changed, or would change in C(check_mode), with all attributes that it can change.
    support: full
"""

    INFO = r"""
options: {}
attributes:
  check_mode:
    description: Only reads.
    support: full
  diff_mode:
    description: Never changes anything.
    support: none
"""
