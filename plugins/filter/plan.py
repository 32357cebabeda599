# -*- coding: utf-8 -*-
# Copyright: Contributors to threetier.aws
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
"""Filters for what check mode foresees and refuses, each documented in its own file beside this one."""

from __future__ import annotations

from typing import Any
from typing import Callable

from ansible_collections.threetier.aws.plugins.module_utils import _desired_and_actual
from ansible_collections.threetier.aws.plugins.module_utils import _replacements
from ansible_collections.threetier.aws.plugins.module_utils._s3 import objects
from ansible_collections.threetier.aws.plugins.plugin_utils._plan import document, markdown, text


class FilterModule:
    def filters(self) -> dict[str, Callable[..., Any]]:
        return {
            "bucket_state": _desired_and_actual.bucket,
            "group_state": _desired_and_actual.group,
            "launch_template_state": _desired_and_actual.launch_template,
            "listener_state": _desired_and_actual.listeners,
            "load_balancer_state": _desired_and_actual.load_balancer,
            "objects_outdated": objects.outdated,
            "page_objects": objects.of_page,
            "plan_document": document.document,
            "plan_markdown": markdown.page,
            "plan_words": text.in_words,
            "planned": _desired_and_actual.known_after_apply,
            "replacement_problems": _replacements.problems,
        }
