"""What an instance type has, as moto's copy of AWS's own table says it."""

from __future__ import annotations

from moto.ec2.models.instance_types import INSTANCE_TYPES

from .cgroup import Limits


def limits(name: str) -> Limits:
    """Memory and processors of a type such as `t3.micro` or `db.t3.micro`; none for a type that is not in the table."""
    known = INSTANCE_TYPES.get(name.removeprefix("db."))
    if known is None:
        return Limits()
    return Limits(memory=known["MemoryInfo"]["SizeInMiB"] * 2**20, processors=known["VCpuInfo"]["DefaultVCpus"])
