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
    sha256:
      description: The digest of the content.
      type: str
      sample: e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855
"""

import hashlib
from pathlib import Path
from typing import Any

from ansible.errors import AnsibleError
from ansible.plugins.lookup import LookupBase


def _is_source(path: Path) -> bool:
    return not any(part.startswith(".") or part == "__pycache__" for part in path.parts) and path.suffix != ".pyc"


def _files(root: Path) -> list[Path]:
    """The paths below a directory; the bare name of a file."""
    if root.is_file():
        return [Path(root.name)]
    below = (path.relative_to(root) for path in root.rglob("*") if path.is_file())
    return sorted(path for path in below if _is_source(path))


class LookupModule(LookupBase):
    def run(self, terms: list[Any], variables: dict[str, Any] | None = None, **kwargs: Any) -> list[Any]:
        found = []
        for term in terms:
            root = Path(term)
            if not root.exists():
                raise AnsibleError(f"There is neither a file nor a directory {term}.")
            base = root.parent if root.is_file() else root
            found += [
                {"path": path.as_posix(), "sha256": hashlib.sha256((base / path).read_bytes()).hexdigest()}
                for path in _files(root)
            ]
        return found
