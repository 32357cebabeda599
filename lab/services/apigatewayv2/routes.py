"""Pure: which route of an HTTP API a request takes, and at what rate a route takes requests."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

DEFAULT = "$default"
_EXACT, _VARIABLE, _GREEDY = 2, 1, 0


@dataclass(frozen=True)
class Match:
    key: str
    parameters: dict[str, str] = field(default_factory=dict)


def choose(keys: Iterable[str], method: str, path: str) -> Match | None:
    """
    The route that a request takes: a whole match before a variable, that before a greedy one, ANY after a method.

    :param keys: such as "GET /users/{id}", "ANY /files/{path+}" or "$default".
    """
    found = [fit for key in keys if (fit := _fit(key, method, path))]
    return max(found, key=lambda fit: fit[0])[1] if found else None


def _fit(key: str, method: str, path: str) -> tuple[tuple[list[int], int], Match] | None:
    if key == DEFAULT:
        return ([], 0), Match(key)
    wanted, _, template = key.partition(" ")
    if wanted not in ("ANY", method):
        return None
    pattern, ranks = "", []
    for piece in template.strip("/").split("/"):
        name = piece[1:-1].rstrip("+") if piece.startswith("{") else ""
        greedy = piece.endswith("+}")
        ranks.append(_GREEDY if greedy else _VARIABLE if name else _EXACT)
        inner = f"(?P<{name}>.+)" if greedy else f"(?P<{name}>[^/]+)" if name else re.escape(piece)
        pattern += f"/{inner}"
    fits = re.fullmatch(pattern, path)
    return ((ranks, wanted != "ANY"), Match(key, fits.groupdict())) if fits else None


class Bucket:
    """Tokens, of which a request takes one: so many at once, and so many a second from then on."""

    def __init__(self, rate: float, burst: int, clock: Callable[[], float] = time.monotonic) -> None:
        self.limits = (rate, burst)
        self._clock, self._tokens, self._since = clock, float(burst), clock()

    def take(self) -> bool:
        """Whether there is one."""
        rate, burst = self.limits
        now = self._clock()
        self._tokens = min(float(burst), self._tokens + (now - self._since) * rate)
        self._since = now
        if self._tokens < 1:
            return False
        self._tokens -= 1
        return True
