"""Functions on their VPCs' networks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from ... import backends
from ...ports import Port
from . import interfaces, pool


class Functions:
    """Plugs in the functions' network interfaces. What runs is begun by invocations, not by a controller."""

    workers = 1

    def ports(self) -> Iterator[Port]:
        for one in interfaces.all_interfaces():
            groups = tuple(group.id for group in one.group_set)
            yield Port(one.id, one.vpc_id, (str(one.private_ip_address),), groups, listens=False)

    def keys(self) -> Iterable[str]:
        return ()

    def reconcile(self, key: str) -> None:
        """Nothing is left to do once its port is plugged in."""

    def status(self) -> list[dict[str, Any]]:
        counts = pool.counts()
        rows = []
        for function in [one for backend in backends.regions("lambda") for one in backend.list_functions()]:
            warm, busy = counts.get(function.function_arn, (0, 0))
            row = {"resource": function.function_name, "kind": "function", "state": function.state}
            rows.append({**row, "behind": f"{warm} execution environments warm, {busy} at work"})
        return rows

    def close(self) -> None:
        """The ports are unplugged with their VPCs, the environments ended before."""
