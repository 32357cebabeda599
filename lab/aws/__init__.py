"""Where moto differs from AWS and a role, a module or the application would notice: one file for each service."""

from __future__ import annotations

import importlib

from .. import config
from . import backends  # noqa: F401  # sets what moto reads from the environment

_SERVICES = (
    "ec2",
    "addresses",
    "images",
    "gateways",
    "launch_templates",
    "rds",
    "rds_backups",
    "elbv2",
    "autoscaling",
    "standby",
    "awslambda",
    "sns",
    "s3",
    "dynamodb",
    "ssm",
    "cloudwatch",
    "durations",  # after those whose states it holds
)


def install(*, machines: bool, endpoint: str = config.ENDPOINT) -> None:
    """Mend moto, once.

    :param machines: whether controllers stand behind the API. Then what takes time on AWS (an instance's boot, a
        database's creation) stays in its transient state until a controller says that it is done.
    :param endpoint: URL at which functions and the links in mails find the API.
    """
    from . import awslambda, sns

    awslambda.endpoint = sns.endpoint = endpoint
    for name in _SERVICES:
        importlib.import_module(f"{__name__}.{name}").install(machines)


def publish_base_images() -> None:
    """The publishers' images, for an API without machines, whose controllers would know which they really have."""
    from . import images

    images.register_base_image("debian-12-amd64-20260101-0001")
    images.register_base_image("ubuntu/images/hvm-ssd-gp3/ubuntu-noble-24.04-amd64-server-20260101", images.UBUNTU)


def close() -> None:
    """End what the API's own services still have running: functions."""
    from . import awslambda

    awslambda.close()
