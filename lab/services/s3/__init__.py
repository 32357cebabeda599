"""S3: buckets tell of what happens to their objects, and serve websites."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ... import backends, config
from . import buckets, signatures, subresources, versions, website
from . import names as object_names

after = ("lambda_", "sns")


def install(machines: bool) -> None:
    for part in (buckets, versions, object_names, subresources):
        part.install(machines)


def names() -> Iterator[tuple[str, str]]:
    for backend in backends.regions("s3"):
        for bucket in list(backend.buckets.values()):
            if bucket.website_configuration:
                for dash in ("-", "."):
                    yield f"{bucket.name}.s3-website{dash}{bucket.region_name}.amazonaws.com", config.HOST_ADDRESS


def refuse(environ: dict[str, Any]) -> Any:
    return signatures.refuse(environ)


def serve(environ: dict[str, Any]) -> Any:
    return website.serve_website if website.is_website(environ) else None
