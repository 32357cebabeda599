"""The application's password is rotated on a real MySQL, as roles/webapp/files/database/login.py does it on a host."""

from __future__ import annotations

import importlib.util
import json
import threading
import uuid
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest
from conftest import fresh_environment, migrate
from demo_app.app import create_app
from demo_app.settings import Settings

from lab import monkeypatch
from lab.services import secretsmanager

SCRIPT = Path(__file__).parents[2] / "roles/webapp/files/database/login.py"


@pytest.fixture(scope="module")
def login() -> ModuleType:
    spec = importlib.util.spec_from_file_location("login", SCRIPT)
    assert spec
    assert spec.loader
    found = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(found)
    return found


@pytest.fixture(scope="module")
def _labels() -> Iterator[None]:
    """The label AWSCURRENT says which version is given, which it does not in moto itself."""
    secretsmanager.install(False)
    yield
    monkeypatch.undo()


@pytest.fixture
def settings(server, aws, _labels):
    with fresh_environment(server, aws) as environment:
        said = migrate(environment).communicate(timeout=60)[0]
        assert "up to date" in said
        del environment["DATABASE_MASTER_SECRET_ARN"]
        yield environment


def add_version(aws, settings, stage):
    """As secretsmanager_secret_rotation does: its id."""
    client, arn = aws.client("secretsmanager"), settings["DATABASE_SECRET_ARN"]
    value = json.loads(client.get_secret_value(SecretId=arn)["SecretString"])
    new = json.dumps(value | {"password": f"it's %s \\ {uuid.uuid4()}"})
    return client.put_secret_value(SecretId=arn, SecretString=new, VersionStages=[stage])["VersionId"]


def promote(aws, settings, version, instead_of):
    aws.client("secretsmanager").update_secret_version_stage(
        SecretId=settings["DATABASE_SECRET_ARN"],
        VersionStage="AWSCURRENT",
        MoveToVersionId=version,
        RemoveFromVersionId=instead_of,
    )


def test_no_request_is_lost_and_each_step_can_be_taken_again(login, aws, server, settings):
    app = create_app(Settings.from_environment(settings))
    secret, host = login.Secret(settings), settings["DATABASE_HOST"]
    ended, answers = threading.Event(), []

    def ask():
        client = app.test_client()
        while not ended.is_set():
            answers.append(client.get("/api/v1/users").status_code)
            server.throw_out(user)  # so that the next request logs in anew

    old = secret.current()
    user = secret.login()["username"]
    asking = threading.Thread(target=ask)
    asking.start()
    try:
        new = add_version(aws, settings, "AWSPENDING")
        for expected in (True, False):  # the second is a run after one that was killed
            assert login.set_password(host, settings, secret, new, [old], keep=True) is expected
        assert [login.lets_in(host, settings, secret.login(version)) for version in (old, new)] == [True, True]
        promote(aws, settings, new, old)
        assert login.set_password(host, settings, secret, new, [old], keep=True) is False
        for _ in range(2):
            login.discard_password(settings, secret, new)
        assert [login.lets_in(host, settings, secret.login(version)) for version in (old, new)] == [False, True]
        seen = len(answers)
        while len(answers) < seen + 5:
            assert asking.is_alive()
    finally:
        ended.set()
        asking.join(20)
    assert set(answers) == {200}


def test_the_old_password_is_not_dropped_while_the_application_is_given_it(login, aws, settings, monkeypatch):
    monkeypatch.setattr(login, "SEEN_SECONDS", 1)
    secret = login.Secret(settings)
    old, new = secret.current(), add_version(aws, settings, "AWSPENDING")
    login.set_password(settings["DATABASE_HOST"], settings, secret, new, [old], keep=True)
    with pytest.raises(login.Refused, match=f"does not give the new version {new} yet"):
        login.discard_password(settings, secret, new)
    assert login.lets_in(settings["DATABASE_HOST"], settings, secret.login(old))


def test_a_restored_database_gets_today_s_password_whatever_password_it_knows(login, aws, server, settings):
    secret, host = login.Secret(settings), settings["DATABASE_HOST"]
    first = secret.current()
    second, third = (add_version(aws, settings, "AWSCURRENT") for _ in range(2))  # the database knows the first
    user = secret.login()["username"]
    server.run(f"REVOKE APPLICATION_PASSWORD_ADMIN ON *.* FROM '{user}'@'%'")  # one of before there was rotation
    assert login.set_password(host, settings, secret, third, [second, first], keep=False) is True
    assert [login.lets_in(host, settings, secret.login(one)) for one in (first, second, third)] == [False, False, True]


def test_what_is_in_the_way_is_said_without_a_password(login, aws, server, settings):
    secret, host = login.Secret(settings), settings["DATABASE_HOST"]
    old, new = secret.current(), add_version(aws, settings, "AWSPENDING")
    user = secret.login()["username"]
    with pytest.raises(login.Refused, match="none of the passwords that its secret holds"):
        login.set_password(host, settings, secret, new, [], keep=True)
    server.run(f"REVOKE APPLICATION_PASSWORD_ADMIN ON *.* FROM '{user}'@'%'")
    with pytest.raises(login.Refused, match="1.2.0 on: deploy one") as refused:
        login.set_password(host, settings, secret, new, [old], keep=True)
    for version in (old, new):
        assert secret.login(version)["password"] not in str(refused.value)
    assert [login.lets_in(host, settings, secret.login(version)) for version in (old, new)] == [True, False]
    gone = str(uuid.uuid4())
    with pytest.raises(login.Refused, match=f"has no version {gone} any more"):
        login.set_password(host, settings, secret, gone, [old], keep=True)
