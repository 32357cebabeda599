# -*- coding: utf-8 -*-
# Copyright: Contributors to threetier.aws
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations


class ModuleDocFragment:
    # What names a table.
    DOCUMENTATION = r"""
options:
  table_name:
    description: The name of the table.
    type: str
    required: true
"""
