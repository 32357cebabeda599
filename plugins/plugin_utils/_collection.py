# -*- coding: utf-8 -*-
# Copyright: Contributors to threetier.aws
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which version of this collection runs."""

from __future__ import annotations

import json
from pathlib import Path

import yaml

_TOP = Path(__file__).resolve().parents[2]


def version() -> str:
    """Of an installed collection what its manifest says, of a checkout what galaxy.yml says."""
    manifest = _TOP / "MANIFEST.json"
    if manifest.exists():
        return str(json.loads(manifest.read_text())["collection_info"]["version"])
    return str(yaml.safe_load((_TOP / "galaxy.yml").read_text())["version"])
