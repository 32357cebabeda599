"""Database credentials: in Secrets Manager and, while the process lives, in its memory."""

from __future__ import annotations

import json
import threading
from typing import NamedTuple


class Credentials(NamedTuple):
    username: str
    password: str

    def __repr__(self) -> str:  # whatever prints one by accident prints no secret
        return "Credentials(…)"


class Secret:
    """A secret that is fetched when first needed, and again when it turned out to be stale."""

    def __init__(self, client, arn: str) -> None:
        self._client = client
        self._arn = arn
        self._lock = threading.Lock()
        self._known: Credentials | None = None

    def credentials(self, *, stale: Credentials | None = None) -> Credentials:
        """The credentials; fetched anew only if those known are the stale ones, however many threads ask."""
        with self._lock:
            if self._known is None or self._known is stale:
                value = json.loads(self._client.get_secret_value(SecretId=self._arn)["SecretString"])
                self._known = Credentials(value["username"], value["password"])
            return self._known
