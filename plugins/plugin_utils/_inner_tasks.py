# -*- coding: utf-8 -*-
# Copyright: Contributors to threetier.aws
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
"""
Tasks inside of a task: read, made ready and run as Ansible does with those of a play, by its own Task and TaskExecutor.

Each item of a loop is run by itself, as a loop of this one item. A task without a loop is a loop of its name, so that
Ansible says the same of both: one line for each, by the callbacks that loops have.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from ansible.errors import AnsibleActionFail, AnsibleError, AnsibleUndefinedVariable
from ansible.playbook.block import Block
from ansible.playbook.task import Task
from ansible.plugins.action import ActionBase
from ansible.plugins.loader import action_loader
from ansible_collections.threetier.aws.plugins.plugin_utils import _inner_executor

_KEYWORDS = frozenset(
    ("name", "args", "vars", "when", "loop", "loop_control", "register", "changed_when", "failed_when")
    + ("ignore_errors", "no_log", "check_mode", "diff", "environment", "module_defaults")
)
_LOOP_CONTROL = frozenset(("label", "loop_var"))
# What tasks inside have from the task around them, unless they say otherwise.
_HANDED_DOWN = ("no_log", "check_mode", "diff", "environment", "module_defaults", "delegate_to", "delegate_facts")
_TOLD = ("warnings", "deprecations")
_CONTROLLERS_OWN = ("ansible.builtin.", "ansible.legacy.")


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
        self.register = str(written.get("register", ""))
        known = variables | task.vars
        self.runs = [partial(_inner_executor.Kept, action, one, dict(known)) for one in self._split(task, templar)]

    def _split(self, task: Task, templar: Any) -> list[Task]:
        """The task once for each item."""
        if not self.looped:
            task.loop_control.loop_var = _inner_executor.NO_LOOP
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
