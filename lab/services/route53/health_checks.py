"""Health checks: what the API and the name servers say of them."""

from __future__ import annotations

from typing import Any

from moto.core.responses import ActionResult
from moto.route53.models import HealthCheck
from moto.route53.responses import Route53

from ... import backends
from ...monkeypatch import wrap
from .store import Observation, stores

_CHECKER = {"Region": "us-east-1", "IPAddress": "15.177.2.1"}  # one stands for all of AWS's


def every() -> list[tuple[Any, HealthCheck]]:
    """Each health check, with the backend that has it."""
    return [(backend, one) for backend in backends.regions("route53") for one in list(backend.health_checks.values())]


def find(check_id: str) -> tuple[Any, HealthCheck] | None:
    """A health check, with the backend that has it."""
    return next((found for found in every() if found[1].id == check_id), None)


def observation(backend: Any, check: HealthCheck) -> Observation:
    return stores.of(backend).observations[check]


def passes(check_id: str) -> bool:
    """Whether the records of a health check are answered. Those of one that is gone are."""
    found = find(check_id)
    return found is None or yes(found[1].disabled) or observation(*found).healthy != yes(found[1].inverted)


def take(seen: Observation, threshold: int, good: bool) -> None:
    """Count an answer: as many in a row as the threshold says turn the state."""
    seen.in_a_row = 0 if good == seen.healthy else seen.in_a_row + 1
    if seen.in_a_row >= threshold:
        seen.healthy, seen.in_a_row = good, 0


def report_what_was_seen(_original: Any) -> Any:
    """moto answers that all is well, whatever the check."""

    def get_health_check_status(self: Route53) -> ActionResult:
        check = self.backend.get_health_check(self._get_param("HealthCheckId"))
        seen = observation(self.backend, check)
        report = {"Status": seen.status, "CheckedTime": seen.time}
        return ActionResult({"HealthCheckObservations": [_CHECKER | {"StatusReport": report}] if seen.time else []})

    return get_health_check_status


def name_the_host_to_https(original: Any) -> Any:
    """moto leaves the name out of the TLS handshake unless it is asked for; AWS sends it by default."""

    def init(self: HealthCheck, health_check_id: str, caller_reference: str, arguments: dict[str, Any]) -> None:
        given = arguments.get("enable_sni")
        sni = str(arguments.get("type")).startswith("HTTPS") if given is None else given
        original(self, health_check_id, caller_reference, {**arguments, "enable_sni": sni})

    return init


def yes(value: Any) -> bool:
    """A truth, which moto keeps as it came."""
    return str(value).lower() == "true"


def install() -> None:
    wrap(HealthCheck, "__init__", name_the_host_to_https)
    wrap(Route53, "get_health_check_status", report_what_was_seen)
