"""The health checker: it stands on the internet and asks endpoints as AWS's own checkers do."""

from __future__ import annotations

import datetime
import http.client
import logging
import socket
import ssl
import threading
from collections.abc import Callable, Iterable
from typing import Any

from moto.route53.models import HealthCheck

from ... import config, lateness, netns, outside
from . import health_checks

log = logging.getLogger("lab.dns")
NAMESPACE = f"{config.PREFIX}route53"
_DEVICE = "t3route53"
_CONNECT, _ANSWER = 4.0, 2.0  # seconds that an endpoint has to be connected to, and then to answer
_PROBED = ("HTTP", "HTTPS", "TCP")


class Checker:
    """Keeps a thread for each health check that probes."""

    workers = 1

    def __init__(self, resolve: Callable[[str], list[str]], changed: Callable[[], None]) -> None:
        """
        :param resolve: the addresses of a name.
        :param changed: called when a check passes that failed, or the other way about.
        """
        self._resolve, self._changed = resolve, changed
        self._watches: dict[str, threading.Event] = {}

    def keys(self) -> Iterable[str]:
        return {check.id for _backend, check in health_checks.every() if check.type_ in _PROBED} | self._watches.keys()

    def reconcile(self, key: str) -> None:
        found = health_checks.find(key)
        if found is None:
            self._watches.pop(key).set()
        elif key not in self._watches:
            outside.ensure(NAMESPACE, _DEVICE, config.HEALTH_CHECKER_ADDRESS)
            stopped = self._watches[key] = threading.Event()
            threading.Thread(target=self._watch, args=(*found, stopped), name=f"check {key}", daemon=True).start()

    def status(self) -> list[dict[str, Any]]:
        rows = []
        for backend, check in health_checks.every():
            seen = health_checks.observation(backend, check)
            state = "healthy" if seen.healthy else "unhealthy"
            behind = seen.status or "nothing was asked yet"
            rows.append({"resource": check.id, "kind": "health check", "state": state, "behind": behind})
        return rows

    def close(self) -> None:
        for stopped in self._watches.values():
            stopped.set()
        netns.delete(NAMESPACE)

    def _watch(self, backend: Any, check: HealthCheck, stopped: threading.Event) -> None:
        try:
            netns.enter(NAMESPACE)
        except OSError:
            return  # the lab goes down
        seen = health_checks.observation(backend, check)
        while not stopped.is_set():
            before = seen.healthy
            good, seen.status = probe(check, self._resolve)
            seen.time = datetime.datetime.now(datetime.UTC)
            health_checks.take(seen, int(check.failure_threshold), good)
            if seen.healthy != before:
                log.info("health check %s: %s", check.id, seen.status)
                self._changed()
            stopped.wait(float(check.request_interval))


def probe(check: HealthCheck, resolve: Callable[[str], list[str]]) -> tuple[bool, str]:
    """Ask once: whether it passes, and AWS's sentence on it."""
    address = check.ip_address or next(iter(resolve(str(check.fqdn or ""))), None)
    if address is None:
        return False, f"Failure: DNS resolution failed: {check.fqdn} has no address"
    where = f"Resolved IP: {address}"
    factor = lateness.machine.factor()
    try:
        with socket.create_connection((address, int(check.port)), _CONNECT * factor) as link:
            if check.type_ == "TCP":
                return True, f"Success: TCP connection was opened. {where}"
            link.settimeout(_ANSWER * factor)
            status, reason = _answer(check, address, link)
    except TimeoutError:
        return False, f"Failure: Connection timed out. {where}"
    except (OSError, http.client.HTTPException) as error:
        return False, f"Failure: {error}. {where}"
    good = 200 <= status < 400
    return good, f"{'Success' if good else 'Failure'}: HTTP Status Code {status}, {reason}. {where}"


def _answer(check: HealthCheck, address: str, link: socket.socket) -> tuple[int, str]:
    name = str(check.fqdn or address)
    if check.type_ == "HTTPS":  # Route 53 does not verify certificates
        context = ssl._create_unverified_context()
        link = context.wrap_socket(link, server_hostname=name if health_checks.yes(check.enable_sni) else None)
    connection = http.client.HTTPConnection(name)
    connection.sock = link
    try:
        agent = "Amazon-Route53-Health-Check-Service"
        connection.request("GET", check.resource_path or "/", headers={"User-Agent": agent, "Connection": "close"})
        answer = connection.getresponse()
        return answer.status, answer.reason
    finally:
        connection.close()
