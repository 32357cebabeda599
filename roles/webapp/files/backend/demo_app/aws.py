"""AWS clients. Credentials, region and any other endpoint are found by boto3 itself, in its usual places."""

from __future__ import annotations

import threading
import time
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import NoCredentialsError

ASK_AGAIN = 1.0  # seconds between two questions for credentials that were not there

# No request of ours may hang: at worst 2 tries of 2 s to connect and 5 s without an answer.
_CONFIG = Config(
    connect_timeout=2,
    read_timeout=5,
    retries={"mode": "standard", "total_max_attempts": 2},
)
_CONFIGS = {"s3": _CONFIG.merge(Config(signature_version="s3v4"))}  # for presigned links


class Account:
    """This process's access to AWS: one set of credentials, and one client for each service.

    A client that boto3 makes without credentials never gets any. The metadata service that hands them out may be slow
    or away when a process starts, so a client is made only once they are there, and they are asked for until they are.
    """

    def __init__(self, region: str) -> None:
        self._session = boto3.session.Session(region_name=region)
        self._clients: dict[str, Any] = {}
        self._lock = threading.Lock()
        self._refused = float("-inf")  # when credentials were asked for in vain
        self._missing_since: float | None = None

    def client(self, service: str) -> Any:
        """The service's client, which threads may share. NoCredentialsError as long as there are no credentials."""
        if service not in self._clients:
            with self._lock:
                if service not in self._clients:
                    self._credentials()
                    self._clients[service] = self._session.client(service, config=_CONFIGS.get(service, _CONFIG))
        return self._clients[service]

    def check(self) -> None:
        """Ask for credentials, and have those that have expired renewed. A BotoCoreError if that fails."""
        with self._lock:
            self._credentials()

    def missing_for(self) -> float:
        """For how many seconds there have been no credentials; 0 while there are."""
        since = self._missing_since
        return 0.0 if since is None else time.monotonic() - since

    def _credentials(self) -> None:
        if time.monotonic() - self._refused < ASK_AGAIN:
            raise NoCredentialsError  # all who waited meanwhile are told at once
        try:
            found = self._session.get_credentials()  # asks again each time, as long as there are none
            if found is None:
                raise NoCredentialsError
            found.get_frozen_credentials()
        except Exception:
            self._refused = time.monotonic()
            if self._missing_since is None:
                self._missing_since = self._refused
            raise
        self._missing_since = None
