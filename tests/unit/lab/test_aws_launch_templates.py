"""A launch template says of itself what was said of it."""

from __future__ import annotations

import base64

TAGS = [{"Key": "Stack", "Value": "demo-app"}]


def _create(client, data):
    client("ec2").create_launch_template(
        LaunchTemplateName="demo-app",
        LaunchTemplateData=data,
        TagSpecifications=[{"ResourceType": "launch-template", "Tags": TAGS}],
    )
    versions = client("ec2").describe_launch_template_versions(LaunchTemplateName="demo-app")
    return versions["LaunchTemplateVersions"][0]["LaunchTemplateData"]


def test_the_first_version_has_the_data_it_was_given(api, client):
    data = {"InstanceType": "t3.micro", "TagSpecifications": [{"ResourceType": "instance", "Tags": TAGS}]}
    assert _create(client, data) == data


def test_data_without_tags_stays_without_tags(api, client):
    assert _create(client, {"InstanceType": "t3.micro"}) == {"InstanceType": "t3.micro"}


def test_the_template_has_its_own_tags(api, client):
    _create(client, {"InstanceType": "t3.micro"})
    assert client("ec2").describe_launch_templates()["LaunchTemplates"][0]["Tags"] == TAGS


def test_what_a_later_version_launches_gets_its_user_data(api, client, image):
    ec2 = client("ec2")
    texts = [base64.b64encode(text).decode() for text in (b"#cloud-config\n# 1", b"#cloud-config\n# 2")]
    _create(client, {"ImageId": image, "InstanceType": "t3.micro", "UserData": texts[0]})
    ec2.create_launch_template_version(
        LaunchTemplateName="demo-app",
        LaunchTemplateData={"ImageId": image, "InstanceType": "t3.micro", "UserData": texts[1]},
    )
    zone = "us-east-1a"
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.1.0/24", AvailabilityZone=zone)["Subnet"]["SubnetId"]
    client("autoscaling").create_auto_scaling_group(
        AutoScalingGroupName="demo-app",
        MinSize=1,
        MaxSize=1,
        VPCZoneIdentifier=subnet,
        LaunchTemplate={"LaunchTemplateName": "demo-app", "Version": "2"},
    )
    launched = ec2.describe_instances()["Reservations"][0]["Instances"][0]["InstanceId"]
    seen = ec2.describe_instance_attribute(InstanceId=launched, Attribute="userData")
    assert seen["UserData"]["Value"] == texts[1]
