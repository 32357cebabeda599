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


def _numbers(client):
    versions = client("ec2").describe_launch_template_versions(LaunchTemplateName="demo-app")["LaunchTemplateVersions"]
    return [version["VersionNumber"] for version in versions]


def test_a_deleted_version_is_gone_and_its_number_is_never_used_again(api, client):
    ec2 = client("ec2")
    _create(client, {"InstanceType": "t3.micro"})
    more = {"LaunchTemplateName": "demo-app", "LaunchTemplateData": {"InstanceType": "t3.small"}}
    ec2.create_launch_template_version(**more)
    said = ec2.delete_launch_template_versions(LaunchTemplateName="demo-app", Versions=["2"])
    assert [one["VersionNumber"] for one in said["SuccessfullyDeletedLaunchTemplateVersions"]] == [2]
    assert ec2.create_launch_template_version(**more)["LaunchTemplateVersion"]["VersionNumber"] == 3
    assert _numbers(client) == [1, 3]


def test_the_default_version_and_one_that_is_not_there_are_not_deleted(api, client):
    _create(client, {"InstanceType": "t3.micro"})
    said = client("ec2").delete_launch_template_versions(LaunchTemplateName="demo-app", Versions=["1", "7"])
    assert [one["VersionNumber"] for one in said["UnsuccessfullyDeletedLaunchTemplateVersions"]] == [1, 7]
    assert _numbers(client) == [1]


def test_a_later_version_may_be_the_default_once_the_first_is_gone(api, client):
    ec2 = client("ec2")
    _create(client, {"InstanceType": "t3.micro"})
    ec2.create_launch_template_version(LaunchTemplateName="demo-app", LaunchTemplateData={"InstanceType": "t3.small"})
    ec2.modify_launch_template(LaunchTemplateName="demo-app", DefaultVersion="2")
    ec2.delete_launch_template_versions(LaunchTemplateName="demo-app", Versions=["1"])
    found = ec2.describe_launch_template_versions(LaunchTemplateName="demo-app", Versions=["$Default"])
    assert found["LaunchTemplateVersions"][0]["LaunchTemplateData"] == {"InstanceType": "t3.small"}


def test_a_version_has_what_its_source_has_and_what_it_says_itself(api, client):
    _create(client, {"ImageId": "ami-1", "InstanceType": "t3.micro", "KeyName": "mine"})
    said = client("ec2").create_launch_template_version(
        LaunchTemplateName="demo-app", SourceVersion="1", LaunchTemplateData={"ImageId": "ami-2"}
    )["LaunchTemplateVersion"]
    seen = client("ec2").describe_launch_template_versions(LaunchTemplateName="demo-app", Versions=["2"])
    wanted = {"ImageId": "ami-2", "InstanceType": "t3.micro", "KeyName": "mine"}
    assert said["LaunchTemplateData"] == seen["LaunchTemplateVersions"][0]["LaunchTemplateData"] == wanted
