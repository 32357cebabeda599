# -*- coding: utf-8 -*-
# Copyright: Contributors to threetier.aws
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
name: tree
version_added: 0.1.0
short_description: List the files of directories, with a digest of each
description:
  - Lists every file under the given directories in a fixed order, with a digest of its content.
  - Python's bytecode and hidden files are left out, so the list is the same on every machine that has the same sources.
  - Its digest says whether anything built from these files is still up to date.
author:
  - The threetier.aws authors (!UNKNOWN)
options:
  _terms:
    description: Directories, or single files, on the controller.
    type: list
    elements: path
    required: true
  digest:
    description:
      - Which digest.
      - V(etag) is what S3 calls an object of this content, uploaded by M(amazon.aws.s3_object) and not encrypted with
        a key in KMS.
    type: str
    choices: [sha256, etag]
    default: sha256
"""

EXAMPLES = r"""
- name: Copy an application without its bytecode
  ansible.builtin.copy:
    src: "{{ role_path }}/files/backend/{{ item['path'] }}"
    dest: /opt/app/{{ item['path'] }}
    mode: "0644"
  loop: "{{ query('threetier.aws.tree', role_path ~ '/files/backend') }}"

- name: Show a digest of all the sources
  ansible.builtin.debug:
    msg: "{{ query('threetier.aws.tree', role_path ~ '/files') | to_json | ansible.builtin.hash('sha256') }}"
"""

RETURN = r"""
_list:
  description: One entry for each file, by path within the order of the given directories.
  type: list
  elements: dict
  contains:
    path:
      description: The path below its directory, with forward slashes; the bare name of a single file.
      type: str
      sample: demo_app/wsgi.py
    etag:
      description: The digest of the content, with O(digest=etag).
      type: str
      sample: d41d8cd98f00b204e9800998ecf8427e
    sha256:
      description: The digest of the content, with O(digest=sha256).
      type: str
      sample: e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855
"""

import hashlib
from pathlib import Path
from typing import Any

from ansible.errors import AnsibleError
from ansible.plugins.lookup import LookupBase

_PART = 8 << 20  # bytes from which boto3 uploads a file in parts, and the size of each


def _is_source(path: Path) -> bool:
    return not any(part.startswith(".") or part == "__pycache__" for part in path.parts) and path.suffix != ".pyc"


def _files(root: Path) -> list[Path]:
    """The paths below a directory; the bare name of a file."""
    if root.is_file():
        return [Path(root.name)]
    below = (path.relative_to(root) for path in root.rglob("*") if path.is_file())
    return sorted(path for path in below if _is_source(path))


def _md5(content: bytes) -> Any:
    return hashlib.md5(content, usedforsecurity=False)


def _etag(content: bytes) -> str:
    if len(content) < _PART:
        return str(_md5(content).hexdigest())
    parts = [_md5(content[start : start + _PART]).digest() for start in range(0, len(content), _PART)]
    return f"{_md5(b''.join(parts)).hexdigest()}-{len(parts)}"


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


_DIGESTS = {"etag": _etag, "sha256": _sha256}


class LookupModule(LookupBase):
    def run(self, terms: list[Any], variables: dict[str, Any] | None = None, **kwargs: Any) -> list[Any]:
        name, found = kwargs.get("digest", "sha256"), []
        if name not in _DIGESTS:
            raise AnsibleError(f"The digest is {name}. It is one of {', '.join(sorted(_DIGESTS))}.")
        for term in terms:
            root = Path(term)
            if not root.exists():
                raise AnsibleError(f"There is neither a file nor a directory {term}.")
            base = root.parent if root.is_file() else root
            found += [
                {"path": path.as_posix(), name: _DIGESTS[name]((base / path).read_bytes())} for path in _files(root)
            ]
        return found
