# -*- coding: utf-8 -*-
# Copyright: Contributors to threetier.aws
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)

"""The warm worker: a program that has loaded what AWS modules import, and forks to run one.

Started by _warm_client with the number of a listening socket as its argument and its settings on stdin. One thread,
so that forks are safe. It ends with the controller, or after a while without work.
"""

from __future__ import annotations

import atexit
import contextlib
import gc
import importlib
import importlib.machinery
import importlib.util
import json
import mmap
import os
import re
import selectors
import signal
import socket
import struct
import sys
import tempfile
import threading
import time
import traceback
import types
from collections.abc import Iterator
from typing import Any

# Of the roles, in the order of site.yml. Loaded while nobody waits; others are when a module names them.
_SERVICES = (
    *("sts", "ec2", "rds", "s3", "iam", "logs", "secretsmanager", "sns", "dynamodb", "sqs", "lambda", "cloudwatch"),
    *("elbv2", "autoscaling", "application-autoscaling"),
)
_CLIENT = re.compile(rb"""\bclient\(\s*["']([a-z0-9-]+)["']""")


class Packages:
    """Finds what a payload would hold, and nothing else of the controller's: ansible and the collections."""

    def __init__(self, ansible: dict[str, str], collections: dict[str, str]) -> None:
        self._places: dict[str, list[str]] = {"ansible_collections": []}
        for name, place in collections.items():
            namespace = f"ansible_collections.{name.split('.')[0]}"
            self._places.update({namespace: [], f"ansible_collections.{name}": [place]})
        package: Any = types.ModuleType("ansible")
        package.__path__, package.__file__ = [ansible["path"]], os.path.join(ansible["path"], "__init__.py")
        package.__version__, package.__author__ = ansible["version"], ansible["author"]
        sys.modules["ansible"] = package

    def find_spec(self, name: str, path: object = None, target: object = None) -> importlib.machinery.ModuleSpec | None:
        if name not in self._places:
            return None
        spec = importlib.machinery.ModuleSpec(name, None, is_package=True)
        spec.submodule_search_locations = self._places[name]
        return spec


class Models:
    """What botocore reads and works out to make clients, done once.

    A service that a fork had to load itself is loaded here afterwards, for those to come.
    """

    def __init__(self) -> None:
        import boto3
        from botocore import client, hooks, loaders, session

        # No fork sees these: each is given its task's environment.
        for name in [name for name in os.environ if name.startswith("AWS_") and name != "AWS_DATA_PATH"]:
            del os.environ[name]
        self._botocore = session.get_session()
        self._boto3 = boto3.session.Session(botocore_session=self._botocore)
        self._read = loaders.JSONFileLoader().load_file
        self._list = loaders.Loader.list_available_services
        self._make = client.ClientCreator._create_methods
        self._files: dict[str, object] = {}
        self._services: dict[tuple[str, ...], list[str]] = {}
        self._methods: dict[tuple[str, str], dict[str, object]] = {}
        self._loaded: set[str] = set()
        self.new: list[str] = []  # services

        def load_file(_loader: object, path: str) -> object:
            return self.load(path)

        def list_available_services(loader: Any, type_name: str) -> list[str]:
            return self._listed(loader, type_name)

        def create_methods(creator: Any, model: Any) -> dict[str, object]:
            return self._made(creator, model)

        self._known_kwargs: dict[object, bool] = {}
        self._asks_kwargs = hooks.accepts_kwargs
        make_aliaser = hooks.EventAliaser.__init__
        renamed: dict[str, str] = {}

        def start(aliaser: Any, emitter: Any, aliases: dict[str, str] | None = None) -> None:
            make_aliaser(aliaser, emitter, aliases)
            if aliaser._event_aliases == hooks.EVENT_ALIASES:
                aliaser._alias_name_cache = renamed  # botocore's own, but one for all sessions

        hooks.EventAliaser.__init__ = start
        hooks.accepts_kwargs = self._accepts_kwargs
        loaders.JSONFileLoader.load_file = load_file
        loaders.Loader.list_available_services = list_available_services
        client.ClientCreator._create_methods = create_methods

    def load(self, path: str) -> object:
        """A data file's content, megabytes of it for some services."""
        if path not in self._files:
            self._files[path] = self._read(path)
        return self._files[path]

    def _listed(self, loader: Any, type_name: str) -> list[str]:
        """Which services have such a file: botocore looks into some 400 directories to know."""
        key = (type_name, *loader.search_paths)
        if key not in self._services:
            self._services[key] = self._list(loader, type_name)
        return list(self._services[key])

    def _made(self, creator: Any, model: Any) -> dict[str, object]:
        """The methods of a service's client, up to 750 functions, which know nothing of the client that has them."""
        key = (model.service_name, model.api_version)
        if key not in self._methods:
            self._methods[key] = self._make(creator, model)
            self.new.append(model.service_name)
        return dict(self._methods[key])

    def _accepts_kwargs(self, function: Any) -> bool:
        """Of a handler, which botocore asks of some 130 for each session."""
        key = getattr(function, "__func__", function)
        if not isinstance(key, types.FunctionType):
            return bool(self._asks_kwargs(function))
        if key not in self._known_kwargs:
            self._known_kwargs[key] = self._asks_kwargs(key)
        return self._known_kwargs[key]

    def load_service(self, name: str) -> None:
        """Make a client, and read what it would read later. What there is not, the module will miss if it matters."""
        if name in self._loaded:
            return
        self._loaded.add(name)
        with contextlib.suppress(Exception):
            self._boto3.client(name, "us-east-1", aws_access_key_id="none", aws_secret_access_key="none")
        for model in (self._botocore.get_paginator_model, self._botocore.get_waiter_model):
            with contextlib.suppress(Exception):
                model(name)


