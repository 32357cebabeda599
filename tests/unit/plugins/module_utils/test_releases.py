"""Which image runs, which may go, what a list of releases says, and when a rollout has to go back."""

from __future__ import annotations

import datetime

import pytest
from ansible_collections.threetier.aws.plugins.module_utils import _releases, _table


def image(number: int, version: str = "1", release: str = "a", state: str = "available", **tags: str) -> dict:
    return {
        "image_id": f"ami-{number}",
        "name": f"demo-{number}",
        "creation_date": f"2026-01-{number:02}T00:00:00.000Z",
        "state": state,
        "tags": {"Version": version, "Release": release, **tags},
    }


def version(number: int, image_number: int, default: bool = False, said: str = "1 by ann") -> dict:
    return {
        "version_number": number,
        "default_version": default,
        "version_description": said,
        "create_time": f"2026-01-{number:02}T01:00:00+00:00",
        "launch_template_data": {"image_id": f"ami-{image_number}"},
    }


def group(number: int, *instances: int) -> dict:
    members = [{"launch_template": {"launch_template_id": "lt", "version": str(one)}} for one in instances]
    return {"launch_template": {"launch_template_id": "lt", "version": str(number)}, "instances": members}


def test_of_a_release_s_images_the_newest_is_taken_be_it_a_patched_one():
    found = [image(1), image(3), image(2), image(4, release="b"), image(5, version="2")]
    assert _releases.newest(found, {"Version": "1", "Release": "a"})["image_id"] == "ami-3"
    assert _releases.newest(found, {"Version": "1"})["image_id"] == "ami-4"
    assert _releases.newest(found, {"Version": "3"}) == {}


def test_an_image_that_is_not_there_yet_or_that_failed_is_not_taken():
    found = [image(1), image(2, state="pending"), image(3, RolloutFailed="2026-01-03 it never served")]
    assert _releases.newest(found, {"Version": "1"})["image_id"] == "ami-1"


def test_images_that_the_group_the_default_or_an_instance_needs_are_in_use():
    versions = [version(1, 1), version(2, 2, default=True), version(3, 3), version(4, 4), version(5, 5)]
    assert set(_releases.in_use(versions, group(3, 3, 1))) == {"ami-1", "ami-2", "ami-3"}
    assert _releases.in_use(versions, {}) == ["ami-2"]


def test_of_each_of_the_newest_releases_an_image_stays_however_often_one_was_patched():
    patched = [image(number, version="2", release="b") for number in (2, 4, 5, 6)]
    found = [image(1), image(3, version="3", release="c", RolloutFailed="late"), image(7, version="old"), *patched]
    del found[2]["tags"]["Release"]
    assert _releases.of_each(found, 4) == ["ami-7", "ami-6", "ami-1", "ami-3"]
    assert _releases.of_each(found, 2) == ["ami-7", "ami-6", "ami-3"]


def test_releases_that_failed_push_out_none_that_served():
    failed = [image(number, version=str(number), release=str(number), RolloutFailed="late") for number in (2, 3, 4)]
    assert _releases.of_each([image(1), *failed], 2) == ["ami-1", "ami-4", "ami-3"]


def test_the_list_tells_what_became_of_each_release():
    versions = [version(1, 1), version(2, 2), version(3, 9, said="0.9 by a job"), version(4, 2, default=True)]
    images = [image(1), image(2, version="2"), image(6, version="3", RolloutFailed="late", ReleasedBy="ben")]
    rows = _releases.listed(versions, images, group(4, 4, 4, 1))
    assert [(r["version"], r["template_version"], r["state"], r["instances"], r["by"]) for r in rows] == [
        ("3", None, "failed: late", 0, "ben"),
        ("2", 4, "runs", 2, "ann"),
        ("0.9", 3, "image deleted", 0, "a job"),
        ("2", 2, "kept", 0, "ann"),
        ("1", 1, "kept", 1, "ann"),
    ]
    assert [row["released"] for row in rows[:2]] == ["2026-01-06 00:00:00Z", "2026-01-04 01:00:00Z"]


def test_an_empty_account_has_an_empty_list():
    assert _releases.listed([], [], {}) == []


START = datetime.datetime(2026, 1, 1, 12, tzinfo=datetime.UTC)


def refresh(status: str, done: int = 0, **more: str) -> list[dict]:
    return [{"status": status, "percentage_complete": done, "start_time": "2026-01-01T12:00:00+00:00", **more}]


@pytest.mark.parametrize(
    ("status", "done", "age", "over", "stuck"),
    [
        ("Pending", 0, 1, False, False),
        ("InProgress", 0, 299, False, False),
        ("InProgress", 0, 301, True, True),
        ("InProgress", 50, 301, False, False),
        ("InProgress", 50, 1801, True, True),
        ("Baking", 100, 1801, True, True),
        ("RollbackInProgress", 0, 1801, False, False),
        ("Cancelling", 0, 1801, False, False),
        ("Successful", 100, 10, True, False),
        ("RollbackSuccessful", 0, 10, True, False),
        ("Failed", 0, 10, True, False),
    ],
)
def test_a_rollout_that_gets_nowhere_has_to_go_back(status, done, age, over, stuck):
    seen = _releases.progress(refresh(status, done), 300, 1800, START + datetime.timedelta(seconds=age))
    assert (seen["over"], seen["stuck"]) == (over, stuck)
    assert seen["text"].startswith(f"{status}, {done} %")


def test_a_look_that_failed_says_nothing():
    assert _releases.progress([], 300, 1800) == {"status": "unknown", "over": False, "stuck": False, "text": "not seen"}


def test_aws_s_reason_is_passed_on():
    assert _releases.progress(refresh("Failed", status_reason="no capacity"), 1, 1)["text"].endswith(": no capacity")


def test_rows_are_set_in_columns():
    rows = [{"version": "10.0.0", "template_version": None}, {"version": "2", "template_version": 3}]
    assert _table.lines(rows, ["version", "template_version"]) == [
        "version  template version",
        "10.0.0",
        "2        3",
    ]
