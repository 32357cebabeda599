# -*- coding: utf-8 -*-
# Copyright: Contributors to threetier.aws
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)

"""ansible.builtin.local, with AWS modules in a fork of a worker that has everything they import loaded."""

from __future__ import annotations

DOCUMENTATION = r"""
name: warm_local
short_description: Run AWS modules in forks of one warm Python
version_added: 0.2.0
author: The threetier.aws authors (!UNKNOWN)
description:
  - Does what P(ansible.builtin.local#connection) does, by the same code, for all but the modules of amazon.aws,
    community.aws and threetier.aws.
  - These run in a fork of a Python that has Ansible's module code, boto3 and the services' models loaded already,
    instead of starting a Python and loading all of that for each task. Nor is an archive of the module's code built.
  - That Python, the worker, starts with the first task that uses this connection, serves all forks of the one
    process of Ansible, and ends with it.
  - Results, diffs, errors, masking of secrets, C(environment) and exit codes are those of the stock way.
  - Asynchronous tasks, tasks that become another user, debugged modules and kept remote files go the stock way.
    So does everything when something inside the installed ansible-core is not as this plugin knows it; one warning
    says so.
options:
  warm:
    description: Whether AWS modules run in the warm worker. Without it, this is P(ansible.builtin.local#connection).
    type: bool
    default: true
    env:
      - name: THREETIER_AWS_WARM
    vars:
      - name: threetier_aws_warm
  warm_idle:
    description: Seconds without a task after which the worker ends. The next task that needs one starts another.
    type: int
    default: 300
    env:
      - name: THREETIER_AWS_WARM_IDLE
    vars:
      - name: threetier_aws_warm_idle
  pipelining:
    description:
      - As for P(ansible.builtin.local#connection), for what goes the stock way.
      - What runs in the worker needs no files, and never makes any.
    type: bool
    default: false
    ini:
      - section: defaults
        key: pipelining
      - section: connection
        key: pipelining
    env:
      - name: ANSIBLE_PIPELINING
    vars:
      - name: ansible_pipelining
  become_success_timeout:
    description: As for P(ansible.builtin.local#connection).
    type: int
    default: 10
    vars:
      - name: ansible_local_become_success_timeout
  become_strip_preamble:
    description: As for P(ansible.builtin.local#connection).
    type: bool
    default: true
    vars:
      - name: ansible_local_become_strip_preamble
notes:
  - The remote user is ignored, the user with which the Ansible CLI was executed is used instead.
  - A module whose task is given up, by O(ignore:timeout) or by an interrupt, is ended at once.
  - Tracebacks name the installed files of a module, not those of an archive.
seealso:
  - plugin: ansible.builtin.local
    plugin_type: connection
"""

import os
import typing as t

from ansible import constants as C
from ansible.plugins.connection.local import Connection as LocalConnection
from ansible.utils.display import Display

if t.TYPE_CHECKING:
    from ansible_collections.threetier.aws.plugins.plugin_utils._warm_request import Request

_COLLECTIONS = ("amazon.aws", "community.aws", "threetier.aws")
display = Display()


class Connection(LocalConnection):
    """The local connection; what _warm_request can express goes to the worker, by way of _warm_client."""

    def __init__(self, *args: t.Any, **kwargs: t.Any) -> None:
        super().__init__(*args, **kwargs)
        self._request: Request | None = None
        self._action = ""
        self._asked = False

    def set_options(self, task_keys: t.Any = None, var_options: t.Any = None, direct: t.Any = None) -> None:
        super().set_options(task_keys=task_keys, var_options=var_options, direct=direct)
        self._action = (task_keys or {}).get("action") or ""

    def is_pipelining_enabled(self, wrap_async: bool = False) -> bool:
        return super().is_pipelining_enabled(wrap_async) or self._may_be_warm(wrap_async)

    def _may_be_warm(self, wrap_async: bool = False) -> bool:
        return (
            self._action.rpartition(".")[0] in _COLLECTIONS
            and self.get_option("warm")
            and not (self.become or wrap_async or C.DEFAULT_KEEP_REMOTE_FILES)
        )

    @property
    def module_implementation_preferences(self) -> t.Iterable[str]:  # type: ignore[override] # an attribute there
        """Asked by the action right before it has a module's payload built: the moment to take that over."""
        if self._may_be_warm():
            # Each task is a new process, and Ansible compiles what collections hold anew: only where it is needed.
            from ansible_collections.threetier.aws.plugins.plugin_utils import _warm_request

            _warm_request.take_next(self, _COLLECTIONS)
            self._asked = True
        return LocalConnection.module_implementation_preferences

    def expect(self, request: Request) -> None:
        """The payload of the next command is this request's."""
        self._request = request

    def exec_command(self, cmd: str, in_data: bytes | None = None, sudoable: bool = True) -> tuple[int, bytes, bytes]:
        request, self._request = self._request, None
        if request is None and (not in_data or self._asked or not self._may_be_warm()):
            return super().exec_command(cmd, in_data=in_data, sudoable=sudoable)

        from ansible_collections.threetier.aws.plugins.plugin_utils import _warm_client, _warm_request

        if request is None or in_data != request.payload:
            _warm_client.warn_stock("this ansible-core prepares modules in a way that is not known here")
            return super().exec_command(cmd, in_data=in_data, sudoable=sudoable)
        try:
            environment = _warm_request.environment_of(cmd, request.interpreter)
            worker = _warm_client.Worker(request, environment, self.get_option("warm_idle"))
            display.vvv(f"WARM {cmd}", host=self._play_context.remote_addr)
            return worker.run(os.fsdecode(self.cwd or os.getcwd()))
        except _warm_client.StockWay as reason:
            display.vvv(f"STOCK {request.module}: {reason}", host=self._play_context.remote_addr)
            if reason.unexpected:
                _warm_client.warn_stock(str(reason))
        return super().exec_command(cmd, in_data=request.stock_payload(), sudoable=sudoable)
