"""Health checks of target groups, made from where the load balancer stands, with the group's own thresholds."""

from __future__ import annotations

import http.client
import socket
import ssl
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ... import lateness
from ...lateness import Lateness
from .load_balancers import HEALTHY
from .store import Seen


@dataclass(frozen=True)
class Check:
    """What to ask a target, how often, and how many answers in a row decide."""

    protocol: str
    address: str
    port: int
    path: str
    interval: float
    timeout: float
    healthy: int
    unhealthy: int
    codes: str
    source: str = ""  # the address to ask from; empty: whichever the kernel takes

    @classmethod
    def of(cls, group: Any, target: dict[str, Any], address: str, source: str) -> Check:
        port = group.health_check_port
        return cls(
            protocol=group.health_check_protocol or "HTTP",
            address=address,
            port=int(target["Port"] if port in (None, "traffic-port") else port),
            path=group.health_check_path or "/",
            interval=float(group.health_check_interval_seconds),
            timeout=float(group.health_check_timeout_seconds),
            healthy=int(group.healthy_threshold_count),
            unhealthy=int(group.unhealthy_threshold_count),
            codes=str((getattr(group, "matcher", None) or {}).get("HttpCode") or "200"),
            source=source,
        )


def matches(status: int, codes: str) -> bool:
    """Whether a status is among such codes as `200,204` or `200-399`."""
    for part in codes.split(","):
        first, _, last = part.strip().partition("-")
        if int(first) <= status <= int(last or first):
            return True
    return False


def probe(check: Check, lateness: Lateness = lateness.machine) -> Seen | None:
    """Ask once. None if there was no answer, though the machine's lateness left the target no time for one."""
    begin, timeout = lateness.clock(), check.timeout * lateness.factor()
    source = (check.source, 0) if check.source else None
    try:
        if check.protocol not in ("HTTP", "HTTPS"):
            socket.create_connection((check.address, check.port), timeout, source).close()
            return HEALTHY
        connection: http.client.HTTPConnection
        if check.protocol == "HTTPS":  # a balancer does not verify its targets' certificates
            context = ssl._create_unverified_context()
            connection = http.client.HTTPSConnection(
                check.address, check.port, timeout=timeout, source_address=source, context=context
            )
        else:
            connection = http.client.HTTPConnection(check.address, check.port, timeout=timeout, source_address=source)
        try:
            connection.request(
                "GET", check.path, headers={"User-Agent": "ELB-HealthChecker/2.0", "Connection": "close"}
            )
            status = connection.getresponse().status
        finally:
            connection.close()
    except TimeoutError:
        if lateness.clock() - begin < check.timeout * 0.9:
            return None
        return "unhealthy", "Target.Timeout", "Request timed out"
    except (OSError, http.client.HTTPException):
        return "unhealthy", "Target.FailedHealthChecks", "Health checks failed"
    if matches(status, check.codes):
        return HEALTHY
    return "unhealthy", "Target.ResponseCodeMismatch", f"Health checks failed with these codes: [{status}]"


class Tally:
    """Turns single answers into a state: a new target needs one good answer, an old one its threshold."""

    def __init__(self) -> None:
        self.state: Seen = ("initial", "Elb.InitialHealthChecking", "Initial health checks in progress")
        self._good = self._bad = 0

    def take(self, seen: Seen, check: Check) -> Seen:
        if seen[0] == "healthy":
            self._good, self._bad = self._good + 1, 0
            if self.state[0] == "initial" or self._good >= check.healthy:
                self.state = HEALTHY
        else:
            self._good, self._bad = 0, self._bad + 1
            if self._bad >= check.unhealthy:
                self.state = seen
        return self.state


class Watch:
    """Checks one target, in a thread that stands in the balancer's namespace."""

    def __init__(self, check: Check, enter: Callable[[], None], report: Callable[[Seen], None]) -> None:
        """
        :param enter: moves the thread to where the balancer is.
        :param report: called with the state after each answer.
        """
        self.check = check
        self._enter, self._report = enter, report
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._work, name=f"check {check.address}:{check.port}", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._stopped.set()

    def _work(self) -> None:
        try:
            self._enter()
        except OSError:
            return  # the balancer has gone
        tally = Tally()
        while not self._stopped.is_set():
            seen = probe(self.check)
            if seen and not self._stopped.is_set():
                self._report(tally.take(seen, self.check))
            self._stopped.wait(self.check.interval)
