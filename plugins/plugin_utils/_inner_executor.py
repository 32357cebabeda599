# -*- coding: utf-8 -*-
# Copyright: Contributors to threetier.aws
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
"""
Ansible's TaskExecutor for a task inside of another, as ansible-core 2.19 and 2.20 have it, and as 2.21 has it.

Both run a task that loops over one item. What they would tell the controller of it is kept.
"""

from __future__ import annotations

from typing import Any

from ansible.executor import task_result
from ansible.executor.process import worker
from ansible.executor.task_executor import TaskExecutor
from ansible.playbook.task import Task
from ansible.plugins.action import ActionBase

NO_LOOP = "__threetier_inner_task"  # the loop variable of a task without a loop
_TOLD = ("warnings", "deprecations")
# 2.19 and 2.20 take a task as failed, or not, by what failed_when said of those of its results that have one.
ASKS_RESULTS = hasattr(task_result, "_RawTaskResult")


class Kept:
    """What was said of one item: the result, and what is for the controller's callbacks."""

    def __init__(self, action: ActionBase, task: Task, variables: dict[str, Any]) -> None:
        process: Any = worker.current_worker  # Ansible's fork for the task; it has what an action is not given
        self.process = process
        self.task = task
        self.label = task.name
        self.ignored = False
        self.result: dict[str, Any] = {}
        self._sent: list[tuple[Any, ...]] = []
        given = (action._play_context, action._loader, action._shared_loader_obj, self, process._variable_manager)
        run = self._run if ASKS_RESULTS else self._run_unified
        run(given, variables)

    def tell(self) -> None:
        """Send the controller what is for its callbacks."""
        for sent in self._sent:
            self.process._final_q.send_callback(*sent)

    def send_callback(self, method: str, *about: Any) -> None:
        """Called by Ansible, in place of that of the queue to the controller."""
        if ASKS_RESULTS:
            about = (self._raw(_plain(dict(about[0]._return_data)), about[0].task_fields),)
        self._sent.append((method, *about))

    def _run(self, given: tuple[Any, ...], variables: dict[str, Any]) -> None:
        host: Any = self.process._host
        executor: Any = TaskExecutor
        said = executor(host, self.task, variables, *given).run()
        if "results" in said:
            told = {key: said[key] for key in _TOLD if key in said}
            self.result = _plain(said["results"][0] | told)
            self.label = self.result.get("_ansible_item_label", self.label)
        else:  # it failed before it came to the item
            self.result = said | {"_ansible_item_label": self.label}
            self.send_callback("v2_runner_item_on_failed", self._raw(self.result, self.task.dump_attrs()))
        self.ignored = bool(self.task.ignore_errors)

    def _raw(self, said: dict[str, Any], fields: Any) -> Any:
        made: Any = task_result._RawTaskResult
        return made(host=self.process._host, task=self.task, return_data=said, task_fields=fields)

    def _run_unified(self, given: tuple[Any, ...], variables: dict[str, Any]) -> None:
        from ansible._internal import _task

        context: Any = _task.TaskContext
        executor: Any = TaskExecutor
        host: Any = self.process._host
        with context.create(task=self.task, task_vars=variables, host_name=host.name):
            self.task.squash()
            said = executor(host, *given).run()
            if said.loop_results:
                said = said.loop_results[0]
                self.label = said.loop_item_label
            else:
                said.loop_item_label = self.label
                self.send_callback("v2_runner_item_on_failed", host, self.task, said)
            if said.loop_var == NO_LOOP:
                said.loop_var = said.loop_item = None
            told = {key: value for key, value in said.as_result_dict().items() if key not in _TOLD or value}
            self.result = told | ({"_ansible_no_log": True} if said.no_log else {})
            self.ignored = said.ignore_errors


def _plain(said: dict[str, Any]) -> dict[str, Any]:
    """Of a task without a loop, nothing says that it ran as one."""
    if said.pop(NO_LOOP, None) is not None:
        del said["ansible_loop_var"]
    return said
