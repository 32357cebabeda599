# -*- coding: utf-8 -*-
# Copyright: Contributors to threetier.aws
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
"""Filters for images, launch template versions and rollouts, each documented in its own file beside this one."""

from __future__ import annotations

from typing import Any
from typing import Callable

from ansible_collections.threetier.aws.plugins.module_utils import _releases


class FilterModule:
    def filters(self) -> dict[str, Callable[..., Any]]:
        return {
            "group_outdated": _releases.group_outdated,
            "images_in_use": _releases.images_in_use,
            "newest_image": _releases.newest,
            "refresh_progress": _releases.progress,
            "release_list": _releases.listed,
            "rollout_under_way": _releases.under_way,
        }
