"""Flow logs, as the tagging API names them."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Any

from moto.ec2.models import EC2Backend

from ...monkeypatch import wrap


def name_like_ec2(original: Any) -> Any:
    """AWS's ARNs and types say `vpc-flow-log` where moto says `flow-logs`."""

    def iter_tagged_resources(self: EC2Backend) -> Iterator[Any]:
        for found in original(self):
            if found.resource_type == "ec2:flow-logs":
                arn = found.arn.replace(":flow-logs/", ":vpc-flow-log/")
                found = dataclasses.replace(found, arn=arn, resource_type="ec2:vpc-flow-log")
            yield found

    return iter_tagged_resources


def install(_machines: bool = False) -> None:
    wrap(EC2Backend, "iter_tagged_resources", name_like_ec2)
