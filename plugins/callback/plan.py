# -*- coding: utf-8 -*-
# Copyright: Contributors to threetier.aws
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

DOCUMENTATION = r"""
name: plan
author:
  - The threetier.aws authors (!UNKNOWN)
type: aggregate
version_added: 0.2.0
short_description: Ends a run in check mode with what would change
description:
  - Collects what AWS modules say in check mode, and prints each resource that would be created, changed or deleted, by
    region and role, with its attributes, each with its value before and after; then how many there are of each.
  - A rule of a security group and a statement of a policy are a line of their own, which comes (+) or goes (-).
  - What it collected can be read by later tasks with P(threetier.aws.plan#lookup).
  - Says nothing outside of check mode.
requirements:
  - To be enabled, as by C(callbacks_enabled = threetier.aws.plan) in C(ansible.cfg).
"""

import os
from typing import Any

from ansible import constants as C
from ansible import context
from ansible.plugins.callback import CallbackBase

from ansible_collections.threetier.aws.plugins.plugin_utils._plan import record, text

_COLORS = {"+": C.COLOR_DIFF_ADD, "-": C.COLOR_DIFF_REMOVE, "~": C.COLOR_CHANGED}


class CallbackModule(CallbackBase):
    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "aggregate"
    CALLBACK_NAME = "threetier.aws.plan"
    CALLBACK_NEEDS_ENABLED = True

    def v2_playbook_on_start(self, playbook: Any) -> None:
        if context.CLIARGS.get("check"):
            record.begin()
            # What a module was given has to be in its result, where ansible-core 2.21 puts it only if it is told to.
            os.environ["ANSIBLE_INJECT_INVOCATION"] = "true"

    def v2_runner_on_ok(self, result: Any) -> None:
        if "results" not in result.result or not result.task.loop:
            self._note(result)

    def v2_runner_item_on_ok(self, result: Any) -> None:
        self._note(result)

    def v2_playbook_on_stats(self, stats: Any) -> None:
        resources = record.all_resources() if record.listens() else []
        for line in text.lines(resources, record.summary(resources)) if resources else []:
            self._display.display(line, color=_COLORS.get(line.strip()[:1]))

    def _note(self, result: Any) -> None:
        task = result.task
        if record.listens():
            tier = task._role.get_name().rpartition(".")[2] if task._role else ""
            action = task.resolved_action or task.action
            record.note(action, task.name, list(task.args), result.result, result.host.get_name(), tier)
