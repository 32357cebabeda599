"""Mends of moto: one for each method, and all of them can be taken back."""

from __future__ import annotations

import pytest

from lab import monkeypatch


class Owner:
    def name(self) -> str:
        return "moto's"


def test_a_method_is_wrapped_once_and_put_back() -> None:
    monkeypatch.wrap(Owner, "name", lambda original: lambda self: f"not {original(self)}")
    try:
        with pytest.raises(RuntimeError, match=r"Owner\.name is wrapped already"):
            monkeypatch.wrap(Owner, "name", lambda _original: lambda self: "another's")
        assert Owner().name() == "not moto's"
    finally:
        monkeypatch.undo()
    assert Owner().name() == "moto's"
