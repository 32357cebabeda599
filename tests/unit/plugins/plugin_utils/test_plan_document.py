"""A plan that is kept, and what has moved since."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from ansible_collections.threetier.aws.plugins.plugin_utils import _collection
from ansible_collections.threetier.aws.plugins.plugin_utils._plan import document

RESOURCES = [
    {
        "region": "us-east-1",
        "tier": "network",
        "kind": "ec2_security_group",
        "name": "x-db-sg",
        "action": "leave",
        "rows": [],
        "note": "",
    },
    {
        "region": "us-east-1",
        "tier": "database",
        "kind": "rds_db_instance",
        "name": "x-db",
        "action": "change",
        "rows": [{"attribute": "multi_az", "before": False, "after": True}],
        "note": "",
    },
]


def plan(**choices: Any) -> dict[str, Any]:
    made = document.document(copy.deepcopy(RESOURCES), {"threetier_nat_per_az": False, **choices}, "today")
    return dict(json.loads(json.dumps(made)))  # as it is kept


def test_a_plan_counts_its_resources_and_names_its_version():
    assert plan()["summary"] == {"create": 0, "change": 1, "delete": 0, "leave": 1}
    assert plan()["collection"] == _collection.version()


def test_the_same_plan_of_another_time_still_holds():
    assert document.unfit(plan()) == []
    assert document.moved(plan(), {**plan(), "time": "tomorrow"}) == []


def test_a_changed_choice_is_told_with_both_values():
    assert document.moved(plan(), plan(threetier_nat_per_az=True)) == [
        "threetier_nat_per_az was false, and is true now."
    ]


def test_another_version_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    signed = plan()
    monkeypatch.setattr(_collection, "version", lambda: "9.0.0")
    (said,) = document.unfit(signed)
    assert said == f"It was made with version {signed['collection']} of threetier.aws. This is 9.0.0."


@pytest.mark.parametrize(
    ("number", "change", "words"),
    [
        (0, {"action": "change"}, "x-db-sg: it was to be left as it is, and would be changed now."),
        (1, {"rows": [{"attribute": "port", "before": 1, "after": 2}]}, "x-db: port would become something else now."),
        (1, {"rows": []}, "x-db: multi_az would become something else now."),
        (0, {"name": "y-db-sg"}, "x-db-sg: it is in the plan, but would not be now."),
    ],
)
def test_a_resource_that_has_moved_is_named(number: int, change: dict[str, Any], words: str) -> None:
    resources = copy.deepcopy(RESOURCES)
    resources[number].update(change)
    now = document.document(resources, {"threetier_nat_per_az": False}, "today")
    assert document.moved(plan(), now)[0].endswith(words)


def test_a_plan_that_somebody_has_edited_is_refused():
    edited = plan()
    edited["resources"].pop()
    assert document.unfit(edited) == ["The plan was changed after it was made: its digest is another one."]


def test_its_status_is_for_ci():
    assert plan()["status"] == "changes"
    assert document.document(RESOURCES[:1], {}, "today")["status"] == "no changes"
    assert document.document(RESOURCES, {}, "today", failed=["eu-west-1"])["status"] == "incomplete"


def test_what_a_run_that_failed_has_kept_cannot_be_done():
    signed = document.document(RESOURCES, {"threetier_nat_per_az": False}, "today", failed=["eu-west-1"])
    assert document.unfit(signed) == [
        "The run that made it failed before its end, so it leaves out what it did not come to."
    ]


def test_a_subscription_that_was_confirmed_meanwhile_moves_nothing():
    resources = copy.deepcopy(RESOURCES)
    resources[0]["note"] = "It waits."
    now = document.document(resources, {"threetier_nat_per_az": False}, "today")
    assert document.moved(plan(), now) == []
