"""
Doctor, status, redrive, rotation and restore on the API alone, where no host answers: what they do, and the rights.

The tests follow each other on one stack.
"""

from __future__ import annotations

import json
import re
import time

import pytest

from tests import api, iam

from ..test_plan import run  # noqa: F401
from .conftest import NAME, QUICK

DATA, FIND, READ, RESTORE = (iam.operator(NAME)[name] for name in ("data", "find", "read", "restore"))
# What AWS asks of him who has RDS manage the master's password anew. The emulator does not.
UNSEEN = {  # the last: a lease that is given back is overwritten
    "kms:DescribeKey", "secretsmanager:CreateSecret", "secretsmanager:TagResource", "ssm:DeleteParameter"
}  # fmt: skip


@pytest.fixture(scope="module")
def asked() -> dict[str, set[str]]:
    """By playbook the actions that IAM had to allow."""
    return {}


@pytest.fixture(scope="module")
def moments() -> list[str]:
    """The moment that a database was restored from, of one test for the next."""
    return []


@pytest.fixture
def operate(endpoint, run, asked):  # noqa: F811
    """operate("doctor", **variables): as run, with the actions kept."""

    def go(name: str, *arguments: str, **variables):
        last = api.last_call(endpoint)
        result = run(name, *arguments, **variables)
        asked.setdefault(name, set()).update(iam.needed(api.calls(endpoint, last)))
        return result

    return go


@pytest.fixture
def doctor(operate, tmp_path):
    """doctor() is (place, name) of all that is wrong, but for what no machine stands behind."""

    def ask() -> set[tuple[str, str]]:
        report = tmp_path / "report.json"
        operate("doctor", *api.NO_HOSTS, code=2, doctor_report=str(report))
        found = [one for one in json.loads(report.read_text()) if one["state"] != "good"]
        assert all(one["says"] and one["mend"] for one in found)
        machines = ("dns", "api", "page", "host", "bastion")
        return {(one["place"], one["name"]) for one in found if one["place"] not in machines}

    return ask


def test_a_stack_whose_hosts_are_silent_is_looked_at_to_the_end(doctor):
    assert doctor() == set()


def test_the_page_shows_the_stack(operate, tmp_path):
    page = tmp_path / "status.html"
    changed, writes, said = operate("status", *api.NO_HOSTS, status_page=str(page))
    assert (changed, writes) == (1, 0)  # the page
    version = (api.TOP / "roles/webapp/files/backend/VERSION").read_text().strip()
    assert re.search(rf"{re.escape(version)} +runs +2 ", said)
    assert "dead letters: 0" in said
    cells = re.sub(r"<td[^>]*>", "<td>", page.read_text())
    assert f"<td>{version}</td><td>runs</td><td>2</td>" in cells


def test_dead_letters_are_handed_to_the_function_again(client, operate, stack):
    queue = client("sqs").get_queue_url(QueueName=f"{stack}-metadata-dead-letter-queue")["QueueUrl"]
    letter = {"Records": [{"Sns": {"Message": json.dumps({"Event": "s3:TestEvent"})}}]}
    client("sqs").send_message(QueueUrl=queue, MessageBody=json.dumps(letter))
    assert [operate("redrive", *check)[0] for check in (["--check"], [], [])] == [1, 1, 0]
    client("sqs").send_message(QueueUrl=queue, MessageBody='{"Records": [{}]}')
    assert "1 dead letters stay in" in operate("redrive", code=2)[2]
    client("sqs").purge_queue(QueueUrl=queue)


def test_files_are_brought_back(client, operate, stack):
    s3, bucket = client("s3"), f"{stack}-backend-s3-bucket-123456789012"
    s3.put_object(Bucket=bucket, Key="a.txt", Body=b"good")
    moment = _next_second()
    s3.put_object(Bucket=bucket, Key="a.txt", Body=b"bad")
    s3.put_object(Bucket=bucket, Key="new.txt", Body=b"new")
    choices = {"restore_files_time": moment, "restore_files_purge": True}
    changed, writes, said = operate("restore", *api.NO_HOSTS, code=2, **choices)
    assert (changed, writes) == (0, 0)
    assert f"say so with -e restore_confirm={stack}" in re.sub(r"\s+", " ", said)
    choices["restore_confirm"] = stack
    assert [operate("restore", *api.NO_HOSTS, *check, **choices)[0] for check in (["--check"], [], [])] == [1, 1, 0]
    assert s3.get_object(Bucket=bucket, Key="a.txt")["Body"].read() == b"good"
    assert [one["Key"] for one in s3.list_objects_v2(Bucket=bucket)["Contents"]] == ["a.txt"]


