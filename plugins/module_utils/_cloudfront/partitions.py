# -*- coding: utf-8 -*-
# Copyright: Contributors to threetier.aws
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
"""Pure: where CloudFront is, partition by partition. Private to this collection."""

from __future__ import annotations

# The region that has CloudFront's certificates and web ACLs, and the hosted zone of all its distributions' names, which
# AWS's reference of Elastic Load Balancing and Route 53 endpoints gives.
_REGIONS = {"aws": "us-east-1", "aws-cn": "cn-northwest-1"}
_HOSTED_ZONES = {"aws": "Z2FDTNDATAQYW2", "aws-cn": "Z3RFFRIM2A3IF5"}
_WITHOUT = ("us-gov-", "us-iso", "eu-isoe-")


def home(region: str) -> str:
    """The region of CloudFront's certificates and web ACLs for stacks of a region; empty if it has no CloudFront."""
    if region.startswith(_WITHOUT):
        return ""
    return _REGIONS["aws-cn" if region.startswith("cn-") else "aws"]


def hosted_zone(arn: str) -> str:
    """The hosted zone of the names of CloudFront in the partition of an ARN; empty where there is none."""
    return _HOSTED_ZONES.get(arn.split(":")[1], "")
