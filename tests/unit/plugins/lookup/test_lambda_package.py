"""The lookup lambda_package: the same sources give the same bytes."""

from __future__ import annotations

import os
import zipfile
from pathlib import Path

import pytest
from ansible import constants
from ansible.errors import AnsibleLookupError
from ansible_collections.threetier.aws.plugins.lookup.lambda_package import LookupModule


@pytest.fixture(autouse=True)
def scratch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "tmp").mkdir()
    monkeypatch.setattr(constants, "DEFAULT_LOCAL_TMP", str(tmp_path / "tmp"))


def sources(directory: Path, names: list[str], time: int) -> Path:
    for name in names:
        (directory / name).parent.mkdir(parents=True, exist_ok=True)
        (directory / name).write_text(f"# {name}\n")
        os.utime(directory / name, (time, time))
    return directory


def pack(directory: Path) -> Path:
    return Path(LookupModule().run([str(directory)])[0])


def test_times_order_and_leftovers_change_nothing(tmp_path: Path) -> None:
    names = ["handler.py", "inner/helper.py", "a.py"]
    one = sources(tmp_path / "one", names, 1_000_000_000)
    other = sources(tmp_path / "other", [*names[::-1], "__pycache__/a.pyc", ".hidden", "b.pyc"], 1_700_000_000)
    (other / "handler.py").chmod(0o600)
    packed = pack(one)
    assert packed.read_bytes() == pack(other).read_bytes()
    with zipfile.ZipFile(packed) as archive:
        assert archive.namelist() == ["a.py", "handler.py", "inner/helper.py"]
        assert archive.read("handler.py") == b"# handler.py\n"
        assert {entry.external_attr >> 16 for entry in archive.infolist()} == {0o100644}


def test_a_changed_source_makes_another_package(tmp_path: Path) -> None:
    directory = sources(tmp_path / "one", ["handler.py"], 1_000_000_000)
    before = pack(directory)
    (directory / "handler.py").write_text("# changed\n")
    assert pack(directory) != before


def test_further_files_are_in_the_package_and_make_another_one(tmp_path: Path) -> None:
    directory = sources(tmp_path / "one", ["handler.py", "z.py"], 1_000_000_000)
    (found,) = LookupModule().run([str(directory)], files={"ca.pem": "ä"})
    assert Path(found) != pack(directory)
    with zipfile.ZipFile(found) as archive:
        assert archive.namelist() == ["ca.pem", "handler.py", "z.py"]
        assert archive.read("ca.pem").decode() == "ä"


@pytest.mark.parametrize("names", [[], [".hidden"]])
def test_nothing_to_pack_is_said(tmp_path: Path, names: list[str]) -> None:
    with pytest.raises(AnsibleLookupError, match="to pack for Lambda"):
        pack(sources(tmp_path / "empty", names, 1_000_000_000))
