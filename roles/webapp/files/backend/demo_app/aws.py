"""AWS clients. Credentials, region and any other endpoint are found by boto3 itself, in its usual places."""

from __future__ import annotations

import boto3
from botocore.config import Config

# No request of ours may hang: at worst 2 tries of 2 s to connect and 5 s without an answer.
_CONFIG = Config(
    connect_timeout=2,
    read_timeout=5,
    retries={"mode": "standard", "total_max_attempts": 2},
)


def client(service: str, region: str):
    """A client that many threads may share."""
    config = _CONFIG.merge(Config(signature_version="s3v4")) if service == "s3" else _CONFIG  # for presigned links
    return boto3.session.Session(region_name=region).client(service, config=config)
