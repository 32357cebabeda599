"""Schedules, where moto's differ from EventBridge Scheduler's: what it would refuse is refused."""

from __future__ import annotations

from typing import Any

from moto.core.exceptions import JsonRESTError
from moto.scheduler.exceptions import ScheduleGroupNotFound, ValidationException
from moto.scheduler.models import EventBridgeSchedulerBackend, Schedule

from ... import backends
from ...monkeypatch import wrap
from ..iam import identities, policies
from . import expressions, timekeeper

SERVICE = "scheduler.amazonaws.com"


def every() -> list[Schedule]:
    return [
        schedule
        for backend in backends.regions("scheduler")
        for group in list(backend.schedule_groups.values())
        for schedule in list(group.schedules.values())
    ]


def check(original: Any) -> Any:
    """Before a schedule is made or changed. Both hand over all of it: what is left out gets its default."""

    def make(self: EventBridgeSchedulerBackend, **wanted: Any) -> Schedule:
        if (group := wanted["group_name"] or "default") not in self.schedule_groups:
            raise ScheduleGroupNotFound(group)
        try:
            expressions.parse(wanted["schedule_expression"], wanted["schedule_expression_timezone"] or "UTC")
        except expressions.Malformed:
            message = "Invalid Schedule Expression {schedule_expression} or time zone {schedule_expression_timezone}."
            raise ValidationException(message.format_map(wanted)) from None
        _check_target(wanted["target"])
        made: Schedule = original(self, **{**wanted, "state": wanted["state"] or "ENABLED"})
        timekeeper.look()
        return made

    return make


def _check_target(target: dict[str, Any]) -> None:
    service = target["Arn"].split(":")[2]
    if service not in ("lambda", "sqs", "sns"):
        raise ValidationException(f"The lab delivers to functions, queues and topics, not to {service}.")
    if not trusts_scheduler(target["RoleArn"]):
        message = "The execution role you provide must allow AWS EventBridge Scheduler to assume the role."
        raise ValidationException(message)


def trusts_scheduler(arn: str) -> bool:
    role = identities.role_of(arn)
    trust = role.assume_role_policy_document if role else None
    return policies.allows(
        trust, action="sts:AssumeRole", service=SERVICE, context={"aws:SourceAccount": arn.split(":")[4]}
    )


def create_group_once(original: Any) -> Any:
    def create_schedule_group(self: EventBridgeSchedulerBackend, name: str, tags: list[dict[str, str]]) -> Any:
        if name in self.schedule_groups:
            raise JsonRESTError("ConflictException", f"Schedule group {name} already exists.")
        return original(self, name, tags or [])

    return create_schedule_group


def delete_group_that_is_there(original: Any) -> Any:
    def delete_schedule_group(self: EventBridgeSchedulerBackend, name: str | None) -> None:
        group = self.get_schedule_group(name)
        self.tagger.delete_all_tags_for_resource(group.arn)
        original(self, name)

    return delete_schedule_group


def install() -> None:
    wrap(EventBridgeSchedulerBackend, "create_schedule_group", create_group_once)
    wrap(EventBridgeSchedulerBackend, "delete_schedule_group", delete_group_that_is_there)
    wrap(EventBridgeSchedulerBackend, "create_schedule", check)
    wrap(EventBridgeSchedulerBackend, "update_schedule", check)
