"""Queues: what a call does not name of a queue's attributes stays as it is."""

from __future__ import annotations

from typing import Any

from moto.sqs.models import Queue

from ...monkeypatch import wrap


def keep_the_policy(original: Any) -> Any:
    """moto takes a queue's policy away whenever another attribute is set."""

    def set_attributes(self: Any, attributes: dict[str, Any], *args: Any, **kwargs: Any) -> None:
        policy = getattr(self, "policy", None)
        original(self, attributes, *args, **kwargs)
        if "Policy" not in attributes:
            self.policy = policy

    return set_attributes


def install(_machines: bool) -> None:
    wrap(Queue, "_set_attributes", keep_the_policy)
