"""KMS: who may use a key. Nothing is really encrypted; a key that may not be used stops what it encrypts."""

from __future__ import annotations

from . import keys


def install(machines: bool) -> None:
    keys.install(machines)
