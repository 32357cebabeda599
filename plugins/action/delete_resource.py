# -*- coding: utf-8 -*-
# Copyright: Contributors to threetier.aws
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
"""Calls the module that deletes a resource; plugins/modules/delete_resource.py documents it."""

from __future__ import annotations

import re
from typing import Any

from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase

_COLLECTIONS = ("amazon.aws.", "community.aws.", "threetier.aws.")


class ActionModule(ActionBase):
    def run(self, tmp: Any = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        super().run(tmp, task_vars)
        options = dict(self._task.args)
        module, arguments, retry = options.pop("module", ""), options.pop("arguments", {}), options.pop("retry", "")
        if not module.startswith(_COLLECTIONS):
            raise AnsibleActionFail(f"module must be one of {', '.join(_COLLECTIONS)} and not {module!r}.")
        # What is left are region, endpoint and credentials, from the play's module_defaults.
        said = self._execute_module(module_name=module, module_args={**options, **arguments}, task_vars=task_vars)
        if not said.get("failed"):
            return {"changed": said.get("changed", False), "refused": "", "again": False}
        words = " ".join(str(said.get(key, "")) for key in ("msg", "error", "exception"))
        reasons = [said.get("msg"), (said.get("error") or {}).get("message")]
        return {
            "changed": False,
            "refused": ": ".join(str(reason) for reason in reasons if reason) or "The module failed without a word.",
            "again": bool(retry and re.search(retry, words)),
        }
