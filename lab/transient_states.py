"""What is made or deleted stays in its transient state as long as AWS would take, if a table of durations says so."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .durations import held
from .monkeypatch import wrap

# a state, what it is called while it is too early for it, and the kind of duration that a resource takes to get there
Stage = tuple[str, str, Callable[[Any], str]]


def always(kind: str) -> Callable[[Any], str]:
    """For resources that all take the same duration."""
    return lambda _resource: kind


def hold(owner: type, name: str, *stages: Stage) -> None:
    """Show a state of moto's, an attribute or a property, no sooner than a table of durations says."""
    wrap(owner, name, _attribute(name, stages))


def _attribute(name: str, stages: tuple[Stage, ...]) -> Callable[[property | None], property]:
    """A property in the place of an attribute or a property of moto's."""

    def make(original: property | None) -> property:
        def get(self: Any) -> str:
            value: str = original.fget(self) if original else self.__dict__[name]  # type: ignore[misc]
            for reached, meanwhile, kind in stages:
                if value == reached and held(kind(self), self):
                    return meanwhile
            return value

        def put(self: Any, value: str) -> None:
            for reached, meanwhile, kind in stages:
                if value in (reached, meanwhile):
                    held(kind(self), self)  # time runs from here
            if original:
                original.fset(self, value)  # type: ignore[misc]
            else:
                self.__dict__[name] = value

        return property(get, put)

    return make
