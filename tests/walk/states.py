"""The states that playbooks leave, on purpose or because they were cut off, and what each playbook does with them."""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Callable
from typing import Any

from tests import api
from tests.torture.runs import Runs

from .stacks import CHOICES, NAME, SHIPPED, Run, Stack

GROUP, DATABASE = f"{NAME}-asg", f"{NAME}-db"
CONFIRMED = {"restore_confirm": NAME}
# What each playbook is given. Hosts that nobody can log in to are left out, but where they are what it is about.
PLAYBOOKS: dict[str, tuple[tuple[str, ...], dict[str, Any]]] = {
    "site": (api.NO_HOSTS, {}),
    "network": (api.NO_HOSTS, {}),
    "bastion": (api.NO_HOSTS, {}),
    "database": (api.NO_HOSTS, {}),
    "messaging": (api.NO_HOSTS, {}),
    "dns": (api.NO_HOSTS, {"threetier_domain": "example.test"}),
    "certificate": (api.NO_HOSTS, {"threetier_domain": "example.test"}),
    "webapp": (api.NO_HOSTS, {}),
    "functions": (api.NO_HOSTS, {}),
    "cdn": (api.NO_HOSTS, {"threetier_domain": "example.test", "threetier_cdn": True}),
    "waf": (api.NO_HOSTS, {"threetier_waf": "block"}),
    "deploy": (api.NO_HOSTS, {"webapp_version": "99.0.0"}),
    "rollback": (api.NO_HOSTS, {"webapp_version": (SHIPPED / "backend/VERSION").read_text().strip()}),
    "releases": (api.NO_HOSTS, {}),
    "scale": (api.NO_HOSTS, {"scale_desired": 3}),
    "stop": (api.NO_HOSTS, {}),
    "start": (api.NO_HOSTS, {}),
    "failover": (api.NO_HOSTS, {"failover_confirm": NAME}),
    "patch": ((), {}),
    "redrive": (api.NO_HOSTS, {}),
    "rotate_secret": (api.NO_HOSTS, {}),
    "restore": (api.NO_HOSTS, {"restore_time": "latest"}),
    "restore, the files": (api.NO_HOSTS, {"restore_files_time": "2026-01-01T00:00:00Z", **CONFIRMED}),
    "restore, the end": (api.NO_HOSTS, {"restore_discard": True, **CONFIRMED}),
    "status": ((), {}),
    "doctor": ((), {}),
    "drift": (("--check", *api.NO_HOSTS), {}),
    "teardown": (api.NO_HOSTS, {"teardown_confirm": NAME}),
}
# No playbook may end so, whatever it finds.
BROKEN = re.compile(
    r"Traceback|is undefined|has no attribute|object of type|Unexpected failure|RETRYING|template error"
)


@dataclasses.dataclass(frozen=True)
class State:
    """
    :param make: brings a stack into it.
    :param of: the state that it is made from.
    :param refused: by playbook the words with which it ends and has changed nothing; all others come to their end.
    :param ends: the same where a module may have written what was there already.
    """

    make: Callable[[Stack], Any]
    of: str
    refused: dict[str, str]
    ends: dict[str, str] = dataclasses.field(default_factory=dict)


def play(stack: Stack, name: str) -> Run:
    """One of PLAYBOOKS."""
    options, choices = PLAYBOOKS[name]
    if name == "status":
        choices = {"status_page": str(stack.inventory.parent / "status.html")}
    if name == "deploy":
        choices = choices | {"webapp_release_source": str(stack.regions.release)}
    return stack.play(name.partition(",")[0], *options, **choices)


def playing(name: str, *options: str, code: int = 0, **choices: Any) -> Callable[[Stack], None]:
    """What brings a stack into the state that this playbook leaves."""

    def make(stack: Stack) -> None:
        done = stack.play(name, *options, **choices)
        assert done.code == code, done.said[-3000:]

    return make


