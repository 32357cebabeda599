# -*- coding: utf-8 -*-
# Copyright: Contributors to threetier.aws
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
"""
Tasks inside of a task: read, made ready and run as Ansible does with those of a play, by its own Task and TaskExecutor.

Each item of a loop is run by itself, as a loop of this one item. A task without a loop is a loop of its name, so that
Ansible says the same of both: one line for each, by the callbacks that loops have.
"""

from __future__ import annotations

from typing import Any, cast

from ansible.errors import AnsibleActionFail, AnsibleError, AnsibleUndefinedVariable
from ansible.executor.process import worker
from ansible.executor.task_executor import TaskExecutor
from ansible.executor.task_result import _RawTaskResult
from ansible.playbook.block import Block
from ansible.playbook.task import Task
from ansible.plugins.action import ActionBase
from ansible.plugins.loader import action_loader

_KEYWORDS = frozenset(
    ("name", "args", "vars", "when", "loop", "loop_control", "register", "changed_when", "failed_when")
    + ("ignore_errors", "no_log", "check_mode", "diff", "environment", "module_defaults")
)
_LOOP_CONTROL = frozenset(("label", "loop_var"))
# What tasks inside have from the task around them, unless they say otherwise.
_HANDED_DOWN = ("no_log", "check_mode", "diff", "environment", "module_defaults", "delegate_to", "delegate_facts")
_NO_LOOP = "__threetier_inner_task"  # the loop variable of a task without a loop
_TOLD = ("warnings", "deprecations")
_CONTROLLERS_OWN = ("ansible.builtin.", "ansible.legacy.")


class Run:
    """One task, or one item of its loop."""

    def __init__(self, action: ActionBase, task: Task, variables: dict[str, Any]) -> None:
        self._action = action
        self._task = task
        self._variables = variables
        self._sent: list[tuple[str, _RawTaskResult]] = []

    def __call__(self) -> dict[str, Any]:
        """What Ansible says of it."""
        process = _process()
        said: dict[str, Any] = TaskExecutor(
            process._host,
            self._task,
            self._variables,
            self._action._play_context,
            self._action._loader,
            self._action._shared_loader_obj,
            cast(Any, self),  # in place of the queue to the controller
            process._variable_manager,
        ).run()
        if "results" in said and self._task.loop:
            return self._plain(said["results"][0] | {key: said[key] for key in _TOLD if key in said})
        said["_ansible_item_label"] = self._task.name
        failed = _RawTaskResult(process._host, self._task, dict(said), self._task.dump_attrs())
        self.send_callback("v2_runner_item_on_failed", failed)
        return said

    def send_callback(self, method: str, result: _RawTaskResult) -> None:
        """Called by Ansible. What it says of an item is kept until those before it are done."""
        said = self._plain(dict(result._return_data))
        self._sent.append((method, _RawTaskResult(result.host, result.task, said, result.task_fields)))

    def tell(self) -> None:
        """Send the controller what is for its callbacks."""
        for method, result in self._sent:
            _process()._final_q.send_callback(method, result)

    @property
    def ignored(self) -> bool:
        """Whether a failure of it is none of the task around it."""
        return bool(self._task.ignore_errors)

    def failure(self, said: dict[str, Any]) -> str:
        """The sentence that says which one failed, and why."""
        if said.get("_ansible_no_log"):
            return f"{self._task.name}: hidden by no_log."
        return f"{said.get('_ansible_item_label', self._task.name)}: {said.get('msg', 'it says no more')}"

    @staticmethod
    def _plain(said: dict[str, Any]) -> dict[str, Any]:
        if said.pop(_NO_LOOP, None) is not None:
            del said["ansible_loop_var"]
        return said


