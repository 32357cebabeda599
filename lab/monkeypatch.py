"""Replace a method of moto's, once, so that it can be put back (which the tests do, to see the gap)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

_ABSENT = object()
_originals: dict[tuple[Any, str], Any] = {}


def wrap(owner: Any, name: str, make: Callable[[Any], Any]) -> None:
    """Set owner.name to make(what is there now).

    :param owner: a class or a module of moto's.
    :param make: gets the original function, property or value; None if there was none.
    :raises RuntimeError: if it was wrapped already: which of two mends counts would depend on their order.
    """
    if (owner, name) in _originals:
        raise RuntimeError(f"{owner.__name__}.{name} is wrapped already. Say in one place what it does.")
    own = vars(owner).get(name, _ABSENT)
    original = own if own is not _ABSENT else getattr(owner, name, None)
    setattr(owner, name, make(original))
    _originals[owner, name] = own


def undo() -> None:
    """Put all of moto's own parts back."""
    while _originals:
        (owner, name), own = _originals.popitem()
        if own is _ABSENT:
            delattr(owner, name)
        else:
            setattr(owner, name, own)
