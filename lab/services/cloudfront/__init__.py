"""CloudFront: a distribution takes its time to be deployed."""

from __future__ import annotations

from moto.cloudfront.models import Distribution

from ...transient_states import always, hold


def install(_machines: bool) -> None:
    hold(Distribution, "status", ("Deployed", "InProgress", always("distribution")))