def test_a_rotation_whose_hosts_are_silent_changes_nothing_that_is_in_use(client, operate, stack):
    def versions() -> dict[str, list[str]]:
        found = client("secretsmanager").describe_secret(SecretId=f"{stack}-app-db")["VersionIdsToStages"]
        return {stage: version for version, stages in found.items() for stage in stages}

    before = versions()
    changed, writes, said = operate("rotate_secret", *api.NO_HOSTS, "--check")
    assert (changed, writes) == (1, 0)
    assert "would get a new password" in said
    assert versions() == before
    changed, _, said = operate("rotate_secret", *api.NO_HOSTS, code=2)
    assert changed == 1
    assert "No host of the fleet could give the database the new password" in re.sub(r"\s+", " ", said)
    begun = versions()
    assert begun == {"AWSCURRENT": before["AWSCURRENT"], "AWSPENDING": begun["AWSPENDING"]}
    secrets = client("secretsmanager")
    made = json.loads(secrets.get_secret_value(SecretId=f"{stack}-app-db", VersionStage="AWSPENDING")["SecretString"])
    changed, _, again = operate("rotate_secret", "-vvv", *api.NO_HOSTS, code=2)
    assert (changed, versions()) == (0, begun), "a second run goes on with the same password"
    assert made["password"] not in said + again


@pytest.mark.parametrize(
    ("choices", "said"),
    [
        ({"restore_snapshot": "nobody"}, f"There is no snapshot nobody of {NAME}-db, but rds:{NAME}-db-"),
        ({"restore_time": "yesterday"}, "restore_time is yesterday. Write a time in UTC"),
        ({"restore_time": "2999-01-01T00:00:00Z"}, "restore_time is 2999-01-01T00:00:00Z. Write a time in UTC"),
        (
            {"restore_files_time": "2999-01-01T00:00:00Z"},
            "restore_files_time is 2999-01-01T00:00:00Z. Write a time in UTC",
        ),
        ({"restore_time": "latest", "restore_snapshot": "x"}, "Say what to restore: a snapshot"),
        ({}, "Say what to restore: a snapshot"),
    ],
)
def test_what_cannot_be_restored_is_a_sentence_and_touches_nothing(operate, choices, said):
    changed, writes, told = operate("restore", *api.NO_HOSTS, code=2, **choices)
    assert (changed, writes) == (0, 0)
    assert said in re.sub(r"\s+", " ", told)


def test_a_database_nobody_looked_at_does_not_take_over_and_is_gone_on_with(client, moments, operate, stack):
    rds = client("rds")

    def settings() -> dict:
        found = rds.describe_db_instances(DBInstanceIdentifier=f"{stack}-db")["DBInstances"][0]
        return {key: value for key, value in found.items() if key != "LatestRestorableTime"}

    before = settings()
    _, _, said = operate("restore", *api.NO_HOSTS, code=2, restore_time="latest")
    again = re.search(r"could look at (\S+), so .*-e restore_time=([\dTZ:-]+)", re.sub(r"\s+", " ", said))
    assert again, said
    changed, _, said = operate("restore", *api.NO_HOSTS, code=2, restore_time=again[2])
    assert changed == 0
    assert again[1] in said
    assert settings() == before
    moments.append(again[2])


