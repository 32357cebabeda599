"""SNS: mail is confirmed and arrives; deliveries do not hold up the publisher."""

from __future__ import annotations

from typing import Any

from . import confirmation, topics

after = ("lambda_",)


def install(machines: bool) -> None:
    topics.install(machines)


def serve(environ: dict[str, Any]) -> Any:
    return confirmation.serve if confirmation.is_link(environ) else None
