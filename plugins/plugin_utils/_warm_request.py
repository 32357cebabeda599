# -*- coding: utf-8 -*-
# Copyright: Contributors to threetier.aws
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)

"""Where a module's run is taken over from Ansible: the one place that touches ansible-core's internals.

An action builds the payload of a module by C(modify_module) and hands it to the connection as the input of a command.
For modules that the warm worker runs, a request of a few kilobytes takes the place of that payload, which is built
only if the worker fails.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import typing as t
from collections.abc import Callable
from dataclasses import dataclass

import ansible.module_utils
from ansible import constants as C
from ansible.plugins import action as action_base
from ansible.plugins.loader import module_utils_loader
from ansible.utils.collection_loader import AnsibleCollectionConfig
from ansible_collections.threetier.aws.plugins.plugin_utils._warm_client import StockWay, warn_stock

_PATH = re.compile(r"^(?P<root>.*/ansible_collections/(?P<collection>\w+/\w+))/plugins/modules/(?P<name>\w+)\.py$")
_ASSIGNMENT = re.compile(r"^[A-Za-z_]\w*=")


@dataclass(frozen=True)
class Request:
    """What the worker needs to run a module."""

    module: str  # its full name in Python
    interpreter: str
    parameters: str  # JSON, as Ansible's own payload holds it
    profile: str
    collections: dict[str, str]
    stock_payload: Callable[[], bytes]
    # Reaches a Python only if Ansible runs it by another connection than the one it was built for.
    payload: bytes = b"raise SystemExit('a request to the warm worker of threetier.aws.warm_local, run as a program')\n"


def take_next(connection: t.Any, collections: tuple[str, ...]) -> None:
    """Have the next payload that Ansible builds built here, if it is a module of theirs; that one only."""
    original = action_base.modify_module
    if isinstance(original, _Build):
        original = original.original
    action_base.modify_module = _Build(original, connection, collections)


class _Build:
    """Stands for modify_module, once."""

    def __init__(self, original: Callable[..., t.Any], connection: t.Any, collections: tuple[str, ...]) -> None:
        self.original = original
        self._collections = collections
        self._connection = connection

    def __call__(self, *args: t.Any, **kwargs: t.Any) -> t.Any:
        action_base.modify_module = self.original
        try:
            request, built = _build(self.original, self._collections, *args, **kwargs)
        except StockWay:
            return self.original(*args, **kwargs)
        except Exception as error:
            built = self.original(*args, **kwargs)  # fails alike if the fault is the task's
            warn_stock(f"{type(error).__name__}: {error}")
            return built
        self._connection.expect(request)
        return built


def _build(original: Callable[..., t.Any], names: tuple[str, ...], **arguments: t.Any) -> tuple[Request, t.Any]:
    from ansible._internal._ansiballz._builder import ExtensionManager
    from ansible.executor import module_common as core
    from ansible.module_utils.common.json import Direction, get_module_encoder

    variables = arguments["task_vars"]
    collections = _places(names)
    where = _PATH.match(arguments["module_path"])
    if not where or collections.get(where["collection"].replace("/", ".")) != where["root"]:
        raise StockWay("not a module of these collections")
    if arguments["async_timeout"] or arguments["become_plugin"] or _has_module_utils():
        raise StockWay("asynchronous, another user's, or with other module_utils")
    if ExtensionManager.create(task_vars=variables).extension_names or any(
        C.config.get_config_value(name, variables=variables)
        for name in ("PYTHON_MODULE_RLIMIT_NOFILE", "_MODULE_METADATA")
    ):
        raise StockWay("a debugger, coverage, limits or metadata are asked for")
    with open(arguments["module_path"], "rb") as source:
        shebang, options = core._extract_interpreter(source.read())
    try:
        shebang, interpreter = core._get_shebang(
            shebang or "/usr/bin/python",
            variables,
            arguments["templar"],
            options or (),
            remote_is_local=arguments["remote_is_local"],
        )
    except core.InterpreterDiscoveryRequiredError as error:
        raise StockWay("the interpreter is not known yet") from error
    profile = core._DEFAULT_LEGACY_METADATA.serialization_profile
    encoder = get_module_encoder(profile, Direction.CONTROLLER_TO_MODULE)
    request = Request(
        module=f"ansible_collections.{where['collection'].replace('/', '.')}.plugins.modules.{where['name']}",
        interpreter=interpreter,
        parameters=json.dumps({"ANSIBLE_MODULE_ARGS": arguments["module_args"]}, cls=encoder),
        profile=profile,
        collections=collections,
        stock_payload=lambda: original(**arguments).b_module_data,
    )
    built = core._BuiltModule(
        b_module_data=request.payload, module_style="new", shebang=shebang, serialization_profile=profile
    )
    return request, built


def _places(names: tuple[str, ...]) -> dict[str, str]:
    """Where the collections are: the first place that has one wins, as for Ansible."""
    found: dict[str, str] = {}
    for name in names:
        below = os.path.join("ansible_collections", *name.split("."))
        places = [os.path.join(path, below) for path in AnsibleCollectionConfig.collection_paths]
        found.update((name, place) for place in reversed(places) if os.path.isdir(place))
    return found


def _has_module_utils() -> bool:
    """Whether somebody put module_utils beside Ansible's, which may replace them."""
    own = os.path.dirname(ansible.module_utils.__file__)
    places = [place for place in module_utils_loader._get_paths(subdirs=False) if os.path.realpath(place) != own]
    return any(name.endswith(".py") for place in places if os.path.isdir(place) for name in os.listdir(place))


def environment_of(command: str, interpreter: str) -> dict[str, str]:
    """The task's environment, from the command that would start the interpreter with it; StockWay if it does more."""
    try:
        shell, option, script = shlex.split(command)
        *assignments, program = shlex.split(script.removesuffix(" && sleep 0"))
    except ValueError as error:
        raise StockWay("not a command of the usual shape") from error
    plain = os.path.basename(shell) in ("sh", "dash") or (shell.endswith("/bash") and "BASH_ENV" not in os.environ)
    if not plain or option != "-c" or program != interpreter or not all(map(_ASSIGNMENT.match, assignments)):
        raise StockWay("not a command of the usual shape")
    return os.environ | dict(text.split("=", 1) for text in assignments)
