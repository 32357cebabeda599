"""Controllers at work: what is slow or fails holds up no other, and no resource is worked on twice at a time."""

from __future__ import annotations

import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from lab import services
from lab.reconcile import Manager


class Things:
    """Resources that the test wants, and what became of them."""

    workers = 3

    def __init__(self) -> None:
        self.wanted = {"one", "two", "slow", "broken"}
        self.done: Counter[str] = Counter()
        self.at_work: Counter[str] = Counter()
        self.most_at_once = 0
        self.released = threading.Event()
        self.closed = False
        self._lock = threading.Lock()

    def keys(self) -> set[str]:
        return self.wanted

    def reconcile(self, key: str) -> float | None:
        with self._lock:
            self.at_work[key] += 1
            self.most_at_once = max(self.most_at_once, self.at_work[key])
        try:
            if key == "slow":
                self.released.wait(20)
            if key == "broken":
                raise RuntimeError("it does not work")
        finally:
            with self._lock:
                self.at_work[key] -= 1
                self.done[key] += 1
        return 0.01 if key == "two" else None

    def status(self) -> list[dict[str, Any]]:
        return [{"resource": key, "kind": "thing", "state": "fine", "behind": "-"} for key in sorted(self.wanted)]

    def close(self) -> None:
        self.closed = True


@contextmanager
def running(manager: Manager) -> Iterator[None]:
    main = threading.Thread(target=manager.run)
    main.start()
    try:
        yield
    finally:
        manager.stop()
        main.join(10)
        manager.close()


def eventually(there: Callable[[], bool], deadline: float = 20) -> None:
    end = time.monotonic() + deadline
    while not there():
        assert time.monotonic() < end, "it did not come to that"
        time.sleep(0.01)


def test_a_slow_and_a_failing_resource_hold_up_no_other(caplog: pytest.LogCaptureFixture) -> None:
    things = Things()
    manager = Manager([things])
    with running(manager):
        eventually(lambda: things.done["two"] > 5)
        before = things.done["one"]
        for _ in range(200):
            manager.wake()
        eventually(lambda: things.done["one"] > before)
        assert (things.done["slow"], things.at_work["slow"]) == (0, 1)
        assert things.done["broken"] <= 5  # its delay grows, however often something changes
        things.released.set()
        eventually(lambda: things.done["slow"] > 0)
    assert things.most_at_once == 1
    assert things.closed
    assert sum("broken failed" in record.message for record in caplog.records) == 1  # said once


FOO = """
from lab import monkeypatch

class Target:
    def name(self):
        return "moto's"

class Foos:
    workers = 1
    seen = []
    closed = False
    def keys(self): return ["foo-1"]
    def reconcile(self, key): self.seen.append(key)
    def status(self): return [{"resource": "foo-1", "kind": "foo", "state": "there", "behind": "nothing"}]
    def close(self): Foos.closed = True

after = ("s3",)
def install(machines): monkeypatch.wrap(Target, "name", lambda original: lambda self: "the lab's")
def controllers(lab): return [Foos()]
def names(): return [("foo.example", "198.51.100.9")]
"""


def test_a_service_is_found_by_its_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, account: None) -> None:
    """One folder more is enough to have it installed, reconciled, shown in status, published and closed."""
    (tmp_path / "foo").mkdir()
    (tmp_path / "foo/__init__.py").write_text(FOO)
    monkeypatch.setattr(services, "__path__", [*services.__path__, str(tmp_path)])
    services.discover.cache_clear()
    try:
        services.install(machines=True)
        foo = sys.modules["lab.services.foo"]
        order = [module.__name__.rpartition(".")[2] for module in services.discover()]
        assert order.index("foo") > order.index("s3") > order.index("lambda_")
        assert foo.Target().name() == "the lab's"
        assert ("foo.example", "198.51.100.9") in set(services.names())
        manager = Manager(foo.controllers(None))
        with running(manager):
            eventually(lambda: foo.Foos.seen[:1] == ["foo-1"])
            assert [row["resource"] for row in manager.status()] == ["foo-1"]
        assert foo.Foos.closed
    finally:
        services.discover.cache_clear()
        sys.modules.pop("lab.services.foo", None)
        vars(services).pop("foo", None)
