# -*- coding: utf-8 -*-
# Copyright: Contributors to threetier.aws
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
"""Calls the module that deletes a resource; plugins/modules/delete_resource.py documents it."""

from __future__ import annotations

import re
import time
from typing import Any

from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase

from ansible_collections.threetier.aws.plugins.plugin_utils import _turns

_COLLECTIONS = ("amazon.aws.", "community.aws.", "threetier.aws.")


class ActionModule(ActionBase):
    def run(self, tmp: Any = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        super().run(tmp, task_vars)
        options = dict(self._task.args)
        module, arguments, retry = options.pop("module", ""), options.pop("arguments", {}), options.pop("retry", "")
        timeout, pause = int(options.pop("timeout", 0)), int(options.pop("pause", 5))
        if not module.startswith(_COLLECTIONS):
            raise AnsibleActionFail(f"module must be one of {', '.join(_COLLECTIONS)} and not {module!r}.")

        # What is left are region, endpoint and credentials, from the play's module_defaults.
        def call() -> dict[str, Any]:
            said = self._execute_module(module_name=module, module_args={**options, **arguments}, task_vars=task_vars)
            return dict(said)

        said = call()
        for left in range(timeout // pause * pause, 0, -pause):
            if not said.get("failed") or not retry or not re.search(retry, _words(said)):
                break
            self._display.display(f"waiting up to {left} s, for it is still in use: {_reason(said)}")
            with _turns.waiting():  # others of the same parallel task go on
                time.sleep(pause)
            said = call()
        if said.get("failed"):
            return {"changed": False, "refused": _reason(said)}
        return {"changed": said.get("changed", False), "refused": ""}


def _words(said: dict[str, Any]) -> str:
    return " ".join(str(said.get(key, "")) for key in ("msg", "error", "exception"))


def _reason(said: dict[str, Any]) -> str:
    reasons = [said.get("msg"), (said.get("error") or {}).get("message")]
    return ": ".join(str(reason) for reason in reasons if reason) or "The module failed without a word."
