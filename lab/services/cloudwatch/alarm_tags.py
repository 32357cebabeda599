"""CloudWatch: an alarm's tags go with it."""

from __future__ import annotations

from typing import Any

from moto.cloudwatch.models import CloudWatchBackend

from ...monkeypatch import wrap


def forget_tags_of_deleted_alarms(original: Any) -> Any:
    def delete_alarms(self: CloudWatchBackend, alarm_names: list[str]) -> None:
        for name in alarm_names:
            if alarm := self.alarms.get(name):
                self.tagger.delete_all_tags_for_resource(alarm.alarm_arn)
        original(self, alarm_names)

    return delete_alarms


def install(_machines: bool = False) -> None:
    wrap(CloudWatchBackend, "delete_alarms", forget_tags_of_deleted_alarms)
