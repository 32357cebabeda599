"""What functions run on is made once, though two labs begin at the same time."""

from __future__ import annotations

import io
import threading
import zipfile
from pathlib import Path

import pytest

from lab import config
from lab.services.lambda_ import runtime


def test_two_labs_that_unpack_the_same_code_do_not_meet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(config, "LAMBDA", tmp_path / "lambda")
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("index.py", "handler = None\n")
    fresh = runtime._fresh

    def while_another_does_the_same(target: Path) -> Path:
        mine = fresh(target)
        monkeypatch.setattr(runtime, "_fresh", fresh)
        monkeypatch.setattr(runtime, "_unpacking", threading.Lock())  # that of the other process
        assert runtime.unpack(packed.getvalue(), "d") == target
        return mine

    monkeypatch.setattr(runtime, "_fresh", while_another_does_the_same)
    target = runtime.unpack(packed.getvalue(), "d")
    assert (target / "index.py").read_text() == "handler = None\n"
    assert [path.name for path in config.LAMBDA.iterdir()] == ["code-d"]
