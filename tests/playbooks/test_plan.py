"""
Each role and switch: planned, done, planned again, done again; then what hands change is found and mended.

The tests follow each other on one stack, as a deployment grows. A change is planned and done like the first build.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.threetier.aws.plugins.plugin_utils._plan import document, text

from tests import api

from .hands import Hands

SHIPPED = (Path(__file__).parents[2] / "roles/webapp/files/backend/VERSION").read_text().strip()

# What instances start from, and no waiting for machines, of which the API alone has none.
ALONE: dict[str, Any] = {
    "threetier_image": {"owner": "123456789012", "name": "base-*", "architecture": "x86_64", "user": "admin"},
    "bastion_wait_timeout": 0,
}
PRODUCTION = {
    "threetier_database_multi_az": True,
    "threetier_database_class": "db.t4g.small",
    "threetier_database_deletion_protection": True,
    "database_apply_immediately": True,
}
ADMINS = {"threetier_admin_cidrs": ["203.0.113.7/32"]}
LOGS = {"threetier_flow_logs": True}
MAILS = {"threetier_notify_emails": ["operator@example.com", "other@example.com"]}
TOPICS = ("sns-topic", "alarms-sns-topic")
PROTECTED_TABLE = {"threetier_table_deletion_protection": True}
NO_VERSIONS, NO_MAILS = {"messaging_bucket_versioning": False}, {"threetier_notify_emails": []}
AT_ONCE = {"database_apply_immediately": True}
SUPPORT = {"database_extended_support": True}
SESSIONS = {"bastion_sessions": 100, "bastion_allow_replacement": True}
# Each value of a role's switches meets each value of each other one in some row, not all of them in all ways. A row is
# built on the one before. The fleet's rows are in built_stack/test_changes.py.
CYCLES: list[tuple[str, str, dict[str, Any]]] = [
    ("network", "one NAT gateway, flow logs, another way in", LOGS | ADMINS),  # the others: test_network.py
    ("bastion", "as it is", {}),
    ("bastion", "another type", {"threetier_bastion_instance_type": "t3.small"}),
    ("bastion", "another bastion, allowed", SESSIONS),
    ("messaging", "as it is", {}),
    ("messaging", "no versions", NO_VERSIONS),
    ("messaging", "more mails, no key, protected", MAILS | {"threetier_encrypt_topics": False} | PROTECTED_TABLE),
    ("messaging", "no versions, no mails", NO_VERSIONS | NO_MAILS),
    ("database", "as it is", {}),
    ("database", "production", PRODUCTION),
    ("database", "Multi-AZ, extended support", AT_ONCE | SUPPORT | {"threetier_database_multi_az": True}),
    ("database", "protected, extended support", AT_ONCE | SUPPORT | {"threetier_database_deletion_protection": True}),
    ("database", "demo again", AT_ONCE),
]
WEB: list[tuple[str, str, dict[str, Any]]] = [("webapp", "as it is", {})]
LAST = NO_VERSIONS | NO_MAILS | LOGS | ADMINS | AT_ONCE | SESSIONS


def rows_of(cycles: list[tuple[str, str, dict[str, Any]]]) -> Any:
    """A decorator: the test runs once for each row of the cycles."""
    return pytest.mark.parametrize(
        ("role", "step", "choices"), cycles, ids=[f"{role}: {step}" for role, step, _ in cycles]
    )


@pytest.fixture(scope="module")
def stack() -> str:
    return "planned"


@pytest.fixture
def run(ansible, endpoint) -> Callable[..., tuple[int, int, str]]:
    """run("network", "--check", **variables): what changed, how many calls wrote, and what Ansible said."""

    def go(name: str, *arguments: str, code: int = 0, **variables: Any) -> tuple[int, int, str]:
        last = api.last_call(endpoint)
        done = ansible("playbook", f"playbooks/{name}.yml", "-e", json.dumps(ALONE | variables), *arguments)
        assert done.returncode == code, done.stdout + done.stderr
        assert "Skipping purging" not in done.stderr, (
            done.stderr
        )  # of a gateway endpoint's route, which nobody can mend
        changed = re.search(r"us-east-1 .*changed=(\d+)", done.stdout)
        assert changed
        return int(changed[1]), api.writes(endpoint, last), done.stdout

    return go


def _register(client, name: str, **tags: str) -> None:
    ec2 = client("ec2")
    disk = [{"DeviceName": "/dev/xvda", "Ebs": {"VolumeSize": 8}}]
    image = ec2.register_image(Name=name, Architecture="x86_64", RootDeviceName="/dev/xvda", BlockDeviceMappings=disk)[
        "ImageId"
    ]
    if tags:
        ec2.create_tags(Resources=[image], Tags=[{"Key": key, "Value": value} for key, value in tags.items()])


def test_an_empty_account_is_planned_to_the_end(client, run, stack, tmp_path):
    _register(client, "base-1")
    kept = tmp_path / "plan.json"
    _, writes, said = run("site", "--check", "--diff", threetier_plan=str(kept))
    assert writes == 0
    assert re.search(r"Plan: [3-9]\d to create, 0 to change, 0 to delete, \d+ left", said), said
    assert "vpc-known-after-apply" in said
    assert client("ec2").describe_vpcs(Filters=[{"Name": "tag:Stack", "Values": [stack]}])["Vpcs"] == []
    plan = said.rsplit("us-east-1, network:", 1)[1].splitlines()
    assert [line for line in plan if len(line) > 80] == []
    assert f"  + secretsmanager_secret {stack}-app-db" in plan
    egress = {line.split("egress")[1].strip() for line in plan if line.strip().startswith("egress")}
    assert {"tcp 80 to 0.0.0.0/0", "tcp 443 to 0.0.0.0/0"} <= egress
    assert "inline_policies.application" in said
    assert "The page:" not in said  # there is none yet
    kept_plan = in_all_forms(kept, said)
    assert kept_plan["summary"]["create"] == sum(one["action"] == "create" for one in kept_plan["resources"]) > 60
    told = {one["name"] for one in kept_plan["resources"] if one["kind"] == "sns_subscription"}
    assert {f"email operator@example.com {stack}-{topic}" for topic in TOPICS} <= told
    files = {one["name"] for one in kept_plan["resources"] if one["kind"] == "s3_object"}
    assert {"index.html", "config.json", f"{SHIPPED}.tar"} <= files


def _squeezed(words: object) -> str:
    return "".join(str(words).split())


def in_all_forms(kept: Path, said: str) -> dict[str, Any]:
    """A plan of which the terminal, in 80 columns, its page and its Markdown tell each row."""
    plan = json.loads(kept.read_text())
    changes = [one for one in plan["resources"] if one["action"] != "leave"]
    assert plan["status"] == ("changes" if changes else "no changes")
    lines = said.rsplit("PLAY RECAP", 1)[1].split("\n\n", 1)[1].splitlines()
    assert [line for line in lines if len(line) > 80] == []
    comment = kept.with_suffix(".md").read_text()
    assert len(comment) <= 60_000
    page = html.unescape(kept.with_suffix(".html").read_text())
    forms = [_squeezed(form) for form in ("".join(lines), page, comment.replace("\\|", "|"))]
    for one in changes:
        values = [text.in_words(row[key]) for row in one["rows"] for key in row if row[key] is not None]
        assert values or one["action"] == "delete", one
        assert "not told by the module" not in values
        shown = forms[:2] if "are left out here" in comment else forms
        assert [words for words in (one["name"], *values) for form in shown if _squeezed(words) not in form] == []
    return plan


@pytest.mark.parametrize("arguments", [["--check"], []], ids=["another name", "no check"])
def test_a_plan_that_cannot_be_kept_is_refused_before_anything_is_asked(endpoint, run, arguments):
    last = api.last_call(endpoint)
    said = run("site", *arguments, code=2, threetier_plan="plan.json" if not arguments else "plan.txt")[2]
    assert "It names the file that a run with --check keeps its plan in, such as plan.json" in said.replace("\n", " ")
    assert [call for call in api.calls(endpoint, last) if call["service"] != "ec2"] == []  # the inventory's


@rows_of(CYCLES)
def test_planned_done_planned_done(client, note_cycle, role, run, stack, step, choices):
    if (role, step) == ("webapp", "as it is"):  # an image of this release, as if it had been baked before
        name = re.search(r"[+] ec2_ami (\S+-ami-(\S+)-(\w+))", run("webapp", "--check")[2])
        assert name
        _register(
            client,
            name[1],
            Name=name[1],
            Stack=stack,
            Role="webapp",
            ManagedBy="threetier.aws",
            Version=name[2],
            Release=name[3],
        )
    runs = [run(role, *arguments, **choices) for arguments in (["--check"], [], ["--check"], [])]
    changed, writes = [run[0] > 0 for run in runs], [run[1] for run in runs]
    note_cycle(f"{role} role", step, changed=changed, writes=writes)
    assert changed == [True, True, False, False], [re.findall(r"^changed: .*|TASK.*", run[2], re.M) for run in runs[2:]]
    assert (writes[0], writes[2]) == (0, 0)
    assert "Plan: 0 to create, 0 to change, 0 to delete" in runs[2][2]
    if role == "messaging":
        assert _keys(client, stack) == (["PendingDeletion"] if "no key" in step else ["Enabled"])  # one, taken back


def test_a_site_that_failed_in_the_middle_is_planned_from_there(run, tmp_path):
    """No image could be baked: what comes after it is to be created, and what came before it is left as it is."""
    run("site", *api.NO_HOSTS, code=2, webapp_builder_failure="its disk is full", **LAST)
    kept = tmp_path / "half.json"
    kept.with_suffix(".md").write_text("of an earlier run")
    _, writes, said = run("site", "--check", code=2, threetier_plan=str(kept), threetier_plan_exit_code=True, **LAST)
    assert writes == 0
    assert "The plan has changes, and threetier_plan_exit_code makes that the exit code 2." in " ".join(said.split())
    plan = in_all_forms(kept, said)
    assert (plan["summary"]["change"], plan["summary"]["delete"]) == (0, 0)
    to_create = {one["kind"] for one in plan["resources"] if one["action"] == "create"}
    assert {"ec2_ami", "ec2_launch_template", "autoscaling_group", "s3_object"} <= to_create
    assert not {"ec2_vpc_net", "rds_db_instance", "s3_bucket_notification", "iam_role", "elb_target_group"} & to_create


@rows_of(WEB)
def test_then_the_application_is_planned_and_done(client, note_cycle, role, run, stack, step, choices):
    test_planned_done_planned_done(client, note_cycle, role, run, stack, step, choices)


def test_a_run_that_fails_leaves_no_plan(run, tmp_path):
    kept = tmp_path / "plan.json"
    kept.write_text("of an earlier run")
    run("site", "--check", code=2, threetier_plan=str(kept), threetier_database_class="db.huge")
    assert not kept.exists()


def _keys(client, stack: str) -> list[str]:
    """The state of each key that the stack's topics are or were encrypted with."""
    kms = client("kms")
    pages = client("resourcegroupstaggingapi").get_paginator("get_resources")
    tagged = pages.paginate(TagFilters=[{"Key": "Stack", "Values": [stack]}]).search(
        "ResourceTagMappingList[].ResourceARN"
    )
    arns = [arn for arn in tagged if ":kms:" in arn]
    return [kms.describe_key(KeyId=arn)["KeyMetadata"]["KeyState"] for arn in arns]


