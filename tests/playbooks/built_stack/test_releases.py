"""
Releases on the API alone: forward, back by hand, back by itself, listed. An image is taken of a builder as it is.

The tests follow each other on one stack.
"""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from tests import api
from tests.api import TOP

from ..test_plan import run  # noqa: F401
from .conftest import QUICK

SHIPPED = (TOP / "roles/webapp/files/backend/VERSION").read_text().strip()
BAKED = QUICK | api.NO_MACHINES


@pytest.fixture
def release(tmp_path):
    """release("2.0.0"): the shipped application as another version."""

    def make(version: str) -> str:
        place = tmp_path / version
        for part in ("backend", "frontend"):
            shutil.copytree(TOP / "roles/webapp/files" / part, place / part)
        (place / "backend/VERSION").write_text(version)
        (place / "frontend/index.html").write_text(version)
        return str(place)

    return make


@pytest.fixture
def seen(client, stack):
    """What runs: the version that each instance was launched with, of the default template, and of the page."""

    def look() -> tuple[set[str], str, str]:
        ec2 = client("ec2")
        mine = [{"Name": "tag:Stack", "Values": [stack]}]
        images = {
            image["ImageId"]: {tag["Key"]: tag["Value"] for tag in image["Tags"]}["Version"]
            for image in ec2.describe_images(Owners=["self"], Filters=mine)["Images"]
        }
        template = ec2.describe_launch_template_versions(LaunchTemplateName=f"{stack}-launch-template")
        versions = {
            str(one["VersionNumber"]): images.get(one["LaunchTemplateData"]["ImageId"], "")
            for one in template["LaunchTemplateVersions"]
        }
        default = next(one for one in template["LaunchTemplateVersions"] if one["DefaultVersion"])
        group = client("autoscaling").describe_auto_scaling_groups(AutoScalingGroupNames=[f"{stack}-asg"])
        members = group["AutoScalingGroups"][0]["Instances"]
        running = {versions[member["LaunchTemplate"]["Version"]] for member in members}
        page = (
            client("s3").get_object(Bucket=f"{stack}-frontend-s3-bucket-123456789012", Key="index.html")["Body"].read()
        )
        served = page.decode() if len(page) < 20 else SHIPPED
        return running, versions[str(default["VersionNumber"])], served

    return look


def table(said: str) -> list[tuple[str, ...]]:
    """Version and state of each line of the list."""
    lines = said.partition("version  ")[2].partition("PLAY")[0].splitlines()[1:]
    return [(found[1], found[2]) for line in lines if (found := re.match(r"\W*(\d\S*)\s+(\S+)\s", line))]


def test_an_empty_account_gets_what_is_shipped(seen):
    assert seen() == ({SHIPPED}, SHIPPED, SHIPPED)


def test_a_deployment_replaces_all_and_what_runs_then_stays(run, seen, release):  # noqa: F811
    choices = {"webapp_version": "2.0.0", "webapp_release_source": release("2.0.0")}
    said = run("deploy", *api.NO_HOSTS, **choices, **BAKED)[2]
    assert seen() == ({"2.0.0"}, "2.0.0", "2.0.0")
    assert re.search(r"item=InProgress, \d+ %, \d to replace", said)
    assert table(said) == [("2.0.0", "runs"), (SHIPPED, "kept")]
    changed, writes, _said = run("webapp", **QUICK)  # without the release's files: they are kept
    assert (changed, seen()) == (0, ({"2.0.0"}, "2.0.0", "2.0.0"))


def test_a_rollout_whose_run_was_killed_is_gone_on_with(client, run, seen, stack):  # noqa: F811
    group = client("autoscaling")
    found = group.describe_auto_scaling_groups(AutoScalingGroupNames=[f"{stack}-asg"])["AutoScalingGroups"][0]
    template = {"LaunchTemplateId": found["LaunchTemplate"]["LaunchTemplateId"]}
    group.update_auto_scaling_group(AutoScalingGroupName=f"{stack}-asg", LaunchTemplate=template | {"Version": "1"})
    group.start_instance_refresh(
        AutoScalingGroupName=f"{stack}-asg",
        DesiredConfiguration={"LaunchTemplate": template | {"Version": "2"}},
        Preferences={"SkipMatching": False},
    )
    run("deploy", *api.NO_HOSTS, webapp_version="2.0.0", **QUICK)
    assert seen() == ({"2.0.0"}, "2.0.0", "2.0.0")


