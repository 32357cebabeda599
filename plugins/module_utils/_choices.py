# -*- coding: utf-8 -*-
# Copyright: Contributors to threetier.aws
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
"""Pure: what is wrong with a deployment's choices, in sentences with the variable, its value and what it takes."""

from __future__ import annotations

import difflib
import re

from ansible_collections.threetier.aws.plugins.module_utils import _network

OWN_TAGS = ("Name", "Stack", "Role", "Tier", "ManagedBy")
_LONGEST_BUCKET = "{stack}-frontend-s3-bucket-{suffix}"
# Variable: what each of its values must match, and what that is in words.
_SHAPES = {
    "threetier_stack": (
        r"(?=.{1,20}$)[a-z][a-z0-9]*(-[a-z0-9]+)*",
        "up to 20 small letters, digits and single hyphens, a letter first",
    ),
    "threetier_region": (r"[a-z]{2,}(-[a-z]+)+-\d", "a region such as us-east-1"),
    "threetier_admin_cidrs": (r"[\d./]+", "networks in CIDR notation, such as 203.0.113.7/32"),
    "threetier_instance_type": (r"[a-z][a-z0-9-]*\.[a-z0-9-]+", "an instance type such as t3.micro"),
    "threetier_bastion_instance_type": (r"[a-z][a-z0-9-]*\.[a-z0-9-]+", "an instance type such as t3.micro"),
    "threetier_database_class": (r"db\.[a-z0-9-]+\.[a-z0-9]+", "an instance class of RDS such as db.t4g.micro"),
    "threetier_notify_emails": (r"[^@\s]+@[^@\s]+\.[^@\s]+", "e-mail addresses"),
    "threetier_certificate_arn": (
        r"(arn:aws[a-z-]*:acm:[a-z0-9-]+:\d{12}:certificate/.+)?",
        "the ARN of a certificate in ACM, or nothing",
    ),
    "threetier_database_ca_bundle_url": (r"https?://\S+", "an address of http or https"),
    "threetier_bucket_suffix": (r"([a-z0-9]([a-z0-9-]*[a-z0-9])?)?", "small letters, digits and hyphens, or nothing"),
}


def problems(choices: dict) -> list[str]:
    """
    :param choices: the variables `threetier_*`, of the types that the playbooks' spec asks for.
    """
    found = []
    for name, (shape, words) in _SHAPES.items():
        values = choices[name] if isinstance(choices[name], list) else [choices[name]]
        found += [f'{name} is "{value}". Take {words}.' for value in values if not re.fullmatch(shape, str(value))]
    if not choices["threetier_admin_cidrs"]:
        found.append(
            "threetier_admin_cidrs is empty: nobody could reach the bastion, and behind it the instances. Name the "
            """networks you come from, such as -e '{"threetier_admin_cidrs": ["203.0.113.7/32"]}'."""
        )
    return found + _networks(choices) + _names(choices)


def _networks(choices: dict) -> list[str]:
    region, zones = choices["threetier_region"], choices["threetier_availability_zones"]
    networks = [choices[f"threetier_{name}_cidrs"] for name in ("public", "private", "admin")]
    return [
        *(
            f'threetier_availability_zones names "{zone}". Take zones of threetier_region, {region}.'
            for zone in zones
            if not zone.startswith(region)
        ),
        *(
            f"threetier_egress_ports names {port}. Take ports from 1 to 65535."
            for port in choices["threetier_egress_ports"]
            if not 0 < port < 65536
        ),
        *(
            f"threetier_availability_zones, threetier_vpc_cidr, threetier_public_cidrs, threetier_private_cidrs: {one}"
            for one in _network.problems(choices["threetier_vpc_cidr"], zones, *networks[:2], [])
        ),
        *(
            f'threetier_admin_cidrs is "{cidr}". Take networks in CIDR notation, such as 203.0.113.7/32.'
            for cidr in networks[2]
            if re.fullmatch(r"[\d./]+", cidr) and not _network.is_network(cidr)
        ),
    ]


def _names(choices: dict) -> list[str]:
    suffix = choices["threetier_bucket_suffix"] or "0" * 12  # an account's id
    bucket = _LONGEST_BUCKET.format(stack=choices["threetier_stack"], suffix=suffix)
    taken = [tag for tag in choices["threetier_tags"] if tag in OWN_TAGS or tag.lower().startswith("aws:")]
    found = [f'threetier_tags has "{tag}", which is not yours to set. Take other names.' for tag in taken]
    if len(bucket) > 63:
        found.append(
            f'threetier_bucket_suffix is "{suffix}", which makes a bucket named {bucket}, of {len(bucket)} characters. '
            "Take one that keeps it within 63."
        )
    return found


def options_of_roles(specs: list[dict]) -> dict:
    """The options of all entry points, none of them required: what is not given comes from a role or from another."""
    entries = [entry for spec in specs for entry in spec["argument_specs"].values()]
    options = {name: option for entry in entries for name, option in entry.get("options", {}).items()}
    return {
        name: {key: value for key, value in option.items() if key not in ("required", "default")}
        for name, option in options.items()
    }


def misspelt(given: list[str], known: list[str]) -> list[str]:
    """Names that nobody knows and that are all but one that somebody does; others may be the deployment's own."""
    near = {name: difflib.get_close_matches(name, known, 1, 0.9) for name in set(given) - set(known)}
    return [f"Nothing is named {name}. Is {match[0]} meant?" for name, match in sorted(near.items()) if match]
