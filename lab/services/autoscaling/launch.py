"""Launch one member of an Auto Scaling group as its launch template says, where it balances the zones."""

from __future__ import annotations

from collections import Counter
from typing import Any

from moto.autoscaling.models import ASG_NAME_TAG, FakeAutoScalingGroup, InstanceState

from ...monkeypatch import wrap
from . import store
from .groups import version_of


def choose_subnet(group: Any, members: list[Any]) -> Any:
    """A subnet in the zone with the fewest members; where they are equal, in the first zone by name.

    A group that names zones alone launches in their default subnets, as on AWS.
    """
    wanted = [subnet_id.strip() for subnet_id in (group.vpc_zone_identifier or "").split(",") if subnet_id.strip()]
    if not wanted:
        default = group.ec2_backend.get_default_subnets()
        wanted = [default[zone].id for zone in group.availability_zones]
    found = {subnet.id: subnet for subnet in group.ec2_backend.describe_subnets(subnet_ids=wanted)}
    zones = Counter(member.instance.placement.zone for member in members)
    return min(
        (found[subnet_id] for subnet_id in wanted),
        key=lambda subnet: (zones[subnet.availability_zone], subnet.availability_zone),
    )


def launch(group: Any, members: list[Any]) -> Any:
    """:return: the new member, lifecycle state Pending. AWS's errors (an image that is gone) come through."""
    version = version_of(group)
    data: dict[str, Any] = group.ec2_launch_template.get_version(version).data
    nic: dict[str, Any] = next(iter(data.get("NetworkInterfaces") or []), {})
    tags = {**_tags(data, "instance"), **group.get_propagated_tags(), ASG_NAME_TAG: group.name}
    more: dict[str, Any] = {}
    if data.get("BlockDeviceMappings"):
        more["block_device_mappings"] = data["BlockDeviceMappings"]
    if nic.get("AssociatePublicIpAddress") is not None:
        more["associate_public_ip"] = str(nic["AssociatePublicIpAddress"]).lower() == "true"
    else:
        more["associate_public_ip"] = None  # as the subnet says
    reservation = group.ec2_backend.run_instances(
        data.get("ImageId"),
        1,
        data.get("UserData"),
        list(data.get("SecurityGroups") or []),
        instance_type=data.get("InstanceType", "t3.micro"),
        is_instance_type_default=False,
        region_name=group.region,
        key_name=data.get("KeyName"),
        security_group_ids=list(data.get("SecurityGroupIds") or nic.get("Groups") or []),
        subnet_id=choose_subnet(group, members).id,
        metadata_options=data.get("MetadataOptions") or {},
        monitoring_state="enabled" if (data.get("Monitoring") or {}).get("Enabled") else "disabled",
        tags={"instance": tags, "volume": _tags(data, "volume")},
        launch_template={"LaunchTemplateId": group.ec2_launch_template.id, "Version": version},
        **more,
    )
    instance = reservation.instances[0]
    profile = data.get("IamInstanceProfile") or {}
    if profile:
        group.ec2_backend.associate_iam_instance_profile(
            instance_id=instance.id,
            iam_instance_profile_name=profile.get("Name"),
            iam_instance_profile_arn=profile.get("Arn"),
        )
    instance.autoscaling_group = group
    member = InstanceState(
        instance,
        "Pending",
        protected_from_scale_in=group.new_instances_protected_from_scale_in,
        autoscaling_group=group,
    )
    store.of_member(member).version = version
    group.instance_states.append(member)
    return member


def _tags(data: dict[str, Any], kind: str) -> dict[str, str]:
    specifications = data.get("TagSpecifications") or []
    return {t["Key"]: t["Value"] for s in specifications if s.get("ResourceType") == kind for t in s.get("Tags", [])}


def launch_as_the_controller_does(original: Any) -> Any:
    """moto launches all in one subnet, shows a zone at random, and takes the template's default version."""

    def replace_autoscaling_group_instances(self: FakeAutoScalingGroup, count_needed: int, *more: Any) -> None:
        if not self.ec2_launch_template:
            original(self, count_needed, *more)
            return
        for _ in range(count_needed):
            launch(self, self.instance_states).lifecycle_state = "InService"

    return replace_autoscaling_group_instances


def install(machines: bool) -> None:
    if not machines:
        wrap(FakeAutoScalingGroup, "replace_autoscaling_group_instances", launch_as_the_controller_does)
