"""The services of the lab. A service is a package in this folder, and is found by being here.

What such a package may say, each by a name of its `__init__.py`, and each optional:

| name | means |
|---|---|
| `after` | names of the services that must be installed before this one, a tuple; the default is none |
| `install(machines)` | mends moto where it differs from AWS and a role, a module or the application would notice |
| `controllers(lab)` | what stands behind the API where there are machines: see `lab.reconcile.Controller` |
| `names()` | pairs of a DNS name that AWS would publish and an IPv4 address |
| `serve(environ)` | the WSGI application for a request that is no call of the API, None for all others |
| `refuse(environ)` | the `lab.errors.Answer` to a call that AWS would not let through, None for all others |
| `close()` | ends what the service itself has running where there are no controllers |
"""

from __future__ import annotations

import functools
import importlib
import pkgutil
from collections.abc import Callable, Iterator
from graphlib import TopologicalSorter
from types import ModuleType
from typing import Any

from .. import (
    backends,  # noqa: F401  # sets what moto reads from the environment
    config,
    monkeypatch,
    store,
)


@functools.cache
def discover() -> tuple[ModuleType, ...]:
    """All services, each behind those that it says it comes after; in the order of their names otherwise."""
    names = sorted(found.name for found in pkgutil.iter_modules(__path__) if found.ispkg)
    modules = {name: importlib.import_module(f"{__name__}.{name}") for name in names}
    graph = {name: sorted(getattr(module, "after", ())) for name, module in modules.items()}
    return tuple(modules[name] for name in TopologicalSorter(graph).static_order())


def install(*, machines: bool, endpoint: str = config.ENDPOINT) -> None:
    """Mend moto, once.

    :param machines: whether controllers stand behind the API. Then what takes time on AWS (an instance's boot, a
        database's creation) stays in its transient state until a controller says that it is done.
    :param endpoint: URL at which functions and the links in mails find the API.
    """
    config.ENDPOINT = endpoint
    for mend in _all("install"):
        mend(machines)


def uninstall() -> None:
    """Put all of moto's own parts back and forget all state of ours; the tests do, to begin anew or to see the gap."""
    monkeypatch.undo()
    store.clear()


def controllers(lab: Any) -> list[Any]:
    """What stands behind the API, in the order of the services.

    :param lab: the `lab.reconcile.Loop` that calls them.
    """
    return [controller for make in _all("controllers") for controller in make(lab)]


def names() -> Iterator[tuple[str, str]]:
    """Each DNS name that a service publishes, with its address."""
    for publish in _all("names"):
        yield from publish()


def serve(environ: dict[str, Any]) -> Any:
    """The WSGI application of the service that answers such a request without a call of the API; None if none does."""
    return next((app for ask in _all("serve") if (app := ask(environ)) is not None), None)


def refuse(environ: dict[str, Any]) -> Any:
    """The answer to a call that a service would not let through, None to all others."""
    return next((found for ask in _all("refuse") if (found := ask(environ)) is not None), None)


def close() -> None:
    """End what the services themselves still have running, the last one installed first."""
    for end in reversed(list(_all("close"))):
        end()


def _all(name: str) -> Iterator[Callable[..., Any]]:
    for module in discover():
        if hasattr(module, name):
            yield getattr(module, name)
