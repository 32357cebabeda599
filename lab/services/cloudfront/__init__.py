"""CloudFront: distributions keep all that they are told, and a real caching proxy stands behind them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ... import config
from . import distributions, invalidations, origin, origin_access_controls, policies


def install(machines: bool) -> None:
    distributions.install(machines)
    invalidations.install(machines)
    origin_access_controls.install()
    policies.install()


def controllers(lab: Any) -> list[Any]:
    from ..route53.controller import addresses_of
    from .controller import Edge

    return [Edge(addresses_of, lab.wake)]


def names() -> Iterator[tuple[str, str]]:
    """A distribution's own name. Its aliases are the business of who has the zone."""
    for _, one in distributions.every():
        if distributions.config_of(one)["Enabled"]:
            yield one.domain_name, config.EDGE_ADDRESS


def serve(environ: dict[str, Any]) -> Any:
    return origin.serve if origin.is_asked_by_edge(environ) else None
