# -*- coding: utf-8 -*-
# Copyright: Contributors to threetier.aws
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
"""Tells the module of the same name which process of Ansible holds the lease: only the controller knows."""

from __future__ import annotations

import multiprocessing
import os
import platform
from typing import Any

from ansible import context
from ansible.plugins.action import ActionBase

from ansible_collections.threetier.aws.plugins.module_utils._lease import process


class ActionModule(ActionBase):
    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        super().run(tmp, task_vars)
        arguments = dict(self._task.args, run=_this_run())
        result: dict[str, Any] = self._execute_module(
            "threetier.aws.stack_lease", module_args=arguments, task_vars=task_vars
        )
        return result


def _this_run() -> dict[str, str | int]:
    parent = multiprocessing.parent_process()  # each task is a fork
    pid = (parent.pid if parent else None) or os.getpid()
    return dict(
        where=platform.node(),
        playbook=", ".join(os.path.basename(name) for name in context.CLIARGS.get("args", ())),
        machine=process.machine(),
        pid=pid,
        started=process.started(pid),
    )
