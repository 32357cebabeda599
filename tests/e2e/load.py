"""A steady, bounded load: so many requests each second, whatever becomes of them, and what became of each."""

from __future__ import annotations

import dataclasses
import itertools
import json
import threading
import time
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Sequence
from typing import Any, Self

TIMEOUT = 10.0  # seconds; a request that takes longer has failed
VERSION = "X-App-Version"  # by which the application says what it is


@dataclasses.dataclass(frozen=True)
class Request:
    path: str
    body: dict[str, Any] | None = None  # given: a POST


@dataclasses.dataclass(frozen=True)
class Answer:
    """What became of one request; `status` is 0 where there was no answer."""

    begin: float  # time.monotonic()
    seconds: float
    status: int
    version: str
    error: str
    request: Request

    @property
    def failed(self) -> bool:
        return not 200 <= self.status < 300


class Load:
    """`with Load(url) as load: …`; each request on a connection of its own, as from many people.

    :param rate: requests each second; a late one is sent at once, so none is left out.
    :param workers: how many may be under way at the same time.
    """

    def __init__(
        self, url: str, rate: float = 20, workers: int = 8, requests: Sequence[Request] = (Request("/"),)
    ) -> None:
        self._url, self._rate, self._requests = url, rate, requests
        self._numbers, self._lock = itertools.count(), threading.Lock()
        self._stopped = threading.Event()
        self._threads = [threading.Thread(target=self._work, name=f"load {n}", daemon=True) for n in range(workers)]
        self.answers: list[Answer] = []

    def __enter__(self) -> Self:
        self._begin = time.monotonic()
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopped.set()
        for thread in self._threads:
            thread.join(2 * TIMEOUT)

    def since(self, moment: float = 0.0) -> list[Answer]:
        """The answers to what was sent at or after a moment of time.monotonic()."""
        return [answer for answer in list(self.answers) if answer.begin >= moment]

    def failed(self, moment: float = 0.0) -> list[Answer]:
        return [answer for answer in self.since(moment) if answer.failed]

    def versions(self, moment: float = 0.0) -> Counter[str]:
        """How many answers each version of the application gave."""
        return Counter(answer.version for answer in self.since(moment) if not answer.failed)

    def percentile(self, percent: float = 99, moment: float = 0.0, until: float = float("inf")) -> float:
        """Seconds within which so many in a hundred were answered."""
        took = sorted(answer.seconds for answer in self.since(moment) if answer.begin < until)
        return took[min(len(took) - 1, int(len(took) * percent / 100))] if took else 0.0

    def __str__(self) -> str:
        seen = ", ".join(f"{version or 'no version'} {count}" for version, count in sorted(self.versions().items()))
        return (
            f"{len(self.answers)} sent, {len(self.failed())} failed, p99 {self.percentile() * 1000:.0f} ms, "
            f"answered by {seen}"
        )

    def _work(self) -> None:
        while True:
            with self._lock:
                number = next(self._numbers)
            due = self._begin + number / self._rate
            if self._stopped.wait(max(0.0, due - time.monotonic())):
                return
            self.answers.append(self._send(self._requests[number % len(self._requests)]))

    def _send(self, request: Request) -> Answer:
        body = None if request.body is None else json.dumps(request.body).encode()
        wanted = urllib.request.Request(
            self._url + request.path, data=body, headers={"Content-Type": "application/json"} if body else {}
        )
        begin = time.monotonic()
        status, version, problem = 0, "", ""
        try:
            with urllib.request.urlopen(wanted, timeout=TIMEOUT) as answer:
                answer.read()
                status, version = answer.status, answer.headers.get(VERSION, "")
        except urllib.error.HTTPError as error:
            status, version, problem = error.code, error.headers.get(VERSION, ""), error.read(500).decode()
        except OSError as error:  # refused, reset, timed out
            problem = str(error)
        except Exception as error:  # noqa: BLE001 - http.client's: cut off in the middle of an answer
            problem = repr(error)
        return Answer(begin, time.monotonic() - begin, status, version, problem, request)
