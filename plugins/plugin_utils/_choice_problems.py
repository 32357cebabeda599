# -*- coding: utf-8 -*-
# Copyright: Contributors to threetier.aws
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
"""Pure: what is wrong with a deployment's choices, in sentences with the variable, its value and what it takes."""

from __future__ import annotations

import ipaddress
import re
from typing import Any

from ansible_collections.threetier.aws.plugins.module_utils import _network

OWN_TAGS = ("Name", "Stack", "Role", "Tier", "ManagedBy", "Region")
_LONGEST_BUCKET = "{stack}-frontend-s3-bucket-{suffix}"


def problems(choices: dict[str, Any], spec: dict[str, dict[str, Any]]) -> list[str]:
    """
    :param choices: the variables `threetier_*`, of the types that choices.yml asks for.
    :param spec: what choices.yml says of them.
    """
    found = [sentence for name in spec if name in choices for sentence in _shape(name, choices[name], spec[name])]
    if not choices["threetier_admin_cidrs"]:
        found.append(
            "threetier_admin_cidrs is empty: nobody could reach the bastion, and behind it the instances. Name the "
            "networks you come from, such as -e threetier_admin_cidrs=203.0.113.7/32."
        )
    return found + _networks(choices) + _firewall(choices) + _tags(choices) + _names(choices) + _certificate(choices)


def _shape(name: str, value: Any, choice: dict[str, Any]) -> list[str]:
    values = value if isinstance(value, list) else [value]
    pattern = choice.get("pattern")
    return [
        f'{name} is "{one}". Take {choice["takes"]}.'
        for one in values
        if pattern and not re.fullmatch(pattern, str(one))
    ]


def _networks(choices: dict[str, Any]) -> list[str]:
    region, zones = choices["threetier_region"], choices["threetier_availability_zones"]
    public, private, admins = (choices[f"threetier_{name}_cidrs"] for name in ("public", "private", "admin"))
    return [
        *(
            f'threetier_availability_zones names "{zone}". Take zones of threetier_region, {region}.'
            for zone in zones
            if not zone.startswith(region)
        ),
        *(
            f"threetier_egress_ports names {port}. Take ports from 1 to 65535."
            for port in choices["threetier_egress_ports"]
            if not 0 < int(port) < 65536
        ),
        *(
            f"threetier_availability_zones, threetier_vpc_cidr, threetier_public_cidrs, threetier_private_cidrs: {one}"
            for one in _network.problems(choices["threetier_vpc_cidr"], zones, public, private, [])
        ),
        *(
            f'threetier_admin_cidrs is "{cidr}". Take networks in CIDR notation, such as 203.0.113.7/32.'
            for cidr in admins
            if re.fullmatch(r"[\d./]+", cidr) and not _network.is_network(cidr)
        ),
    ]


def _firewall(choices: dict[str, Any]) -> list[str]:
    lists = ("threetier_waf_allowed_cidrs", "threetier_waf_blocked_cidrs")
    return [
        f'{name} has "{cidr}". Take networks in CIDR notation, such as 203.0.113.7/32 or 2001:db8::/32.'
        for name in lists
        for cidr in choices[name]
        if not _is_network(cidr)
    ]


def _is_network(cidr: Any) -> bool:
    """Of either version of IP, without bits behind its mask, and not all addresses there are."""
    try:
        return "/" in str(cidr) and ipaddress.ip_network(str(cidr)).prefixlen > 0
    except ValueError:
        return False


def _tags(choices: dict[str, Any]) -> list[str]:
    tags = choices["threetier_tags"]
    taken = [tag for tag in tags if tag in OWN_TAGS or str(tag).lower().startswith("aws:")]
    found = [f'threetier_tags has "{tag}", which is not yours to set. Take other names.' for tag in taken]
    for tag, value in tags.items():
        if not isinstance(tag, str) or not isinstance(value, str):
            found.append(
                f'threetier_tags has {tag}: {value}, which YAML reads as no text. Write it in quotes: "{value}".'
            )
    return found


def _names(choices: dict[str, Any]) -> list[str]:
    suffix = choices["threetier_bucket_suffix"] or "0" * 12  # an account's id
    bucket = _LONGEST_BUCKET.format(stack=choices["threetier_stack"], suffix=suffix)
    if len(bucket) <= 63:
        return []
    return [
        f'threetier_bucket_suffix is "{suffix}", which makes a bucket named {bucket}, of {len(bucket)} characters. '
        "Take one that keeps it within 63."
    ]


def _certificate(choices: dict[str, Any]) -> list[str]:
    certificate, name, domain = (choices[f"threetier_{one}"] for one in ("certificate_arn", "api_name", "domain"))
    found = []
    if certificate and not name and not domain:
        found.append(
            "threetier_certificate_arn is set and threetier_api_name is not: pages would call the load balancer's own "
            "name, for which no certificate can be issued, and browsers refuse that. Set threetier_api_name to the "
            "name that the certificate is for, and have it lead to the load balancer; or set threetier_domain."
        )
    if domain and name and not name.endswith(f".{domain}"):
        found.append(f'threetier_api_name is "{name}", which is not in threetier_domain, {domain}. Take api.{domain}.')
    if choices["threetier_cdn"] and not domain:
        found.append(
            "threetier_cdn is true and threetier_domain is empty: CloudFront would have no name to serve. "
            "Name the domain, such as -e threetier_domain=example.com."
        )
    return found
