"""Invalidations: under way until the edge has forgotten what they name."""

from __future__ import annotations

from typing import Any

from moto.cloudfront.models import CloudFrontBackend, Invalidation

from ...monkeypatch import wrap
from .errors import refusal

UNDER_WAY, DONE = "InProgress", "Completed"
_machines = False


def begin_under_way(original: Any) -> Any:
    """moto says COMPLETED, which no client waits for."""

    def __init__(self: Invalidation, *arguments: Any, **more: Any) -> None:
        original(self, *arguments, **more)
        self.status = UNDER_WAY

    return __init__


def make_once(original: Any) -> Any:
    """A reference that is used again means the same invalidation, or a mistake. The newest is listed first."""

    def create_invalidation(self: CloudFrontBackend, dist_id: str, paths: list[str], caller_ref: str) -> Invalidation:
        for known in self.invalidations.get(dist_id, []):
            if known.caller_ref == caller_ref:
                if sorted(known.paths) == sorted(paths):
                    return known
                message = "Your request contains a caller reference that was used for a previous invalidation batch"
                raise refusal("InvalidArgument", f"{message} with other paths.")
        if wrong := [path for path in paths if not path.startswith("/")]:
            raise refusal("InvalidArgument", f"Your request contains one or more invalid invalidation paths: {wrong}.")
        made: Invalidation = original(self, dist_id, paths, caller_ref)
        listed = self.invalidations[dist_id]
        listed.insert(0, listed.pop())
        return made

    return create_invalidation


def complete_at_a_look(original: Any) -> Any:
    """Where no edge stands behind the API, an invalidation is done when somebody looks at it again."""

    def get_invalidation(self: CloudFrontBackend, dist_id: str, id: str) -> Invalidation:
        found: Invalidation = original(self, dist_id, id)
        if not _machines:
            found.status = DONE
        return found

    return get_invalidation


def pending(backend: CloudFrontBackend, distribution_id: str) -> list[Invalidation]:
    """Those of a distribution that the edge has still to do, the oldest first."""
    return [one for one in backend.invalidations.get(distribution_id, [])[::-1] if one.status == UNDER_WAY]


def install(machines: bool) -> None:
    global _machines
    _machines = machines
    wrap(Invalidation, "__init__", begin_under_way)
    wrap(CloudFrontBackend, "create_invalidation", make_once)
    wrap(CloudFrontBackend, "get_invalidation", complete_at_a_look)
