# -*- coding: utf-8 -*-
# Copyright: Contributors to threetier.aws
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
"""Makes the plan of site.yml anew, as this very run was called, and holds it against the one that was signed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from ansible import context
from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase

from ansible_collections.threetier.aws.plugins.plugin_utils._plan import document

_ASKS = ("ask_pass", "become_ask_pass", "ask_vault_pass")
_TAIL = 40  # lines of a plan that failed


class ActionModule(ActionBase):
    _VALID_ARGS = frozenset(("plan",))
    _supports_check_mode = True

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        result: dict[str, Any] = super().run(tmp, task_vars)
        if any(context.CLIARGS.get(option) for option in _ASKS):
            raise AnsibleActionFail(
                "The plan is made anew by a second run, which cannot ask for a password. Name a file that holds it."
            )
        signed = _read(str(self._task.args.get("plan", "")))
        moved = document.unfit(signed) or document.moved(signed, _plan_again())
        if moved:
            raise AnsibleActionFail(
                " ".join(["The plan no longer holds.", *moved, "Make it anew, and look at it again."])
            )
        return {**result, "changed": False, "digest": signed["digest"]}


def _read(path: str) -> dict[str, Any]:
    try:
        plan = json.loads(Path(path).expanduser().read_text())
        if {"digest", "status", "collection", "choices", "resources"} <= set(plan):
            return dict(plan)
    except (OSError, ValueError) as error:
        raise AnsibleActionFail(f"The plan {path} cannot be read: {error}") from error
    raise AnsibleActionFail(
        f"{path} is no plan. A run of site.yml with --check and -e threetier_plan=<file>.json makes one."
    )


def _plan_again() -> dict[str, Any]:
    with tempfile.TemporaryDirectory(prefix="threetier-plan-") as place:
        kept = os.path.join(place, "plan.json")
        done = subprocess.run(
            [
                *_this_command(),
                "--check",
                "-e",
                json.dumps({"threetier_plan": kept, "threetier_plan_exit_code": False}),
            ],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        if done.returncode:
            said = "\n".join(done.stdout.splitlines()[-_TAIL:])
            raise AnsibleActionFail(f"The plan could not be made anew; the run ended with {done.returncode}:\n{said}")
        return _read(kept)


def _this_command() -> list[str]:
    """How Ansible was called, with site.yml in place of this playbook."""
    (playbook,) = context.CLIARGS["args"]
    site = "threetier.aws.site" if playbook == "threetier.aws.apply" else str(Path(playbook).with_name("site.yml"))
    return [sys.executable, *(site if word == playbook else word for word in sys.argv)]
