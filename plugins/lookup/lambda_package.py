# -*- coding: utf-8 -*-
# Copyright: Contributors to threetier.aws
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
name: lambda_package
version_added: 0.1.0
short_description: Pack a directory for Lambda, the same bytes from the same sources
description:
  - Packs the files of a directory into a zip file with fixed times, modes and order, so that the digest that Lambda
    keeps changes only if a source does.
  - Hidden files, tests' caches and bytecode are left out.
  - The file is placed in the controller's own temporary directory, which goes away with the run. Use it with modules
    that run on the controller.
author:
  - The threetier.aws authors (!UNKNOWN)
options:
  _terms:
    description: Directories on the controller.
    type: list
    elements: path
    required: true
  files:
    description: Further files of the package, by their name what is in them.
    type: dict
    default: {}
    version_added: 0.2.0
"""

EXAMPLES = r"""
- name: Create a function
  amazon.aws.lambda:
    name: demo-app-metadata-lambda
    zip_file: "{{ lookup('threetier.aws.lambda_package', role_path ~ '/files/metadata') }}"
    runtime: python3.13
    handler: handler.handler
    role: demo-app-lambda-iam-role
  delegate_to: localhost
"""

RETURN = r"""
_list:
  description: The paths of the zip files, one for each directory.
  type: list
  elements: path
"""

import hashlib
import io
import os
import zipfile
from pathlib import Path
from typing import Any

from ansible import constants as C
from ansible.errors import AnsibleLookupError
from ansible.plugins.lookup import LookupBase

_TIME = (1980, 1, 1, 0, 0, 0)  # the first that a zip file can tell


def pack(directory: Path, files: dict[str, str] | None = None) -> bytes:
    names = {path.relative_to(directory): path for path in directory.rglob("*") if path.is_file()}
    found = {name.as_posix(): path.read_bytes() for name, path in names.items() if not _is_left_out(name)}
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, content in sorted({**found, **{name: text.encode() for name, text in (files or {}).items()}}.items()):
            entry = zipfile.ZipInfo(name, _TIME)
            entry.create_system = 3  # Unix, whatever this runs on: the modes count
            entry.external_attr = 0o100644 << 16
            archive.writestr(entry, content, zipfile.ZIP_STORED)  # zlib's output differs between versions
    return packed.getvalue()


def _is_left_out(name: Path) -> bool:
    return any(part.startswith(".") or part == "__pycache__" for part in name.parts) or name.suffix == ".pyc"


class LookupModule(LookupBase):
    def run(self, terms: list[Any], variables: dict[str, Any] | None = None, **kwargs: Any) -> list[Any]:
        return [self._write(Path(term), kwargs.get("files") or {}) for term in terms]

    def _write(self, directory: Path, files: dict[str, str]) -> str:
        if not directory.is_dir():
            raise AnsibleLookupError(f"There is no directory {directory} to pack for Lambda.")
        content = pack(directory, files)
        if not zipfile.ZipFile(io.BytesIO(content)).namelist():
            raise AnsibleLookupError(f"The directory {directory} holds nothing to pack for Lambda.")
        target = Path(C.DEFAULT_LOCAL_TMP) / f"lambda-{hashlib.sha256(content).hexdigest()[:16]}.zip"
        unfinished = target.with_suffix(f".{os.getpid()}")  # another worker may want the same file
        unfinished.write_bytes(content)
        unfinished.replace(target)
        return str(target)