def test_the_doctor_names_a_key_that_is_on_its_way_out(ansible, client, stack):
    kms = client("kms")
    key = kms.describe_key(KeyId=f"alias/{stack}-sns-kms-key")["KeyMetadata"]["Arn"]
    kms.schedule_key_deletion(KeyId=key, PendingWindowInDays=7)
    said = " ".join(ansible("playbook", "playbooks/doctor.yml", *api.NO_HOSTS).stdout.split())
    kms.cancel_key_deletion(KeyId=key)
    kms.enable_key(KeyId=key)
    assert f"topic key {stack}-sns-topic: The key that the topic is encrypted with is PendingDeletion" in said


def _by_name(plan: dict[str, Any]) -> dict[str, set[str]]:
    """Of a plan's changes the attributes, by resource; none of one that is to be created or deleted."""
    return {
        f"{one['kind']} {one['name']}": {row["attribute"] for row in one["rows"] if one["action"] == "change"}
        for one in plan["resources"]
        if one["action"] != "leave"
    }


def test_what_hands_changed_is_found_by_attribute_and_mended_and_nothing_else(client, run, stack, tmp_path):
    hands = Hands(client, stack)
    by_hand = {name: set(attributes.split()) for name, attributes in hands.all().items()}
    client("sns").subscribe(TopicArn=hands.topic, Protocol="email", Endpoint="stranger@example.com")
    kept = tmp_path / "drift.json"
    _, writes, said = run("drift", "--check", code=2, threetier_plan=str(kept), **LAST)
    assert writes == 0
    plan = in_all_forms(kept, said)
    assert _by_name(plan) == by_hand
    refused = " ".join(said.split()).partition(": not as the roles make it.")[0]
    assert [name for name in by_hand if name not in refused] == []
    assert "hunter2" not in said + "".join(file.read_text() for file in tmp_path.iterdir())
    noted = {one["name"]: one["action"] for one in plan["resources"] if one["note"]}
    # SNS removes no subscription that its owner has not confirmed: those of the rows above wait, too.
    waiting = [f"{mail} {stack}-{topic}" for mail in MAILS["threetier_notify_emails"] for topic in TOPICS]
    waiting.append(f"stranger@example.com {stack}-sns-topic")
    assert noted == {f"email {name}": "leave" for name in waiting}
    run("site", **LAST)
    clean = run("drift", "--check", threetier_plan=str(kept), threetier_plan_exit_code=True, **LAST)
    assert "Plan: 0 to create, 0 to change, 0 to delete" in clean[2]
    assert _by_name(in_all_forms(kept, clean[2])) == {}


