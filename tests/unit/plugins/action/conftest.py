"""Playbooks by the warm connection and by the stock way, as for the tests of the connection."""

from tests.unit.plugins.connection.conftest import (
    account,
    collections,
    command,
    endpoints,
    run,
    settings,
)

__all__ = ["account", "collections", "command", "endpoints", "run", "settings"]