class Child:
    """A module that runs."""

    def __init__(self, pid: int, link: socket.socket, loaded: mmap.mmap) -> None:
        self.pid = pid
        self.link = link
        self.loaded = loaded

    def end(self) -> None:
        """Whoever asked for it is gone."""
        for kill in (os.killpg, os.kill):
            with contextlib.suppress(ProcessLookupError):
                kill(self.pid, signal.SIGTERM)


class Worker:
    def __init__(self, listener: socket.socket, settings: dict[str, Any]) -> None:
        self._listener = listener
        self._controller = settings["controller"]
        self._idle = settings["idle"]
        self._library = os.path.dirname(settings["ansible"]["path"])
        self._selector = selectors.DefaultSelector()
        self._children: dict[int, Child] = {}
        self._modules: set[str] = set()
        sys.path[:] = [place for place in sys.path if place not in ("", ".", os.path.dirname(__file__))]
        sys.meta_path.insert(0, Packages(settings["ansible"], settings["collections"]))
        self._run_module = importlib.import_module("ansible.module_utils._internal._ansiballz._loader").run_module
        warnings = importlib.import_module("ansible.module_utils.common.warnings")
        self._warnings = (warnings._global_warnings, warnings._global_deprecations)
        self._models: Models | None = None
        with contextlib.suppress(ImportError):  # modules say themselves what they lack
            importlib.import_module("boto3")
            self._models = Models()
        self._later = list(_SERVICES) if self._models else []

    def serve(self) -> None:
        wake, waker = os.pipe()
        for end in (wake, waker):
            os.set_blocking(end, False)
        signal.set_wakeup_fd(waker, warn_on_full_buffer=False)
        for ending in (signal.SIGCHLD, signal.SIGTERM):
            signal.signal(ending, lambda *_: None)  # the wakeup descriptor tells
        self._selector.register(wake, selectors.EVENT_READ, self._signalled)
        self._selector.register(self._listener, selectors.EVENT_READ, self._asked)
        with contextlib.suppress(AttributeError, OSError):  # where there is none, once a second will do
            self._selector.register(os.pidfd_open(self._controller), selectors.EVENT_READ, self._end)
        last = time.monotonic()
        while self._children or time.monotonic() - last < self._idle:
            ready = self._selector.select(0 if self._later else 1)
            for key, _events in ready:
                key.data(key.fileobj)
            if ready:
                last = time.monotonic()
            elif self._models and self._later:
                self._models.load_service(self._later.pop(0))
                gc.freeze()
            else:
                self._end_without_controller()

    def _asked(self, listener: socket.socket) -> None:
        link, _address = listener.accept()
        link.settimeout(10)
        descriptors: list[int] = []
        try:
            _pid, uid, _gid = struct.unpack("3i", link.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12))
            header, descriptors, _flags, _from = socket.recv_fds(link, 8, 2)
            if uid != os.geteuid() or len(header) != 8 or len(descriptors) != 2:
                raise OSError("not one of ours")
            request = json.loads(_read(link, struct.unpack("!Q", header)[0]))
            answer = self._prepare(request["module"])
            _say(link, answer)
            if "accepted" in answer and link.recv(1):  # the word: from now on the other end does not run it by itself
                self._fork(request, link, descriptors)
            else:
                link.close()
        except OSError:
            link.close()
        finally:
            for descriptor in descriptors:
                os.close(descriptor)

    def _prepare(self, name: str) -> dict[str, object]:
        """Load what the module imports and the models of the services it names. Says whether that went well."""
        if name in self._modules:
            return {"accepted": True}
        try:
            with self._forgetting_what_warns():
                module = importlib.import_module(name)
            with open(str(module.__file__), "rb") as source:
                services = set(_CLIENT.findall(source.read()))
        except Exception as error:
            own = isinstance(error, ModuleNotFoundError)  # it will say the same, or import what is not known here
            return {"declined": f"{name}: {type(error).__name__}: {error}", "unexpected": not own}
        sys.modules.pop(name, None)  # a fork runs it as a program
        if self._models:
            for service in sorted(services):
                self._models.load_service(service.decode())
        self._modules.add(name)
        gc.collect()
        gc.freeze()  # forks share it all the longer
        return {"accepted": True}

    @contextlib.contextmanager
    def _forgetting_what_warns(self) -> Iterator[None]:
        """What warns while it is loaded is not kept: each fork that needs it loads it anew, and its result warns."""
        before = set(sys.modules)
        try:
            yield
        finally:
            if any(self._warnings):
                for name in set(sys.modules) - before:
                    if name.startswith(("ansible.", "ansible_collections.")):
                        del sys.modules[name]
                        parent, _dot, attribute = name.rpartition(".")
                        if parent in sys.modules:  # `from parent import attribute` looks there first
                            vars(sys.modules[parent]).pop(attribute, None)
                for found in self._warnings:
                    found.clear()

    def _fork(self, request: dict[str, Any], link: socket.socket, descriptors: list[int]) -> None:
        loaded = mmap.mmap(-1, 1 << 16)  # shared: where the fork says what it had to load
        if self._models:
            self._models.new.clear()
        pid = os.fork()
        if not pid:
            self._become_module(request, [os.open(os.devnull, os.O_RDONLY), *descriptors], loaded)
        self._children[pid] = Child(pid, link, loaded)
        self._selector.register(link, selectors.EVENT_READ, lambda _link: self._hung_up(pid))

    def _become_module(self, request: dict[str, Any], descriptors: list[int], loaded: mmap.mmap) -> None:
        code = 1
        try:
            os.setsid()
            signal.set_wakeup_fd(-1)
            for ending in (signal.SIGCHLD, signal.SIGTERM):
                signal.signal(ending, signal.SIG_DFL)
            for number, descriptor in enumerate(descriptors):
                os.dup2(descriptor, number)
            os.closerange(3, 1 << 16)
            os.environ.clear()
            os.environ.update(request["environment"])
            time.tzset()
            os.umask(request["umask"])
            os.chdir(request["cwd"])
            sys.argv[:] = [""]
            tempfile.tempdir = None
            code = self._run(request, loaded)
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(code)

    def _run(self, request: dict[str, Any], loaded: mmap.mmap) -> int:
        """Run it, and end as Python would."""
        try:
            self._run_module(
                json_params=request["parameters"].encode(),
                profile=request["profile"],
                module_fqn=request["module"],
                modlib_path=self._library,
                extensions={},
            )
        except SystemExit as end:
            code = end.code
        except BaseException:
            traceback.print_exc()
            code = 1
        with contextlib.suppress(AttributeError):
            threading._shutdown()  # type: ignore[attr-defined] # what Python itself calls at its end
            atexit._run_exitfuncs()
        if self._models:
            with contextlib.suppress(ValueError):  # too much for it: then they are not learned
                loaded.write(json.dumps(self._models.new).encode())
        if code is not None and not isinstance(code, int):
            print(code, file=sys.stderr)
            code = 1
        sys.stdout.flush()
        sys.stderr.flush()
        return (code or 0) & 0xFF

    def _signalled(self, wake: int) -> None:
        if signal.SIGTERM in os.read(wake, 4096):
            self._end()
        for pid in list(self._children):
            ended, status = os.waitpid(pid, os.WNOHANG)
            if not ended:
                continue
            child = self._children.pop(pid)
            with contextlib.suppress(KeyError):
                self._selector.unregister(child.link)
            with contextlib.suppress(OSError), child.link:
                _say(child.link, {"status": status})
            with contextlib.suppress(ValueError), child.loaded as loaded:  # half of it, if it was killed
                self._later += json.loads(loaded.read().rstrip(b"\0") or b"[]")

    def _hung_up(self, pid: int) -> None:
        self._selector.unregister(self._children[pid].link)
        self._children[pid].end()

    def _end_without_controller(self) -> None:
        try:
            os.kill(self._controller, 0)
        except ProcessLookupError:
            self._end()

    def _end(self, _of: object = None) -> None:
        for child in self._children.values():
            child.end()
        os._exit(0)  # nothing is left to clean up


def _read(link: socket.socket, length: int) -> bytes:
    content = bytearray()
    while len(content) < length:
        chunk = link.recv(length - len(content))
        if not chunk:
            raise OSError("gone")
        content += chunk
    return bytes(content)


def _say(link: socket.socket, answer: dict[str, Any]) -> None:
    link.sendall(json.dumps(answer).encode() + b"\n")


def main() -> None:
    settings = json.load(sys.stdin)
    os.chdir("/")
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    Worker(socket.socket(fileno=int(sys.argv[1])), settings).serve()


if __name__ == "__main__":
    main()