def test_drift_refuses_to_change_anything(run):
    assert run("drift", code=2)[1] == 0


def _rows(plan: dict[str, Any]) -> set[tuple[str, ...]]:
    return {
        (one["kind"], one["name"], one["action"], row["attribute"], str(row["before"]), str(row["after"]))
        for one in plan["resources"]
        for row in one["rows"]
    }


def test_a_plan_is_done_as_it_was_signed_or_refused_with_what_has_moved(client, run, stack, tmp_path):
    kept = str(tmp_path / "plan.json")
    choices = (
        LAST | {"threetier_log_retention_days": 60, "threetier_admin_cidrs": ["198.51.100.9/32"]} | PROTECTED_TABLE
    )
    run("site", "--check", threetier_plan=kept, **choices)
    signed = json.loads((tmp_path / "plan.json").read_text())
    kinds = {one["kind"] for one in signed["resources"] if one["rows"]}
    assert kinds == {"logs_log_group", "ec2_security_group", "dynamodb_table"}

    other = {**signed, "collection": "0.0.1"}
    (tmp_path / "other.json").write_text(json.dumps({**other, "digest": document.digest(other)}))
    version = run("apply", code=2, threetier_plan=str(tmp_path / "other.json"), **choices)
    assert version[1] == 0
    assert "It was made with version 0.0.1 of threetier.aws." in " ".join(version[2].split())

    another = run("apply", code=2, threetier_plan=kept, **choices | {"threetier_log_retention_days": 90})
    assert another[1] == 0
    assert "threetier_log_retention_days was 60, and is 90 now." in another[2]

    group = client("ec2").describe_security_groups(Filters=[{"Name": "group-name", "Values": [f"{stack}-db-sg"]}])
    rule = {"GroupId": group["SecurityGroups"][0]["GroupId"], "CidrIp": "192.0.2.1/32", "IpProtocol": "tcp"}
    client("ec2").authorize_security_group_ingress(FromPort=9, ToPort=9, **rule)
    moved = run("apply", code=2, threetier_plan=kept, **choices)
    assert moved[1] == 0
    assert f"ec2_security_group {stack}-db-sg: it was to be left as it is, and would be changed now." in moved[2]
    client("ec2").revoke_security_group_ingress(FromPort=9, ToPort=9, **rule)

    run("apply", threetier_plan=kept, **choices)
    assert "Plan: 0 to create, 0 to change, 0 to delete" in run("drift", "--check", **choices)[2]
    # The way back is each row the other way round, and no other: each was done as it was signed.
    back = str(tmp_path / "back.json")
    run("site", "--check", threetier_plan=back, **LAST)
    there = {(*row[:4], after, before) for *row, before, after in _rows(signed)}
    assert _rows(json.loads((tmp_path / "back.json").read_text())) == there


def test_what_is_no_plan_cannot_be_applied(run, tmp_path):
    (tmp_path / "other.json").write_text("{}")
    assert "is no plan. A run of site.yml with --check" in run(
        "apply", code=2, threetier_plan=str(tmp_path / "other.json"), **LAST
    )[2].replace("\n", " ")
    assert "cannot be read" in run("apply", code=2, threetier_plan=str(tmp_path / "none.json"), **LAST)[2]
    assert "Name the plan to do" in run("apply", code=2, **LAST)[2]
