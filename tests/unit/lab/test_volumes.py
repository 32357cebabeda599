"""Volumes of instances and images: one root volume, encrypted if anybody asked for it, and metadata options kept."""

from __future__ import annotations

from typing import Any

import pytest

from lab.services.ec2.volumes import merged

ROOT = "/dev/xvda"
ENCRYPTED = [{"DeviceName": ROOT, "Ebs": {"VolumeSize": 12, "Encrypted": True}}]
OPTIONS = {"HttpTokens": "required", "HttpPutResponseHopLimit": 2, "InstanceMetadataTags": "enabled"}


def volumes(ec2: Any, instance_id: str) -> list[dict[str, Any]]:
    wanted = [{"Name": "attachment.instance-id", "Values": [instance_id]}]
    return sorted(ec2.describe_volumes(Filters=wanted)["Volumes"], key=lambda found: found["Attachments"][0]["Device"])


def launch(ec2: Any, **more: Any) -> str:
    return str(ec2.run_instances(MinCount=1, MaxCount=1, **more)["Instances"][0]["InstanceId"])


def test_a_later_level_says_what_an_earlier_one_did_not() -> None:
    image = [{"DeviceName": "a", "Ebs": {"VolumeSize": 8, "SnapshotId": "snap-1", "DeleteOnTermination": True}}]
    template = [{"DeviceName": "a", "Ebs": {"VolumeSize": 20}}, {"DeviceName": "b", "Ebs": {"VolumeSize": 1}}]
    asked = [{"DeviceName": "b", "NoDevice": ""}, {"DeviceName": "a", "Ebs": {"Encrypted": "true"}}]
    ebs = {"VolumeSize": 20, "SnapshotId": "snap-1", "DeleteOnTermination": True, "Encrypted": True}
    assert merged(image, template, asked) == [{"DeviceName": "a", "Ebs": ebs}]


@pytest.fixture
def ec2(api: None, client: Any) -> Any:
    return client("ec2")


def test_an_instance_has_its_images_root_volume_and_no_other(ec2: Any, image: str) -> None:
    instance = launch(ec2, ImageId=image)
    (found,) = volumes(ec2, instance)
    assert (found["Attachments"][0]["Device"], found["Size"], found["Encrypted"]) == (ROOT, 8, False)
    ec2.terminate_instances(InstanceIds=[instance])
    assert not ec2.describe_volumes()["Volumes"]


def test_an_image_keeps_the_encryption_of_every_volume(ec2: Any, image: str) -> None:
    more = [*ENCRYPTED, {"DeviceName": "/dev/xvdb", "Ebs": {"VolumeSize": 3}}]
    instance = launch(ec2, ImageId=image, BlockDeviceMappings=more)
    made = ec2.create_image(InstanceId=instance, Name="frozen")["ImageId"]
    shown = {
        one["DeviceName"]: one["Ebs"]
        for one in ec2.describe_images(ImageIds=[made])["Images"][0]["BlockDeviceMappings"]
    }
    assert {name: (ebs["VolumeSize"], ebs["Encrypted"]) for name, ebs in shown.items()} == {
        ROOT: (12, True),
        "/dev/xvdb": (3, False),
    }
    snapshots = ec2.describe_snapshots(SnapshotIds=[ebs["SnapshotId"] for ebs in shown.values()])["Snapshots"]
    assert sorted((found["VolumeSize"], found["Encrypted"]) for found in snapshots) == [(3, False), (12, True)]
    again = volumes(ec2, launch(ec2, ImageId=made))
    assert [(found["Size"], found["Encrypted"]) for found in again] == [(12, True), (3, False)]
    own = {found["SnapshotId"] for found in ec2.describe_snapshots(OwnerIds=["self"])["Snapshots"]}
    assert own == {ebs["SnapshotId"] for ebs in shown.values()}  # and none of a volume that never was


@pytest.mark.parametrize("by_group", [False, True])
def test_a_template_gives_its_volume_and_its_metadata_options(
    ec2: Any, client: Any, image: str, by_group: bool
) -> None:
    data = {"ImageId": image, "InstanceType": "t3.micro", "BlockDeviceMappings": ENCRYPTED, "MetadataOptions": OPTIONS}
    ec2.create_launch_template(LaunchTemplateName="web", LaunchTemplateData=data)
    template = {"LaunchTemplateName": "web", "Version": "1"}
    if by_group:
        client("autoscaling").create_auto_scaling_group(
            AutoScalingGroupName="g", MinSize=1, MaxSize=1, LaunchTemplate=template, AvailabilityZones=["us-east-1a"]
        )
    else:
        launch(ec2, LaunchTemplate=template)
    (instance,) = ec2.describe_instances()["Reservations"][0]["Instances"]
    (found,) = volumes(ec2, instance["InstanceId"])
    assert (found["Attachments"][0]["Device"], found["Size"], found["Encrypted"]) == (ROOT, 12, True)
    assert {name: instance["MetadataOptions"][name] for name in OPTIONS} == OPTIONS
