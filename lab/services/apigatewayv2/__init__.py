"""API Gateway: HTTP APIs answer at their own names and at custom domain names, by functions of Lambda."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ... import config
from . import apis, domain_names, gateway

after = ("lambda_",)


def install(_machines: bool) -> None:
    apis.install()
    domain_names.install()


def controllers(_lab: Any) -> list[Any]:
    from .controller import Gateways

    return [Gateways()]


def names() -> Iterator[tuple[str, str]]:
    """An API's own name, and the name that AWS gives a custom domain name. That one itself is its zone's business."""
    for api in apis.every():
        yield apis.host_of(api), config.API_GATEWAY_ADDRESS
    for domain in domain_names.every():
        yield domain_names.target_of(domain), config.API_GATEWAY_ADDRESS


def serve(environ: dict[str, Any]) -> Any:
    return gateway.serve if gateway.find_endpoint(environ) else None