def test_a_version_that_gets_nowhere_goes_back_and_is_not_tried_again(client, run, seen, release, stack):  # noqa: F811
    choices = {"webapp_version": "3.0.0", "webapp_release_source": release("3.0.0")}
    templates = client("ec2").describe_launch_template_versions(LaunchTemplateName=f"{stack}-launch-template")
    with pytest.raises(AssertionError) as failed:
        run("deploy", *api.NO_HOSTS, **choices, **BAKED, webapp_rollout_patience=0)
    assert "Version 3.0.0" in str(failed.value)
    assert "All instances are at version 2.0.0 again." in str(failed.value)
    assert seen() == ({"2.0.0"}, "2.0.0", "2.0.0")
    after = client("ec2").describe_launch_template_versions(LaunchTemplateName=f"{stack}-launch-template")
    assert len(after["LaunchTemplateVersions"]) == len(templates["LaunchTemplateVersions"])
    assert run("webapp", **QUICK)[0] == 0
    said = run("webapp", "--check", **choices)[2]
    assert re.search(r"ec2_ami \S+-ami-3.0.0-", said), "it would be baked anew"


def test_one_goes_back_by_hand_to_what_is_kept(run, seen):  # noqa: F811
    run("rollback", webapp_version=SHIPPED, **QUICK)
    assert seen() == ({SHIPPED}, SHIPPED, SHIPPED)
    said = run("releases")[2]
    assert table(said) == [(SHIPPED, "runs"), ("3.0.0", "failed:"), ("2.0.0", "kept"), (SHIPPED, "kept")]
    assert run("webapp", **QUICK)[0] == 0


@pytest.mark.parametrize(
    ("name", "choices", "said"),
    [
        ("deploy", {}, "Name the version to deploy"),
        ("rollback", {}, "Name the version to go back to"),
        ("rollback", {"webapp_version": "9.9"}, "There is no release 9.9"),
        ("rollback", {"webapp_version": "3.0.0"}, "No image of version 3.0.0 is kept. There are"),
        ("deploy", {"webapp_version": "4", "webapp_release_source": "/nowhere"}, "There is no release at /nowhere"),
        (
            "deploy",
            {"webapp_version": "4", "webapp_release_source": str(Path(__file__).parent)},
            "is no release of the",
        ),
        ("deploy", {"webapp_version": "4"}, f"files is {SHIPPED}, and"),
    ],
)
def test_what_cannot_be_is_said(run, seen, name, choices, said):  # noqa: F811
    with pytest.raises(AssertionError) as failed:
        run(name, **choices)
    assert said in re.sub(r"\s+", " ", str(failed.value))
    assert seen() == ({SHIPPED}, SHIPPED, SHIPPED)


def test_an_image_that_patching_renewed_is_its_release_s_and_replaces_no_instance(client, ansible, run, stack):  # noqa: F811
    asg, ec2 = client("autoscaling"), client("ec2")

    def images():
        mine = [{"Name": "tag:Stack", "Values": [stack]}, {"Name": "tag:Version", "Values": [SHIPPED]}]
        found = ec2.describe_images(Owners=["self"], Filters=mine)["Images"]
        return sorted(found, key=lambda image: image["CreationDate"])

    def group():
        return asg.describe_auto_scaling_groups(AutoScalingGroupNames=[f"{stack}-asg"])["AutoScalingGroups"][0]

    def launched():
        template = group()["LaunchTemplate"]
        versions = {"LaunchTemplateId": template["LaunchTemplateId"], "Versions": [template["Version"]]}
        return ec2.describe_launch_template_versions(**versions)["LaunchTemplateVersions"][0]["LaunchTemplateData"]

    (first,), before, members = images(), launched(), group()["Instances"]
    done = ansible("playbook", "tests/playbooks/patch_image.yml")
    assert done.returncode == 0, done.stdout
    old, new = images()
    tags = [{tag["Key"]: tag["Value"] for tag in image["Tags"]} for image in (old, new)]
    assert tags[1] == tags[0] | {"Name": new["Name"], "RenewedFrom": first["ImageId"]}
    assert launched() == before | {"ImageId": new["ImageId"]}
    changed, writes, said = run("webapp", "--check", **QUICK)
    assert (changed, writes) == (0, 0), said[-3000:]
    assert run("webapp", **QUICK)[0] == 0  # two stock modules write what is there already
    assert group()["Instances"] == members
    said = run("releases")[2]
    assert table(said)[:2] == [(SHIPPED, "runs"), (SHIPPED, "kept")]
    assert re.search(r"runs +0 .* a test +\d", said)


def test_one_goes_back_to_the_renewed_image_of_a_release(client, run, seen, stack):  # noqa: F811
    run("rollback", webapp_version="2.0.0", **QUICK)
    assert seen() == ({"2.0.0"}, "2.0.0", "2.0.0")
    run("rollback", webapp_version=SHIPPED, **QUICK)
    assert seen() == ({SHIPPED}, SHIPPED, SHIPPED)
    instances = client("ec2").describe_instances(
        Filters=[{"Name": "tag:Stack", "Values": [stack]}, {"Name": "tag:Role", "Values": ["webapp"]}]
    )
    running = [
        one["ImageId"] for r in instances["Reservations"] for one in r["Instances"] if one["State"]["Name"] == "running"
    ]
    used = client("ec2").describe_images(ImageIds=sorted(set(running)))["Images"]
    assert [any(tag["Key"] == "RenewedFrom" for tag in image["Tags"]) for image in used] == [True]