class Inner:
    """A task inside, and its runs."""

    def __init__(self, action: ActionBase, block: Block, written: Any, number: int, variables: dict[str, Any]) -> None:
        where = f"tasks[{number}]"
        _check(written, where)
        self.looped = "loop" in written
        try:
            task = Task.load(written, block=block, role=action._task._role, loader=action._loader)
        except AnsibleError as error:
            raise AnsibleActionFail(f"{where}: {error}", obj=written) from error
        _check_action(task, where, written)
        templar = action._templar.copy_with_new_env(available_variables=variables | task.vars)
        task.name = str(templar.template(task.name)) if task.name else task.action
        task._uuid = action._task._uuid  # by which the controller knows what a callback is about
        task.timeout = 0  # that of the task around it holds for all
        self.register: str = task.register or ""
        self.runs = [Run(action, one, variables | task.vars) for one in self._split(task, templar)]

    def _split(self, task: Task, templar: Any) -> list[Task]:
        """The task once for each item."""
        if not self.looped:
            task.loop_control.loop_var = _NO_LOOP
            return [_of_item(task, task.name)]
        try:
            items = templar.template(task.loop)
        except AnsibleUndefinedVariable:
            return [task]  # which says so, unless its condition does not hold
        return [_of_item(task, item) for item in items] if isinstance(items, list) else [task]


def load(action: ActionBase, written: Any, variables: dict[str, Any]) -> list[Inner]:
    """
    The tasks inside of an action's task. AnsibleActionFail, which names the task, if one of them cannot be.

    :param written: as it stands in the playbook, its templates not filled in.
    :param variables: of the task.
    """
    if not isinstance(written, list):
        raise AnsibleActionFail("tasks is no list. Write the tasks out: they are checked before the first is run.")
    task = action._task
    block = Block(play=task.get_play(), role=task._role)
    for name in _HANDED_DOWN:
        setattr(block, name, getattr(task, name))
    block.ignore_errors = False  # of the task around them is for its own result
    return [Inner(action, block, one, number, variables) for number, one in enumerate(written)]


def together(results: list[dict[str, Any]]) -> dict[str, Any]:
    """One result of many, as Ansible makes it of a loop's."""
    if not results:
        return {"changed": False, "skipped": True, "skipped_reason": "No items in the list", "results": []}
    said: dict[str, Any] = {
        "results": [{key: value for key, value in one.items() if key not in _TOLD} for one in results],
        "changed": any(one.get("changed") for one in results),
        "skipped": all(one.get("skipped") for one in results),
    }
    if any(one.get("_ansible_no_log") for one in results):
        said["_ansible_no_log"] = True
    if failed := any(one.get("failed") for one in results):
        said["failed"] = True
    said["msg"] = (
        f"All items {'skipped' if said['skipped'] else 'completed'}" if not failed else "One or more items failed"
    )
    for told in _TOLD:
        if found := [one for result in results for one in result.get(told, [])]:
            said[told] = found
    return said


def _process() -> Any:
    """Ansible's fork for the task, this process. It has what an action is not given."""
    return worker.current_worker


def _of_item(task: Task, item: Any) -> Task:
    one = task.copy(exclude_parent=True)
    one._parent = task._parent
    one.loop = [item]
    return one


def _check(written: Any, where: str) -> None:
    if not isinstance(written, dict):
        raise AnsibleActionFail(f"{where} is no task but {written!r}.")
    words = [str(word) for word in written if "." not in str(word) and word not in _KEYWORDS]
    words += [f"loop_control.{word}" for word in written.get("loop_control") or () if word not in _LOOP_CONTROL]
    if words:
        raise AnsibleActionFail(
            f"{where} has {', '.join(words)}. A task in parallel takes a module by its full name, "
            f"{', '.join(sorted(_KEYWORDS))}, and of loop_control {' and '.join(sorted(_LOOP_CONTROL))}.",
            obj=written,
        )


def _check_action(task: Task, where: str, written: Any) -> None:
    """What acts on the controller's own state, as set_fact does, acts when its task ends, so not inside of another."""
    name = task.resolved_action or task.action
    if name.startswith(_CONTROLLERS_OWN) and action_loader.has_plugin(name) or name == "threetier.aws.parallel":
        raise AnsibleActionFail(f"{where} is {name}, which cannot run in parallel. Take modules.", obj=written)
