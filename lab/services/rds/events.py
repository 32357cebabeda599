"""RDS: what DescribeEvents tells of failovers, in AWS's words; moto knows of creations and backups alone."""

from __future__ import annotations

from typing import Any

from moto.rds.models import DBCluster, Event

from ...monkeypatch import wrap

_MESSAGES = {
    "RDS-EVENT-0006": ("availability", "DB instance restarted"),
    "RDS-EVENT-0013": ("failover", "Multi-AZ instance failover started."),
    "RDS-EVENT-0015": (
        "failover",
        "Multi-AZ failover to standby complete - DNS propagation may take a few minutes.",
    ),
    "RDS-EVENT-0024": ("configuration change", "Applying modification to convert to a Multi-AZ DB instance."),
    "RDS-EVENT-0025": ("configuration change", "Finished applying modification to convert to a Multi-AZ DB instance."),
    "RDS-EVENT-0029": (
        "configuration change",
        "Applying modification to convert to a standard (Single-AZ) DB instance.",
    ),
    "RDS-EVENT-0030": (
        "configuration change",
        "Finished applying modification to convert to a standard (Single-AZ) DB instance.",
    ),
    "RDS-EVENT-0034": (
        "failover",
        "Abandoning user requested failover since a failover recently occurred on the database instance.",
    ),
    "RDS-EVENT-0049": ("failover", "Multi-AZ instance failover completed"),
    "RDS-EVENT-0069": (
        "failover",
        "Cluster failover failed, check the health of your cluster instances and try again.",
    ),
    "RDS-EVENT-0071": ("failover", "Completed failover to DB instance: {name}"),
    "RDS-EVENT-0072": ("failover", "Started same AZ failover to DB instance: {name}"),
    "RDS-EVENT-0073": ("failover", "Started cross AZ failover to DB instance: {name}"),
}


def tell(resource: Any, *names: str, **values: str) -> None:
    """Note that something has happened to a database or a cluster."""
    for name in names:
        event = Event(name, resource)
        event.message = str(event.message).format(**values)
        resource.backend.events.append(event)


def install() -> None:
    known = {name: {"Categories": [kind], "Message": message} for name, (kind, message) in _MESSAGES.items()}
    wrap(DBCluster, "event_source_type", lambda _: "db-cluster")
    wrap(Event, "EVENT_MAP", lambda original: {**original, **known})
