"""CloudFront: distributions keep all that they are told, and a real caching proxy stands behind them."""

from __future__ import annotations

from . import distributions, invalidations, origin_access_controls, policies


def install(machines: bool) -> None:
    distributions.install(machines)
    invalidations.install(machines)
    origin_access_controls.install()
    policies.install()
