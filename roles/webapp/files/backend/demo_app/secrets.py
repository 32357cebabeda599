"""Database credentials: in Secrets Manager and, while the process lives, in its memory."""

from __future__ import annotations

import json
import threading
from typing import NamedTuple

from .aws import Account


class SecretError(Exception):
    """The secret is there and holds no credentials."""


class Credentials(NamedTuple):
    username: str
    password: str

    def __repr__(self) -> str:  # whatever prints one by accident prints no secret
        return "Credentials(…)"


class Secret:
    """A secret that is fetched when first needed, and again when it turned out to be stale."""

    def __init__(self, account: Account, arn: str) -> None:
        self._account = account
        self._arn = arn
        self._lock = threading.Lock()
        self._known: Credentials | None = None

    def credentials(self, *, stale: Credentials | None = None) -> Credentials:
        """The credentials; fetched anew only if those known are the stale ones, however many threads ask."""
        with self._lock:
            if self._known is None or self._known is stale:
                self._known = _read(self._account.client("secretsmanager").get_secret_value(SecretId=self._arn))
            return self._known


def _read(answer: dict[str, str]) -> Credentials:
    try:
        value = json.loads(answer["SecretString"])
        return Credentials(value["username"], value["password"])
    except (KeyError, TypeError, ValueError):
        raise SecretError from None  # the cause's text may hold the secret
