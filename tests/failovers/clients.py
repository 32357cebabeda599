"""People who use the API meanwhile: some write and try again until they are answered, some read."""

from __future__ import annotations

import itertools
import threading
import time
import uuid
from collections import Counter
from typing import Any, Self

import requests

USERS = "/api/v1/users"
_PATIENCE = 120.0  # seconds until a writer gives up one write
_PAUSE = 0.25  # seconds between two tries of it


class _Clients:
    """`with …:` so many requests are begun each second, whatever becomes of them; a late one is begun at once."""

    def __init__(self, url: str, rate: float, workers: int) -> None:
        self._url, self._rate = url, rate
        self._numbers, self._lock = itertools.count(), threading.Lock()
        self._stopped = threading.Event()
        self._threads = [threading.Thread(target=self._work, daemon=True) for _number in range(workers)]

    def __enter__(self) -> Self:
        self._begin = time.monotonic()
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopped.set()
        for thread in self._threads:
            thread.join(_PATIENCE)

    def _work(self) -> None:
        with requests.Session() as session:
            while True:
                with self._lock:
                    number = next(self._numbers)
                if self._stopped.wait(max(0.0, self._begin + number / self._rate - time.monotonic())):
                    return
                self._do(session, number)

    def _do(self, session: requests.Session, number: int) -> None:
        raise NotImplementedError


class Writers(_Clients):
    """Each inserts a user of a name of its own, with the same Idempotency-Key at each try."""

    def __init__(self, url: str, rate: float) -> None:
        super().__init__(url, rate, workers=32)
        self.mark = uuid.uuid4().hex[:8]  # how the names begin
        self.acknowledged: dict[str, float] = {}  # time.monotonic() of the answer, by name
        self.answers: Counter[int] = Counter()  # by status; 0: none

    def _do(self, session: requests.Session, number: int) -> None:
        name = f"{self.mark} {number}"
        headers = {"Idempotency-Key": name.replace(" ", "-")}
        end = time.monotonic() + _PATIENCE
        while time.monotonic() < end:
            try:
                status = session.post(self._url + USERS, json={"name": name}, headers=headers, timeout=10).status_code
            except requests.RequestException:
                status = 0
            self.answers[status] += 1
            if status == 201:
                self.acknowledged[name] = time.monotonic()
                return
            time.sleep(_PAUSE)

    def longest_gap(self) -> float:
        """The seconds in which no write was acknowledged, at the longest."""
        times = sorted(self.acknowledged.values())
        return max((after - before for before, after in itertools.pairwise(times)), default=float("inf"))

    def stored(self) -> Counter[str]:
        """How often each of the names is there, as the writer of the database tells."""
        found: Counter[str] = Counter()
        query: dict[str, Any] = {"search": f"{self.mark} ", "limit": 200}
        while True:
            answer = requests.get(self._url + USERS, params=query, headers={"X-Consistency-Token": "0"}, timeout=30)
            answer.raise_for_status()
            page = answer.json()
            found.update(user["name"] for user in page["items"])
            if not page["next"]:
                return found
            query["after"] = page["next"]


class Readers(_Clients):
    """Each reads a page of users."""

    def __init__(self, url: str, rate: float) -> None:
        super().__init__(url, rate, workers=32)
        self.answers: Counter[int] = Counter()  # by status; 0: none

    def _do(self, session: requests.Session, number: int) -> None:
        try:
            status = session.get(self._url + USERS, params={"limit": 5}, timeout=10).status_code
        except requests.RequestException:
            status = 0
        self.answers[status] += 1

    @property
    def failed(self) -> int:
        return self.answers.total() - self.answers[200]
