"""Faults on request: throttled or held calls, zones without room for instances, zones that are cut off."""

from __future__ import annotations

import dataclasses
import threading
from typing import Any
from urllib.parse import parse_qsl

from . import backends
from .errors import Answer, answer

_PATIENCE = 300  # seconds that a held call waits at most
_STATUS = {"ec2": "503 Service Unavailable", "s3": "503 Slow Down", "lambda": "429 Too Many Requests"}
zones_cut_off: set[str] = set()  # what stands there reaches nothing and is reached by nothing
_CODES = {"ec2": "RequestLimitExceeded", "s3": "SlowDown", "lambda": "TooManyRequestsException"}


@dataclasses.dataclass
class Wanted:
    """What PUT /lab/faults takes. Every value that is not given does nothing."""

    every: int = 0  # throttle every n-th call
    hold_after: int = 0  # let n calls through that change something, then let every call wait
    no_capacity: tuple[str, ...] = ()  # in these zones no instance can be launched
    cut_off: tuple[str, ...] = ()  # these zones have no network
    access_key: str = ""  # only the calls of this key; empty: everybody's

    def __post_init__(self) -> None:
        if self.every == 1:
            raise ValueError("every is 1: no call would ever get through")
        if self.every < 0 or self.hold_after < 0:
            raise ValueError("every and hold_after are counts, 0 for none")
        self.no_capacity, self.cut_off = tuple(self.no_capacity), tuple(self.cut_off)


class Faults:
    """Counts calls and says which of them fail. A held call is never done: who made it is dead when it ends."""

    def __init__(self) -> None:
        self._lock, self._released = threading.Lock(), threading.Event()
        self.set({})

    def set(self, wanted: dict[str, Any]) -> None:
        """Begin anew. ValueError or TypeError if it makes no sense."""
        wish = Wanted(**wanted)
        with self._lock:
            self._released.set()
            self._wanted, self._calls, self._writes, self._throttled, self._held = wish, 0, 0, 0, 0
            self._released = threading.Event()
            zones_cut_off.clear()
            zones_cut_off.update(wish.cut_off)

    def show(self) -> dict[str, Any]:
        seen = {"calls": self._calls, "writes": self._writes, "throttled": self._throttled, "held": self._held}
        return {**dataclasses.asdict(self._wanted), **seen}

    def meet(self, environ: dict[str, Any], service: str, writes: bool, access_key: str) -> Answer | None:
        """The answer to a call that is to fail, None to one that is to be done."""
        with self._lock:
            wanted, released = self._wanted, self._released
            if wanted.no_capacity and (zone := _launched_in(environ)) in wanted.no_capacity:
                return full(environ, zone)
            if wanted.access_key not in ("", access_key) or not (wanted.every or wanted.hold_after):
                return None
            self._calls += 1
            hold = bool(wanted.hold_after) and self._writes >= wanted.hold_after
            throttle = not hold and bool(wanted.every) and self._calls % wanted.every == 0
            self._held += hold
            self._throttled += throttle
            self._writes += writes and not hold and not throttle
        if hold:
            released.wait(_PATIENCE)
        return throttled(environ, service) if hold or throttle else None


def full(environ: dict[str, Any], zone: str) -> Answer:
    """EC2's error where it has no machine left; it counts as one of the server's own."""
    message = f"We currently do not have sufficient capacity in the Availability Zone you requested ({zone})."
    return answer(environ, "ec2", "500 Internal Server Error", "InsufficientInstanceCapacity", message)


def _launched_in(environ: dict[str, Any]) -> str:
    """The zone in which a call wants to launch an instance; empty for all other calls."""
    if environ.get("lab.call") != ("ec2", "RunInstances"):
        return ""
    asked = dict(parse_qsl(environ["wsgi.input"].getvalue().decode()))
    subnet = asked.get("NetworkInterface.1.SubnetId") or asked.get("SubnetId")
    zones = (found for ec2 in backends.regions("ec2") for found in ec2.subnets.items())
    return next((zone for zone, subnets in zones if subnet in subnets), "")


def throttled(environ: dict[str, Any], service: str) -> Answer:
    """The service's own error, in the protocol that was asked in."""
    if environ.get("HTTP_SMITHY_PROTOCOL") == "rpc-v2-cbor":
        code = "ThrottlingException"
    elif "HTTP_X_AMZ_TARGET" in environ:
        code = _CODES.get(service, "ThrottlingException")
    else:
        code = _CODES.get(service, "Throttling")
    return answer(environ, service, _STATUS.get(service, "400 Bad Request"), code, "Rate exceeded")