def killed(name: str, changes: int, **choices: Any) -> Callable[[Stack], None]:
    """What brings a stack into the state that this playbook leaves if it is killed after so many changes."""

    def make(stack: Stack) -> None:
        options = ("-i", str(stack.inventory), "-e", json.dumps(CHOICES | choices), *api.NO_HOSTS)
        log = stack.inventory.parent / "killed.log"
        runs = Runs(stack.endpoint, api.KEYS["access_key"], NAME, log, api.paced(), *options)
        assert runs.kill(name, changes), log.read_text()[-3000:]

    return make


def group(stack: Stack) -> dict[str, Any]:
    found = stack.client("autoscaling").describe_auto_scaling_groups(AutoScalingGroupNames=[GROUP])
    return dict(found["AutoScalingGroups"][0])


def refresh(stack: Stack) -> None:
    """A rollout whose run is gone; of five instances, for each look at it finds one replaced."""
    playing("scale", scale_desired=5, scale_max=6)(stack)
    template = group(stack)["LaunchTemplate"]["LaunchTemplateId"]
    stack.client("autoscaling").start_instance_refresh(
        AutoScalingGroupName=GROUP,
        DesiredConfiguration={"LaunchTemplate": {"LaunchTemplateId": template, "Version": "1"}},
        Preferences={"SkipMatching": False},
    )


def put_on_standby(stack: Stack) -> None:
    playing("../tests/playbooks/standby", host=group(stack)["Instances"][0]["InstanceId"], cut_off=True)(stack)


def start_database(stack: Stack) -> None:
    """As RDS does by itself after seven days."""
    stack.client("rds").start_db_instance(DBInstanceIdentifier=DATABASE)


def rename_database(stack: Stack) -> None:
    """As a restore does first when it swaps."""
    stack.client("rds").modify_db_instance(
        DBInstanceIdentifier=DATABASE, NewDBInstanceIdentifier=f"{DATABASE}-until-20260101000000", ApplyImmediately=True
    )


def end_bastion(stack: Stack) -> None:
    ec2 = stack.client("ec2")
    found = ec2.describe_instances(Filters=[{"Name": "tag:Role", "Values": ["bastion"]}])["Reservations"]
    ec2.terminate_instances(InstanceIds=[found[0]["Instances"][0]["InstanceId"]])


NO_STACK = f"There is no stack {NAME} in us-east-1."
NO_GROUP = f"There is no Auto Scaling group {GROUP}. Build it with playbooks/site.yml."
NO_STANDBY = {"failover": f"The database {DATABASE} has no standby that could take over."}
NO_DATABASE = f"There is no database {DATABASE}. Build it with playbooks/site.yml."
STOPPED = f"The fleet of {NAME} is stopped"
START = "playbooks/start.yml"
NOT_ALL_MEMBERS = "are on standby: a patch that has not come to its end"
HALF = f"There is no database {DATABASE}, but {DATABASE}-restored-"
NO_BASTION = f"The stack {NAME} has 0 bastions, not one. Build it with playbooks/bastion.yml."

