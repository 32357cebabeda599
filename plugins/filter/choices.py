# -*- coding: utf-8 -*-
# Copyright: Contributors to threetier.aws
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

from typing import Any
from typing import Callable

from ansible_collections.threetier.aws.plugins.plugin_utils import _choice_problems, _choices


class FilterModule:
    """What is wrong with a deployment's choices. Each filter is documented in the file of its name beside this one."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"choice_problems": _choice_problems.problems, "unknown_names": _choices.unknown}
