# -*- coding: utf-8 -*-
# Copyright: Contributors to threetier.aws
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
"""What an account and a region have room for. Private to this collection."""

from __future__ import annotations

import re
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Any
from typing import Callable
from typing import Iterator

from ansible_collections.amazon.aws.plugins.module_utils.exceptions import AnsibleAWSError

from ansible_collections.threetier.aws.plugins.module_utils import _calls
from ansible_collections.threetier.aws.plugins.module_utils import _errors
from ansible_collections.threetier.aws.plugins.module_utils._s3 import account

Clients = dict[str, Any]  # by service
Needs = dict[str, Any]  # what a run would make: the options of account_limit_info
Check = Callable[[], str]  # a sentence if there is no room

# The families that share the quota of "Standard" instances: what stands before the number in t3.micro.
_STANDARD = {"a", "c", "d", "h", "i", "im", "is", "m", "r", "t", "z"}


@dataclass(frozen=True)
class Quota:
    """A quota of Service Quotas, and what makes room under it."""

    service: str
    code: str
    counts: str  # what it is a number of
    remedy: str


VPCS = Quota("vpc", "L-F678F1CE", "VPCs", "delete a VPC that nobody needs")
ELASTIC_IPS = Quota("ec2", "L-0263D0A3", "Elastic IP addresses", "release an address that nobody needs")
NAT_GATEWAYS = Quota("vpc", "L-FE5A380F", "NAT gateways", "delete a NAT gateway that nobody needs")
VCPUS = Quota(
    "ec2",
    "L-1216C47A",
    "vCPUs of On-Demand instances of the families A, C, D, H, I, M, R, T and Z",
    "stop instances that nobody needs, or choose a smaller type",
)


def problems(clients: Clients, region: str, account_id: str, needs: Needs) -> tuple[list[str], list[str]]:
    """Sentences about what there is no room for, and about what AWS does not tell. All is asked side by side."""
    checks = list(_checks(clients, region, account_id, needs))
    with ThreadPoolExecutor(max_workers=max(1, len(checks))) as pool:
        said = list(pool.map(_ask, checks))
    return [problem for problem, _unknown in said if problem], sorted(
        {unknown for _problem, unknown in said if unknown}
    )


def _ask(check: Check) -> tuple[str, str]:
    """The check's sentence, or else why it could not be made: what cannot be asked stops nobody."""
    try:
        return check(), ""
    except AnsibleAWSError as error:
        return "", _errors.described(error)


def _checks(clients: Clients, region: str, account_id: str, needs: Needs) -> Iterator[Check]:
    ec2, quotas = clients["ec2"], clients["service-quotas"]

    def room(quota: Quota, where: str, needed: int, used: Callable[[], list[Any]]) -> Check:
        return lambda: sentence(quota, where, needed, len(used()), value(quotas, quota))

    if needs["vpcs"]:
        yield room(VPCS, region, needs["vpcs"], partial(_vpcs, ec2))
    if needs["elastic_ips"]:
        yield room(ELASTIC_IPS, region, needs["elastic_ips"], partial(_addresses, ec2))
    zones: Counter[str] = Counter(needs["nat_gateways"])
    for zone, count in zones.items():
        yield room(NAT_GATEWAYS, zone, count, partial(_nat_gateways, ec2, zone))
    wanted = [one for one in needs["instance_types"] if is_standard(one)]
    if wanted:
        yield lambda: _vcpus(ec2, quotas, region, wanted)
    if needs["public_buckets"]:
        yield lambda: _public_access(clients["s3control"], account_id, needs["public_buckets"])


def sentence(quota: Quota, where: str, needed: int, used: int, limit: int) -> str:
    """What is said if there is no room; nothing if there is."""
    if used + needed <= limit:
        return ""
    return (
        f"{quota.counts}: {used} of {limit} are in use in {where}, and this run needs {needed} more. Ask AWS for a "
        f"higher quota (Service Quotas, {quota.service}, {quota.code}), or {quota.remedy}."
    )


