"""An instance that AWS ends while it starts, as for a disk it may not encrypt, is said at once."""

from __future__ import annotations

import json

import pytest


@pytest.mark.parametrize(
    ("role", "file", "what"), [("bastion", "wait_running", "bastion"), ("webapp", "builder/wait_running", "builder")]
)
def test_an_instance_that_ends_is_not_waited_for(ansible, client, role, file, what):
    ec2 = client("ec2")
    image = ec2.describe_images()["Images"][0]["ImageId"]
    launched = ec2.run_instances(ImageId=image, MinCount=1, MaxCount=1)["Instances"][0]["InstanceId"]
    ec2.terminate_instances(InstanceIds=[launched])

    waited = json.dumps({"role": role, "file": file, "launched": launched})
    done = ansible("playbook", "tests/playbooks/wait_running.yml", "-e", waited)

    assert done.returncode == 2, done.stdout + done.stderr
    assert f"The {what} {launched} is terminated, and not running: " in done.stdout
    assert "RETRYING" not in done.stdout
