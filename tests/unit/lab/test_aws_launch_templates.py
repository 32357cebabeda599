"""A launch template says of itself what was said of it."""

from __future__ import annotations

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
