# -*- coding: utf-8 -*-
# Copyright: Contributors to threetier.aws
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the options tags and purge_tags of a module ask for. Pure. Private to this collection."""

from __future__ import annotations

from typing import Any


def wanted(params: dict[str, Any], found: dict[str, str]) -> dict[str, str]:
    """The tags that a resource should have; all it has if the module's options speak of none."""
    if params["tags"] is None:
        return found
    return {**({} if params["purge_tags"] else found), **params["tags"]}
