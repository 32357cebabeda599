# -*- coding: utf-8 -*-
# Copyright: Contributors to threetier.aws
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
"""Runs tasks that do not depend on each other at the same time; plugins/modules/parallel.py documents it."""

from __future__ import annotations

from typing import Any

from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase

from ansible_collections.threetier.aws.plugins.plugin_utils import _inner_executor, _inner_tasks, _turns

_SPEC = {
    "tasks": {"type": "list", "elements": "dict", "required": True},
    "throttle": {"type": "int", "default": 10},
}


class ActionModule(ActionBase):
    @classmethod
    def finalize_task_arg(cls, name: str, value: Any, templar: Any, context: Any) -> Any:
        """Templates of the tasks are filled in when these are run: each has variables of its own."""
        return value if name == "tasks" else super().finalize_task_arg(name, value, templar, context)

    def run(self, tmp: Any = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        super().run(tmp, task_vars)
        if self._connection.become:
            raise AnsibleActionFail("threetier.aws.parallel does not support become.")
        if isinstance(self._task.args.get("tasks"), str):
            raise AnsibleActionFail("tasks is a template. Write the tasks out: they are checked before the first runs.")
        _valid, options = self.validate_argument_spec(_SPEC)
        if options["throttle"] < 1:
            raise AnsibleActionFail(
                f"throttle is {options['throttle']}. Take how many tasks may run at a time, from 1 on."
            )
        inners = _inner_tasks.load(self, self._task.args["tasks"], task_vars or {})
        runs = [run for inner in inners for run in inner.runs]
        kept = []
        for one in _turns.run(runs, options["throttle"]):
            one.tell()
            kept.append(one)
        return _said(kept) | {"registered": _registered(inners, [one.result for one in kept])}


def _said(kept: list[_inner_executor.Kept]) -> dict[str, Any]:
    """The task's own result: it fails if one fails whose errors are not ignored, and says of each why."""
    said = _inner_tasks.together([one.result for one in kept])
    failed = [one for one in kept if one.result.get("failed") and not one.ignored]
    if failed:
        said["msg"] = "\n".join([f"{len(failed)} of {len(kept)} failed.", *map(_failure, failed)])
    else:
        said.pop("failed", None)
    if _inner_executor.ASKS_RESULTS and any("failed_when_result" in one.result for one in kept):
        said["failed_when_result"] = bool(failed)
    return said


def _failure(kept: _inner_executor.Kept) -> str:
    """The sentence that says which one failed, and why."""
    if kept.result.get("_ansible_no_log"):
        return f"{kept.task.name}: hidden by no_log."
    return f"{kept.label}: {kept.result.get('msg', 'it says no more')}"


def _registered(inners: list[_inner_tasks.Inner], results: list[dict[str, Any]]) -> dict[str, Any]:
    """By the word that a task inside registers, what it would have registered as a task of the play."""
    found = {}
    left = iter(results)
    for inner in inners:
        own = [next(left) for _run in inner.runs]
        if inner.register and inner.looped:
            found[inner.register] = _inner_tasks.together(own)
        elif inner.register:
            found[inner.register] = {key: value for key, value in own[0].items() if key != "invocation"}
    return found
