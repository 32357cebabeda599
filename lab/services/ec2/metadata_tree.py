"""What the metadata service tells an instance about itself, as a tree: branches are dicts, leaves are strings."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

Tree = dict[str, Any]


@dataclass(frozen=True)
class Lazy:
    """A leaf that is only made when it is asked for."""

    make: Callable[[], str]


def meta_data(instance: Any, role: tuple[Any, Callable[[], str]] | None) -> Tree:
    """:param role: the instance profile and a function that returns its credentials as JSON."""
    address, public = instance.private_ip_address, instance.public_ip
    zone = instance.placement.zone
    mac = instance.nics[0].mac_address
    tree: Tree = {
        "ami-id": instance.image_id,
        "ami-launch-index": str(instance.ami_launch_index),
        "ami-manifest-path": "(unknown)",
        "block-device-mapping": {"ami": instance.root_device_name, "root": instance.root_device_name},
        "hostname": instance.private_dns_name,
        "instance-action": "none",
        "instance-id": instance.id,
        "instance-life-cycle": "on-demand",
        "instance-type": instance.instance_type,
        "local-hostname": instance.private_dns_name,
        "local-ipv4": address,
        "mac": mac,
        "network": {"interfaces": {"macs": _interfaces(instance)}},
        "placement": {
            "availability-zone": zone,
            "availability-zone-id": _zone_id(instance),
            "region": instance.ec2_backend.region_name,
        },
        "profile": "default-hvm",
        "reservation-id": _reservation(instance),
        "security-groups": "\n".join(sorted(group.name for group in instance.nics[0].group_set)),
        "services": {"domain": _domain(instance), "partition": instance.ec2_backend.partition},
    }
    if public:
        tree |= {"public-hostname": instance.public_dns_name, "public-ipv4": public}
    key = instance.ec2_backend.key_pairs.get(instance.key_name)
    if key and key.material_public:
        text = key.material_public
        tree["public-keys"] = {"0": {"openssh-key": text.decode() if isinstance(text, bytes) else text}}
    if role:
        profile, credentials = role
        info = {"Code": "Success", "InstanceProfileArn": profile.arn, "InstanceProfileId": profile.id}
        tree["iam"] = {
            "info": json.dumps(info, indent=2),
            "security-credentials": {profile.roles[0].name: Lazy(credentials)},
        }
    if instance.metadata_options.instance_metadata_tags == "enabled":
        tree["tags"] = {"instance": {tag["key"]: tag["value"] for tag in instance.get_tags()}}
    return tree


def dynamic(instance: Any) -> Tree:
    document = {
        "accountId": instance.ec2_backend.account_id,
        "architecture": instance.architecture,
        "availabilityZone": instance.placement.zone,
        "imageId": instance.image_id,
        "instanceId": instance.id,
        "instanceType": instance.instance_type,
        "pendingTime": f"{instance.launch_time:%Y-%m-%dT%H:%M:%SZ}",
        "privateIp": instance.private_ip_address,
        "region": instance.ec2_backend.region_name,
        "version": "2017-09-30",
    }
    return {"instance-identity": {"document": json.dumps(document, indent=2)}}


def _interfaces(instance: Any) -> Tree:
    return {nic.mac_address: _interface(instance, nic) for nic in list(instance.nics.values())}


def _interface(instance: Any, nic: Any) -> Tree:
    vpc = instance.ec2_backend.get_vpc(nic.subnet.vpc_id)
    tree = {
        "device-number": str(nic.device_index),
        "interface-id": nic.id,
        "local-hostname": instance.private_dns_name,
        "local-ipv4s": nic.private_ip_address,
        "mac": nic.mac_address,
        "owner-id": instance.ec2_backend.account_id,
        "security-group-ids": "\n".join(sorted(group.id for group in nic.group_set)),
        "security-groups": "\n".join(sorted(group.name for group in nic.group_set)),
        "subnet-id": nic.subnet.id,
        "subnet-ipv4-cidr-block": nic.subnet.cidr_block,
        "vpc-id": nic.subnet.vpc_id,
        "vpc-ipv4-cidr-block": vpc.cidr_block,
        "vpc-ipv4-cidr-blocks": vpc.cidr_block,
    }
    if nic.public_ip:
        tree |= {"public-hostname": instance.public_dns_name, "public-ipv4s": nic.public_ip}
        return {**tree, "ipv4-associations": {nic.public_ip: nic.private_ip_address}}
    return tree


def _domain(instance: Any) -> str:
    return "amazonaws.com.cn" if instance.ec2_backend.partition == "aws-cn" else "amazonaws.com"


def _zone_id(instance: Any) -> str:
    subnet = instance.nics[0].subnet
    return str(getattr(subnet, "availability_zone_id", "") or "")


def _reservation(instance: Any) -> str:
    reservations = list(instance.ec2_backend.reservations.values())
    return next((found.id for found in reservations if instance in found.instances), "")
