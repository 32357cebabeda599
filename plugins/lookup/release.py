# -*- coding: utf-8 -*-
# Copyright: Contributors to threetier.aws
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
name: release
version_added: 0.2.0
short_description: Read a release of the application and pack it, the same bytes from the same files
description:
  - Reads a release from a directory or a tar archive. It holds C(backend/) with the application, C(frontend/) with the
    page, and its version in C(backend/VERSION); an archive may have one directory around all of it.
  - Other files, hidden ones and Python's bytecode are left out.
  - Packs it with fixed times, modes and order and without compression, so that equal files give equal bytes, whether
    they came from a directory or an archive.
  - What it writes is placed in the controller's own temporary directory, which goes away with the run.
author:
  - The threetier.aws authors (!UNKNOWN)
options:
  _terms:
    description: Directories or tar archives on the controller.
    type: list
    elements: path
    required: true
"""

EXAMPLES = r"""
- name: Say which version is about to be released
  ansible.builtin.debug:
    msg: "{{ lookup('threetier.aws.release', 'dist/demo-app-2.0.0.tar.gz')['version'] }}"
"""

RETURN = r"""
_list:
  description: One entry for each release.
  type: list
  elements: dict
  contains:
    version:
      description: What the release says it is.
      type: str
      sample: 2.0.0
    sha256:
      description: The digest of its files.
      type: str
      sample: e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855
    archive:
      description: The path of the whole release as a tar archive.
      type: path
    backend:
      description: The path of the application alone as a tar archive.
      type: path
    frontend:
      description: The path of a directory with the files of the page.
      type: path
"""

import hashlib
import io
import os
import re
import tarfile
from pathlib import Path, PurePosixPath
from typing import Any

from ansible import constants as C
from ansible.errors import AnsibleLookupError
from ansible.plugins.lookup import LookupBase

_PARTS = ("backend", "frontend")
_NEEDED = ("backend/VERSION", "backend/requirements.txt", "backend/gunicorn.conf.py", "frontend/index.html")
_VERSION = re.compile(r"[0-9A-Za-z][0-9A-Za-z._+-]{0,63}")


def read(source: Path) -> dict[str, bytes]:
    """The files of a release by their path in it."""
    if source.is_dir():
        return {
            path.relative_to(source).as_posix(): path.read_bytes()
            for part in _PARTS
            for path in (source / part).rglob("*")
            if path.is_file() and _is_kept(PurePosixPath(path.relative_to(source)))
        }
    if not source.is_file():
        raise AnsibleLookupError(f"There is no release at {source}: neither a directory nor an archive.")
    try:
        with tarfile.open(source) as archive:
            files = ((member, archive.extractfile(member)) for member in archive if member.isfile())
            members = [(PurePosixPath(member.name), content.read()) for member, content in files if content]
    except (tarfile.TarError, EOFError, OSError) as error:
        raise AnsibleLookupError(f"{source} is no tar archive that could be read: {error}") from error
    members = [(name, content) for name, content in members if _is_kept(name)]  # macOS puts ._demo beside demo
    around = {name.parts[0] for name, _content in members}
    if len(around) == 1 and not around & set(_PARTS):
        members = [(name.relative_to(name.parts[0]), content) for name, content in members]
    return {name.as_posix(): content for name, content in members if name.parts[0] in _PARTS}


def _is_kept(name: PurePosixPath) -> bool:
    return not any(p.startswith(".") or p == "__pycache__" for p in name.parts) and name.suffix != ".pyc"


def version(source: Path, files: dict[str, bytes]) -> str:
    missing = [name for name in _NEEDED if name not in files]
    if missing:
        raise AnsibleLookupError(f"{source} is no release of the application: it holds no {' and no '.join(missing)}.")
    said = files["backend/VERSION"].decode("utf-8", "replace").strip()
    if not _VERSION.fullmatch(said):
        raise AnsibleLookupError(
            f"{source} says in backend/VERSION that it is {said!r}. A version is up to 64 letters, digits and . _ + -."
        )
    return said


def pack(files: dict[str, bytes], below: str = "") -> bytes:
    """A tar archive of the files below a directory, or of all."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as archive:
        wanted = {PurePosixPath(name.removeprefix(below)): files[name] for name in files if name.startswith(below)}
        directories = {parent for name in wanted for parent in name.parents} - {PurePosixPath(".")}
        for name in sorted(directories | wanted.keys()):
            entry = tarfile.TarInfo(name.as_posix())
            entry.uname = entry.gname = "root"
            if name in directories:
                entry.type, entry.mode = tarfile.DIRTYPE, 0o755
            else:
                entry.size, entry.mode = len(wanted[name]), 0o644
            archive.addfile(entry, io.BytesIO(wanted.get(name, b"")))
    return packed.getvalue()


class LookupModule(LookupBase):
    def run(self, terms: list[Any], variables: dict[str, Any] | None = None, **kwargs: Any) -> list[Any]:
        return [self._release(Path(term)) for term in terms]

    def _release(self, source: Path) -> dict[str, str]:
        files = read(source)
        said = version(source, files)
        whole = pack(files)
        sha256 = hashlib.sha256(whole).hexdigest()
        place = Path(C.DEFAULT_LOCAL_TMP) / f"release-{sha256[:16]}"
        self._write(place / "release.tar", whole)
        self._write(place / "backend.tar", pack(files, "backend/"))
        for name, content in files.items():
            if name.startswith("frontend/"):
                self._write(place / name, content)
        return {
            "version": said,
            "sha256": sha256,
            "archive": str(place / "release.tar"),
            "backend": str(place / "backend.tar"),
            "frontend": str(place / "frontend"),
        }

    def _write(self, path: Path, content: bytes) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        unfinished = path.with_name(f".{path.name}.{os.getpid()}")  # another worker may want the same file
        unfinished.write_bytes(content)
        unfinished.replace(path)
