"""State of ours, which moto has no place for: one typed object for each service, account and region."""

from __future__ import annotations

import threading
import weakref
from collections.abc import Callable, Iterator, MutableMapping
from typing import Any, Generic, Protocol, TypeVar

T = TypeVar("T")
_all: list[Stores[Any]] = []


class Owner(Protocol):
    """A backend of moto's: the state of one service in one account and region."""

    account_id: str
    region_name: str


class Stores(Generic[T]):
    """A service's own state; that of an account and region is made when it is first asked for."""

    def __init__(self, make: Callable[[], T]) -> None:
        self._make = make
        self._lock = threading.Lock()
        self._stores: dict[tuple[str, str], T] = {}
        _all.append(self)

    def of(self, owner: Owner) -> T:
        return self.at(owner.account_id, owner.region_name)

    def at(self, account: str, region: str) -> T:
        with self._lock:
            if (account, region) not in self._stores:
                self._stores[account, region] = self._make()
            return self._stores[account, region]

    def __iter__(self) -> Iterator[T]:
        with self._lock:
            return iter(list(self._stores.values()))

    def clear(self) -> None:
        with self._lock:
            self._stores.clear()


class Notes(Generic[T]):
    """What is known of each of some resources, made when it is first asked for; it goes with the resource."""

    def __init__(self, make: Callable[[], T]) -> None:
        self._make = make
        self._lock = threading.RLock()
        self._notes: MutableMapping[Any, T] = weakref.WeakKeyDictionary()

    def __getitem__(self, resource: Any) -> T:
        with self._lock:
            if resource not in self._notes:
                self._notes[resource] = self._make()
            return self._notes[resource]


def clear() -> None:
    """Forget everything, as between two tests."""
    for stores in _all:
        stores.clear()