def public_buckets(buckets: list[str], block: dict[str, bool]) -> str:
    """What is said if the account's block of public access keeps buckets from being public."""
    shut = [name for name in ("BlockPublicPolicy", "RestrictPublicBuckets") if block.get(name)]
    if not shut:
        return ""
    return (
        f"The account blocks public access to all of its buckets ({', '.join(shut)}), and {', '.join(buckets)} has to "
        "be public. Take that block from the account (aws s3control put-public-access-block), or use another account."
    )


def _public_access(s3control: Any, account_id: str, buckets: list[str]) -> str:
    return public_buckets(buckets, account.public_access_block(s3control, account_id))


def is_standard(instance_type: str) -> bool:
    """Whether instances of the type count under the quota VCPUS."""
    family = re.match(r"[a-z]+", instance_type)
    return family is not None and family[0] in _STANDARD


def _vcpus(ec2: Any, quotas: Any, region: str, wanted: list[str]) -> str:
    used = [one for one in _running_types(ec2) if is_standard(one)]
    each = _vcpus_of_types(ec2, sorted({*wanted, *used}))
    needed, there = (sum(each.get(one, 0) for one in types) for types in (wanted, used))
    return sentence(VCPUS, region, needed, there, value(quotas, VCPUS))


def value(client: Any, quota: Quota) -> int:
    """The quota that holds for the account; AWS's default if AWS has written down none of its own."""
    found = _applied(client, quota.service, quota.code) or _default(client, quota.service, quota.code)
    return int(found["Value"])


@_calls.read("read the quota", {}, missing=["NoSuchResourceException"])
def _applied(client: Any, service: str, code: str) -> dict[str, Any]:
    return dict(client.get_service_quota(ServiceCode=service, QuotaCode=code)["Quota"])


@_calls.call("read the default of the quota")
def _default(client: Any, service: str, code: str) -> dict[str, Any]:
    return dict(client.get_aws_default_service_quota(ServiceCode=service, QuotaCode=code)["Quota"])


@_calls.call("list the VPCs")
def _vpcs(client: Any) -> list[Any]:
    return list(client.get_paginator("describe_vpcs").paginate().search("Vpcs[].VpcId"))


@_calls.call("list the Elastic IP addresses")
def _addresses(client: Any) -> list[Any]:
    return list(client.describe_addresses()["Addresses"])


@_calls.call("list the NAT gateways")
def _nat_gateways(client: Any, zone: str) -> list[Any]:
    """Those of the zone; one that is being deleted counts until it is gone."""
    states = [{"Name": "state", "Values": ["pending", "available", "deleting"]}]
    zones = [{"Name": "availability-zone", "Values": [zone]}]
    gateways = client.get_paginator("describe_nat_gateways").paginate(Filters=states).search("NatGateways[]")
    subnets = {*client.get_paginator("describe_subnets").paginate(Filters=zones).search("Subnets[].SubnetId")}
    return [one for one in gateways if one["SubnetId"] in subnets]


@_calls.call("list the instances that run")
def _running_types(client: Any) -> list[str]:
    """The type of each On-Demand instance that counts."""
    states = [{"Name": "instance-state-name", "Values": ["pending", "running"]}]
    pages = client.get_paginator("describe_instances").paginate(Filters=states)
    return [
        one["InstanceType"]
        for one in pages.search("Reservations[].Instances[]")
        if one.get("InstanceLifecycle") is None
    ]


@_calls.call("look at the instance types")
def _vcpus_of_types(client: Any, types: list[str]) -> dict[str, int]:
    pages = client.get_paginator("describe_instance_types").paginate(
        Filters=[{"Name": "instance-type", "Values": types}]
    )
    return {one["InstanceType"]: one["VCpuInfo"]["DefaultVCpus"] for one in pages.search("InstanceTypes[]")}