STATES = {
    "absent": State(
        make=lambda _: None,
        of="",
        refused={
            **dict.fromkeys(
                ("bastion", "database", "webapp", "deploy", "rollback", "scale", "stop", "start"), NO_STACK
            ),
            **dict.fromkeys(("patch", "redrive", "restore", "restore, the files", "restore, the end"), NO_STACK),
            **dict.fromkeys(("rotate_secret", "waf", "failover"), NO_STACK),
            "doctor": "There is no VPC. Run playbooks/network.yml.",
            "drift": "not as the roles make it",
        },
    ),
    "network only": State(
        make=playing("network"),
        of="absent",
        refused={
            **dict.fromkeys(("webapp", "deploy", "rollback"), NO_BASTION),
            **dict.fromkeys(("scale", "patch", "restore", "rotate_secret"), NO_GROUP),
            **dict.fromkeys(("start", "stop", "failover"), NO_DATABASE),
            "waf": "There is no load balancer. Run playbooks/webapp.yml.",
            "redrive": f"There is no queue {NAME}-metadata-dead-letter-queue.",
            "restore, the files": f"There is no bucket {NAME}-backend-s3-bucket-123456789012",
            "doctor": "There is no such Auto Scaling group. Run playbooks/webapp.yml.",
            "drift": "not as the roles make it",
        },
    ),
    "built": State(
        make=playing("site", *api.NO_HOSTS), of="absent", refused={**NO_STANDBY, "doctor": "Nobody could log in"}
    ),
    "scaled": State(
        make=playing("scale", scale_desired=4, scale_max=6),
        of="built",
        refused={**NO_STANDBY, "doctor": "Nobody could log in"},
    ),
    "stopped": State(
        make=playing("stop"),
        of="built",
        refused={
            **dict.fromkeys(("webapp", "deploy", "rollback", "scale", "patch", "restore", "rotate_secret"), STOPPED),
            **dict.fromkeys(("site", "database", "drift", "failover"), f"The database {DATABASE} is stopped"),
            "doctor": "The stack is stopped, by playbooks/stop.yml. Run playbooks/start.yml.",
        },
    ),
    "stopped, and RDS has started the database": State(
        make=start_database,
        of="stopped",
        refused={
            **dict.fromkeys(("site", "webapp", "deploy", "rollback", "scale", "patch", "restore", "drift"), STOPPED),
            "rotate_secret": STOPPED,
            **NO_STANDBY,
            "doctor": "The stack is stopped, by playbooks/stop.yml. Run playbooks/start.yml.",
        },
    ),
    "in a rollout": State(
        make=refresh,
        of="built",
        refused={
            **dict.fromkeys(("scale", "stop"), f"A rollout is under way on {GROUP}"),
            "patch": f"{GROUP} is in the middle of an instance refresh",
            **NO_STANDBY,
            "doctor": "Nobody could log in",
        },
        ends={"deploy": f"A rollout is under way on {GROUP}"},
    ),
    "on standby": State(
        make=put_on_standby,
        of="built",
        refused={
            **dict.fromkeys(("scale", "stop"), NOT_ALL_MEMBERS),
            **NO_STANDBY,
            "doctor": "playbooks/patch.yml",
        },
        ends={"deploy": NOT_ALL_MEMBERS},
    ),
    "without a bastion": State(
        make=end_bastion,
        of="built",
        refused={
            **dict.fromkeys(("webapp", "deploy", "rollback"), NO_BASTION),
            "patch": f"The inventory shows no bastion of {NAME} that runs",
            **NO_STANDBY,
            "doctor": "nobody reaches the instances. Run playbooks/bastion.yml.",
            "drift": f"ec2_instance {NAME}-bastion-host: not as the roles make it",
        },
    ),
    "restored, and not swapped": State(
        make=playing("restore", *api.NO_HOSTS, code=2, restore_time="latest"),
        of="built",
        refused={**NO_STANDBY, "doctor": "Nobody could log in"},
    ),
    "restored, and half swapped": State(
        make=rename_database,
        of="restored, and not swapped",
        refused={
            **dict.fromkeys(("site", "database", "start", "stop", "restore", "restore, the end", "drift"), HALF),
            **dict.fromkeys(("rotate_secret", "failover"), HALF),
            **dict.fromkeys(("webapp", "deploy", "rollback"), f"has no database {DATABASE}"),
            "doctor": "Or bring it back: playbooks/restore.yml.",
        },
    ),
    **{
        f"torn down, killed after {changes} changes": State(
            make=killed("teardown", changes, teardown_confirm=NAME), of="built", refused={}
        )
        for changes in (4, 15, 30)
    },
}
NO_ZONE = "There is no public hosted zone named example.test. Make it with playbooks/dns.yml."
# Of a patch no host can be reached, and no host can log in to a database: said at the end, after changes.
ENDS = {
    "patch": "are not patched",
    **dict.fromkeys(("certificate", "cdn"), NO_ZONE),
    "restore": "No host of the fleet could look at",
    "rotate_secret": "No host of the fleet could give the database the new password",
}
# Of a half torn down stack most playbooks say what is missing: whatever it is, which they cannot go on without.
MISSING = re.compile(r"There is no|has no|has 0 bastions|not as the roles make it|is being deleted|shows no bastion")
