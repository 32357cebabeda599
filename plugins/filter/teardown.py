# -*- coding: utf-8 -*-
# Copyright: Contributors to threetier.aws
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
"""Filters for the removal of a stack, each documented in its own file beside this one."""

from __future__ import annotations

from ansible_collections.threetier.aws.plugins.plugin_utils import _removal, _resource_kinds


def removal_plan(found, keep=(), settings=None, refused=()):
    return _removal.plan(found, _resource_kinds.read(), {**(settings or {}), "keep": keep}, refused)


class FilterModule:
    def filters(self):
        return {
            "removal_plan": removal_plan,
            "removal_refusals": _removal.refusals,
        }
