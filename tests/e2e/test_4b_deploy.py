"""New versions of the application, under a steady load: forward, back, and not at all."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.api import poll

from .conftest import TOP, Run, playbook
from .load import Load, Request

SHIPPED = (TOP / "roles/webapp/files/backend/VERSION").read_text().strip()
REQUESTS = (
    Request("/"),
    Request("/api/v1/users?limit=5"),
    Request("/insert", {"name": "Inserted under load"}),
    Request("/ready"),
)
# Not what is tested: the distribution's updates, and looking on for longer.
QUICK = {"webapp_upgrade_packages": False, "webapp_refresh_warmup": 5, "webapp_rollout_pause": 3}

VERSIONS = "backend/demo_app/migrations/versions"
SHIPPED_MIGRATIONS = max(int(file.name[:4]) for file in (TOP / "roles/webapp/files" / VERSIONS).glob("[0-9]*.py"))


def migration(number: int, name: str, up: str, down: str) -> dict[str, str]:
    """The file of the migration that comes so many after the shipped ones, by its path."""
    revision = SHIPPED_MIGRATIONS + number
    text = f"""
import sqlalchemy as sa
from alembic import op

revision, down_revision = "{revision:04}", "{revision - 1:04}"


def upgrade():
    {up}


def downgrade():
    {down}
"""
    return {f"{VERSIONS}/{revision:04}_{name}.py": text}


ADDS = migration(
    1,
    "nicknames",
    'op.add_column("users", sa.Column("nickname", sa.String(40)))',
    'op.drop_column("users", "nickname")',
)
CLASHES = migration(
    2,
    "unique_names",
    'op.create_unique_constraint("uq_users_name", "users", ["name"])',
    'op.drop_constraint("uq_users_name", "users")',
)


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """release("2.0.0", {path: content, …}): the shipped application as another version."""

    def make(version: str, changes: dict[str, str]) -> Path:
        place = tmp_path_factory.mktemp("releases") / version
        for part in ("backend", "frontend"):
            shutil.copytree(TOP / "roles/webapp/files" / part, place / part)
        page = place / "frontend/index.html"
        page.write_text(f"{page.read_text()}<!-- {version} -->\n")
        for path, content in {"backend/VERSION": version, **changes}.items():
            (place / path).write_text(content)
        return place

    return make


def play(name: str, **variables: Any) -> Run:
    return playbook(name, "-e", json.dumps(QUICK | variables))


@pytest.fixture
def load(stack):
    with Load(stack.api, rate=20, requests=REQUESTS) as running:
        yield running
    assert running.failed() == []


def only(version: str, load: Load) -> None:
    """From now on all answers are of this version."""
    begin = time.monotonic()
    poll(lambda: len(load.since(begin)) >= 50, deadline=60)
    assert set(load.versions(begin)) == {version}


def users(stack) -> list[list]:
    return requests.get(f"{stack.api}/fetch", timeout=10).json()["users"]


def test_a_new_version_comes_without_a_lost_request_and_with_its_page(stack, load, release, figures):
    calm = time.monotonic()
    only(SHIPPED, load)
    begin = time.monotonic()
    done = play("deploy", webapp_version="2.0.0", webapp_release_source=str(release("2.0.0", ADDS)))
    assert done.code == 0, done.why()
    assert set(load.versions(begin)) == {SHIPPED, "2.0.0"}
    only("2.0.0", load)
    figures["deploy: requests"] = str(load)
    figures["deploy: p99 ms before and during"] = [
        round(1000 * load.percentile(99, *span)) for span in ((calm, begin), (begin,))
    ]
    figures["deploy: seconds"] = round(done.seconds, 1)
    assert "2.0.0" in requests.get(stack.page, timeout=5).text
    acknowledged = [answer for answer in load.since() if answer.request.body]
    poll(lambda: len([name for _, name in users(stack) if name == "Inserted under load"]) >= len(acknowledged), 10)


def test_a_version_that_never_gets_ready_is_rolled_back_with_its_reason(stack, load, release, figures):
    """It is ready on the builder, which may read one secret more than the fleet."""
    health = (TOP / "roles/webapp/files/backend/demo_app/health.py").read_text()
    broken = health.replace(
        "def _database() -> None:\n",
        "def _database() -> None:\n"
        "    if not services().settings.database_master_secret_arn:\n"
        "        from flask import abort\n\n"
        '        abort(503, "This release wants to be master.")\n',
    )
    assert broken != health
    source = str(release("3.0.0", ADDS | {"backend/demo_app/health.py": broken}))
    done = play("deploy", webapp_version="3.0.0", webapp_release_source=source, webapp_rollout_patience=30)
    assert done.code != 0
    for said in ("Version 3.0.0", "All instances are at version 2.0.0 again", "This release wants to be master."):
        assert said in done.output, done.why()
    only("2.0.0", load)
    assert set(load.versions()) == {"2.0.0"}
    assert len(poll(lambda: len(stack.healthy()) == 2 and stack.healthy(), deadline=60)) == 2
    figures["deploy that is rolled back: requests"] = str(load)
    figures["deploy that is rolled back: seconds"] = round(done.seconds, 1)


def test_what_runs_stays_the_failed_is_not_tried_again_and_nothing_changes(stack):
    again = play("webapp")
    assert again.code == 0, again.why()
    assert again.total("changed") == 0, again.why("changed")


def test_a_version_with_a_bad_migration_is_refused_and_the_data_is_intact(stack, release):
    for _ in range(2):
        assert requests.post(f"{stack.api}/insert", json={"name": "Twin"}, timeout=5).ok
    before = users(stack)
    with Load(stack.api, rate=20, requests=(Request("/"), Request("/api/v1/users?limit=5"))) as load:
        done = play("deploy", webapp_version="4.0.0", webapp_release_source=str(release("4.0.0", ADDS | CLASHES)))
        assert done.code != 0
        assert "The migration fails on a copy of the database. Nothing was changed." in done.output, done.why()
    assert load.failed() == []
    assert set(load.versions()) == {"2.0.0"}
    assert users(stack) == before
    assert stack.instances("builder") == []
    images = stack.client("ec2").describe_images(
        Owners=["self"], Filters=[{"Name": "tag:Version", "Values": ["4.0.0"]}]
    )
    assert images["Images"] == []


def test_a_kept_version_is_gone_back_to_by_hand_page_and_all(stack, load, figures):
    refused = play("rollback", webapp_version="4.0.0")
    assert refused.code != 0
    assert "There is no release 4.0.0" in refused.output
    done = play("rollback", webapp_version=SHIPPED)
    assert done.code == 0, done.why()
    only(SHIPPED, load)
    assert "2.0.0" not in requests.get(stack.page, timeout=5).text
    figures["rollback: seconds"] = round(done.seconds, 1)


def test_the_releases_can_be_listed(stack):
    said = play("releases")
    assert said.code == 0, said.why()
    rows = [line.strip(" '\"-,").split() for line in said.output.splitlines() if f"{stack.name}-ami-" in line]
    states = [(row[0], row[1].rstrip(":")) for row in rows]
    assert states == [(SHIPPED, "runs"), ("3.0.0", "failed"), ("2.0.0", "kept"), (SHIPPED, "kept")]
