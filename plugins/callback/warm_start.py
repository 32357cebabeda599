# -*- coding: utf-8 -*-
# Copyright: Contributors to threetier.aws
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

DOCUMENTATION = r"""
name: warm_start
author:
  - The threetier.aws authors (!UNKNOWN)
type: aggregate
version_added: 0.2.0
short_description: Has Ansible load once what each task would load for itself
description:
  - Ansible forks for each task, and each fork compiles the filters, tests and connections that its task uses, for
    Python keeps no compiled form of what is in collections. This loads those of threetier.aws and of ansible.builtin
    before the first fork.
  - Then it tells Python's garbage collector to leave alone what is there by then (C(gc.freeze)). Otherwise the
    collector touches all of it in each fork, which has to copy what it touches.
  - Changes no result and says nothing.
requirements:
  - To be enabled, as by C(callbacks_enabled = threetier.aws.warm_start) in C(ansible.cfg).
"""

import contextlib
import gc
import importlib
from typing import Any

from ansible.plugins import loader
from ansible.plugins.callback import CallbackBase

_MODULES = (
    "ansible.module_utils._internal._json._profiles._module_legacy_c2m",
    "ansible.module_utils._internal._json._profiles._module_legacy_m2c",
    "ansible.utils.version",
    "ansible_collections.threetier.aws.plugins.plugin_utils._inner_tasks",
    "ansible_collections.threetier.aws.plugins.plugin_utils._warm_client",
    "ansible_collections.threetier.aws.plugins.plugin_utils._warm_request",
)


class CallbackModule(CallbackBase):
    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "aggregate"
    CALLBACK_NAME = "threetier.aws.warm_start"
    CALLBACK_NEEDS_ENABLED = True

    def v2_playbook_on_start(self, playbook: Any) -> None:
        loader.filter_loader.get("threetier.aws.planned")  # to find one, Ansible loads all that are beside it
        loader.test_loader.get("ansible.builtin.defined")
        loader.connection_loader.get("threetier.aws.warm_local", class_only=True)
        loader.action_loader.get("threetier.aws.parallel", class_only=True)
        for name in ("env", "file", "ini", "vars", "varnames"):
            loader.lookup_loader.get(f"ansible.builtin.{name}", class_only=True)
        for name in _MODULES:
            with contextlib.suppress(ImportError):
                importlib.import_module(name)
        gc.collect()
        gc.freeze()
