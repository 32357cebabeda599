"""The lookup release: a directory or an archive, the same bytes from the same files, or a sentence."""

from __future__ import annotations

import io
import os
import tarfile
from pathlib import Path

import pytest
from ansible import constants
from ansible.errors import AnsibleLookupError
from ansible_collections.threetier.aws.plugins.lookup.release import LookupModule

FILES = {
    "backend/VERSION": "2.0.0\n",
    "backend/requirements.txt": "flask\n",
    "backend/gunicorn.conf.py": "",
    "backend/demo_app/app.py": "print()\n",
    "frontend/index.html": "<html>",
}
LEFT_OUT = {"backend/.env": "secret", "backend/demo_app/__pycache__/app.pyc": "", "guest/seal.sh": "", "README": ""}


@pytest.fixture(autouse=True)
def scratch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "tmp").mkdir()
    monkeypatch.setattr(constants, "DEFAULT_LOCAL_TMP", str(tmp_path / "tmp"))


def directory(place: Path, files: dict[str, str], time: int = 1) -> Path:
    for name, content in files.items():
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        (place / name).write_text(content)
        os.utime(place / name, (time, time))
    return place


def archive(path: Path, files: dict[str, str], mode: str = "w:gz") -> Path:
    with tarfile.open(path, mode) as packed:
        for name, content in files.items():
            entry = tarfile.TarInfo(name)
            entry.size, entry.mtime = len(content), 77
            packed.addfile(entry, io.BytesIO(content.encode()))
    return path


def read(source: Path) -> dict[str, str]:
    return LookupModule().run([str(source)])[0]


def test_directory_and_archive_of_the_same_files_are_the_same_release(tmp_path):
    first = read(directory(tmp_path / "a", FILES | LEFT_OUT))
    again = read(directory(tmp_path / "b", FILES, time=2_000_000_000))
    packed = read(archive(tmp_path / "c.tar.gz", {f"./{name}": FILES[name] for name in reversed(FILES)}))
    around = read(archive(tmp_path / "d.tar", {f"demo-2.0.0/{name}": FILES[name] for name in FILES | {}}, "w"))
    kept = read(Path(first["archive"]))
    assert first == again == packed == around == kept
    assert first["version"] == "2.0.0"


def test_what_macos_puts_beside_each_file_is_no_part_of_a_release(tmp_path):
    packed = {f"demo-2.0.0/{name}": content for name, content in FILES.items()}
    beside = {"._demo-2.0.0": "", "demo-2.0.0/._backend": "", "demo-2.0.0/backend/._VERSION": "", ".DS_Store": ""}
    made_on_macos = read(archive(tmp_path / "a.tar.gz", beside | packed))
    assert made_on_macos == read(directory(tmp_path / "b", FILES))


def test_another_content_is_another_release(tmp_path):
    one = read(directory(tmp_path / "a", FILES))
    other = read(directory(tmp_path / "b", FILES | {"frontend/index.html": "<html lang=en>"}))
    assert one["sha256"] != other["sha256"]


def test_the_application_and_the_page_are_there_for_their_tasks(tmp_path):
    found = read(directory(tmp_path / "a", FILES | LEFT_OUT))
    with tarfile.open(found["backend"]) as packed:
        seen = {entry.name: (entry.mode, entry.uid, entry.uname, entry.mtime) for entry in packed}
    assert seen == {
        "VERSION": (0o644, 0, "root", 0),
        "requirements.txt": (0o644, 0, "root", 0),
        "gunicorn.conf.py": (0o644, 0, "root", 0),
        "demo_app": (0o755, 0, "root", 0),
        "demo_app/app.py": (0o644, 0, "root", 0),
    }
    assert [(path.name, path.read_text()) for path in Path(found["frontend"]).iterdir()] == [("index.html", "<html>")]


def test_no_path_of_an_archive_leads_out_of_it(tmp_path):
    wicked = {"backend/../../escaped": "", "frontend/../../../escaped": "", "/backend/escaped": ""}
    found = read(archive(tmp_path / "a.tar", FILES | wicked, "w"))
    assert found["sha256"] == read(directory(tmp_path / "b", FILES))["sha256"]
    assert list(tmp_path.rglob("escaped")) == []


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"backend/VERSION": None}, "holds no backend/VERSION."),
        (
            {"backend/requirements.txt": None, "frontend/index.html": None},
            "no backend/requirements.txt and no frontend",
        ),
        ({"backend/VERSION": "two point oh\n"}, "that it is 'two point oh'."),
        ({"backend/VERSION": "\n"}, "that it is ''."),
    ],
)
def test_what_is_no_release_is_said(tmp_path, change, said):
    files = {name: content for name, content in (FILES | change).items() if content is not None}
    with pytest.raises(AnsibleLookupError, match=said):
        read(directory(tmp_path / "a", files))


def test_what_is_not_there_or_no_archive_is_said(tmp_path):
    with pytest.raises(AnsibleLookupError, match="There is no release at"):
        read(tmp_path / "nowhere")
    (tmp_path / "text").write_text("no archive")
    with pytest.raises(AnsibleLookupError, match="is no tar archive"):
        read(tmp_path / "text")
