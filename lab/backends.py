"""Moto's state of a service, in all regions that have been used."""

from __future__ import annotations

import os
from typing import Any

from moto.backends import get_backend

from . import config

# moto reads these when a region is first used
os.environ.setdefault("MOTO_EC2_LOAD_DEFAULT_AMIS", "false")
os.environ.setdefault("MOTO_IAM_LOAD_MANAGED_POLICIES", "true")


def backend(service: str, region: str = config.REGION) -> Any:
    """The state of one service in one region; global services (iam, s3) have the region "aws"."""
    accounts: Any = get_backend(service)  # type: ignore[call-overload]
    return accounts[config.ACCOUNT][region]


def regions(service: str) -> list[Any]:
    """The state of one service in each region where it has been used."""
    accounts: Any = get_backend(service)  # type: ignore[call-overload]
    return list(accounts[config.ACCOUNT].values())
