"""Moto's state of a service, in all accounts and regions that have been used."""

from __future__ import annotations

import functools
import os
from typing import Any

from boto3 import Session
from moto.backends import get_backend
from moto.utilities.utils import get_partition

from . import config

# moto reads these when a region is first used
os.environ.setdefault("MOTO_EC2_LOAD_DEFAULT_AMIS", "false")
os.environ.setdefault("MOTO_IAM_LOAD_MANAGED_POLICIES", "true")


def backend(service: str, region: str, account: str = config.ACCOUNT) -> Any:
    """The state of one service in one region."""
    accounts: Any = get_backend(service)  # type: ignore[call-overload]
    return accounts[account][region]


def worldwide(service: str, region: str = "us-east-1", account: str = config.ACCOUNT) -> Any:
    """The state of a service that knows no regions (iam, sts, s3), in the partition that a region belongs to."""
    return backend(service, get_partition(region), account)


def regions(service: str) -> list[Any]:
    """The state of one service in each account and region where it has been used."""
    accounts: Any = get_backend(service)  # type: ignore[call-overload]
    return [found for account in list(accounts.values()) for found in list(account.values())]


@functools.cache
def known_regions() -> frozenset[str]:
    """All regions that AWS has, as far as boto3 knows, whatever their partition."""
    session = Session(region_name="us-east-1")
    partitions = session.get_available_partitions()
    return frozenset(one for part in partitions for one in session.get_available_regions("ec2", part))