def test_it_takes_over_and_the_old_one_is_kept_until_told(client, moments, operate, run, stack):  # noqa: F811
    rds = client("rds")

    def found() -> dict:
        listed = rds.describe_db_instances()["DBInstances"]
        return {
            one["DBInstanceIdentifier"]: one
            for one in listed
            if {"Key": "Stack", "Value": stack} in one["TagList"]
        }  # fmt: skip

    (moment,) = moments
    old = found()[f"{stack}-db"]
    (candidate,) = {*found()} - {f"{stack}-db"}
    looked = {"restore_time": moment, "__restore_checked": True}  # as if a host had looked
    said = re.sub(r"\s+", " ", operate("restore", *api.NO_HOSTS, code=2, **looked)[2])
    assert f"{candidate} holds the data of {moment} and nothing uses it yet" in said
    assert found()[f"{stack}-db"]["DbiResourceId"] == old["DbiResourceId"]
    said = re.sub(r"\s+", " ", operate("restore", *api.NO_HOSTS, **looked, restore_confirm=stack)[2])
    assert f"{stack}-db holds the data of {moment}. The database of before is kept as {stack}-db-until-" in said
    new = found()[f"{stack}-db"]
    assert new["DbiResourceId"] != old["DbiResourceId"]
    for same in ("DBInstanceClass", "DeletionProtection", "PubliclyAccessible", "MultiAZ", "VpcSecurityGroups"):
        assert new[same] == old[same], same
    assert operate("database")[0] == 0
    assert run("webapp", **QUICK)[0] == 0  # the builder may read the new password already
    (kept,) = {*found()} - {f"{stack}-db"}
    assert re.fullmatch(rf"{stack}-db-until-\d{{14}}", kept)
    (snapshot, *_) = rds.describe_db_snapshots(DBInstanceIdentifier=f"{stack}-db")["DBSnapshots"]
    operate("restore", *api.NO_HOSTS, code=2, restore_snapshot=snapshot["DBSnapshotIdentifier"])  # begun, and not ended
    assert len(found()) == 3
    assert operate("restore", *api.NO_HOSTS, restore_discard=True, restore_confirm=stack)[0] == 1
    assert {*found()} == {f"{stack}-db"}
    last = rds.describe_db_snapshots(DBInstanceIdentifier=kept, SnapshotType="manual")["DBSnapshots"]
    assert len(last) == 1


def _sizes(client, stack: str) -> tuple[int, int, int]:
    (group,) = client("autoscaling").describe_auto_scaling_groups(AutoScalingGroupNames=[f"{stack}-asg"])[
        "AutoScalingGroups"
    ]
    return group["MinSize"], group["DesiredCapacity"], group["MaxSize"]


def test_a_scaled_fleet_keeps_its_sizes_until_the_choice_changes(client, run, stack):  # noqa: F811
    said = run("scale", scale_desired=4, scale_max=6)[2]
    assert "of 4 healthy" in said
    assert "RETRYING" not in said
    assert run("webapp", **QUICK)[0] == 0
    assert _sizes(client, stack) == (1, 4, 6)
    assert run("webapp", webapp_max_size=5, **QUICK)[0] > 0
    assert _sizes(client, stack) == (1, 4, 5)
    assert run("webapp", **QUICK)[0] > 0  # the choice is 3 again, and 4 run
    assert _sizes(client, stack) == (1, 4, 4)


def test_notes_of_playbooks_are_no_drift(client, run, stack):  # noqa: F811
    note = {"ResourceId": f"{stack}-asg", "ResourceType": "auto-scaling-group", "PropagateAtLaunch": False}
    client("autoscaling").create_or_update_tags(Tags=[note | {"Key": "PatchImage", "Value": "due"}])
    assert "Plan: 0 to create, 0 to change, 0 to delete" in run("webapp", "--check", **QUICK)[2]


@pytest.mark.parametrize("playbook", ["database", "webapp", "deploy"])
def test_a_stopped_stack_is_not_built_upon(client, run, stack, playbook):  # noqa: F811
    if playbook == "database":
        run("stop", *api.NO_HOSTS)
    _, writes, said = run(playbook, code=2, webapp_version="1.0.0")
    assert writes == 0
    assert "Start" in said
    assert "playbooks/start.yml" in said


def test_a_fleet_that_was_stopped_comes_back_with_its_size(client, run, stack):  # noqa: F811
    client("autoscaling").update_auto_scaling_group(AutoScalingGroupName=f"{stack}-asg", MaxSize=3)
    assert run("start", *api.NO_HOSTS)[0] > 0
    assert _sizes(client, stack) == (1, 4, 4)


def test_who_looks_needs_to_read(asked):
    assert (asked["doctor"] | asked["status"]) - iam.allowed([FIND, READ]) == set()


def test_who_brings_back_needs_what_the_policy_allows_and_little_more(asked):
    needed = asked["redrive"] | asked["restore"]
    assert needed - iam.allowed([FIND, READ, RESTORE]) == set()
    assert iam.allowed([RESTORE]) - needed == UNSEEN


def test_who_rotates_the_secret_needs_what_the_policy_of_the_database_allows(asked):
    needed = asked["rotate_secret"]
    assert "secretsmanager:PutSecretValue" in needed
    assert needed - iam.allowed([FIND, READ, DATA]) == set()


def _next_second() -> str:
    """A moment that ends before anything else happens; S3 knows seconds only."""
    now = time.time()
    time.sleep(2 - now % 1)
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(now + 1 - now % 1))
