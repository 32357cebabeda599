"""Parameter Store: of two requests that write a parameter at once, AWS answers one after the other."""

from __future__ import annotations

import threading
from typing import Any

from moto.ssm.models import SimpleSystemManagerBackend

from ...monkeypatch import wrap

_writing = threading.Lock()


def one_write_at_a_time(original: Any) -> Any:
    """moto looks for the parameter first and adds a version later: two threads can both create it."""

    def write(self: Any, *args: Any, **kwargs: Any) -> Any:
        with _writing:
            return original(self, *args, **kwargs)

    return write


def install(_machines: bool) -> None:
    for name in ("put_parameter", "delete_parameter"):
        wrap(SimpleSystemManagerBackend, name, one_write_at_a_time)
