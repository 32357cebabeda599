"""The application's password is rotated under load: nobody is turned away, and the old one opens nothing any more."""

from __future__ import annotations

import json

import requests

from tests.api import poll

from .conftest import BIN, playbook, run
from .load import Load, Request


def test_no_request_is_lost_while_the_password_changes(stack, client, figures):
    secrets, name = client("secretsmanager"), f"{stack.name}-app-db"

    def password(stage: str) -> str:
        return str(json.loads(secrets.get_secret_value(SecretId=name, VersionStage=stage)["SecretString"])["password"])

    before = password("AWSCURRENT")
    with Load(stack.api, rate=10, requests=[Request("/fetch")]) as load:
        poll(lambda: len(load.answers) > 20, deadline=30)
        done = playbook("rotate_secret", "-vvv")
        assert done.code == 0, done.why()
        seen = len(load.answers)
        poll(lambda: len(load.answers) > seen + 50, deadline=30)
    assert load.failed() == []
    for instance in stack.instances("webapp"):  # whose connections know the old password, and have to log in anew
        words = ("systemctl", "restart", "flask-app")
        assert run(BIN / "python", "-m", "lab", "shell", instance["InstanceId"], *words).code == 0

        def serves() -> bool:
            """the balancer has both again, and the application reaches its database"""
            return len(stack.healthy()) == 2 and requests.get(f"{stack.api}/ready", timeout=20).status_code == 200

        poll(serves, deadline=120)
    assert password("AWSPREVIOUS") == before != password("AWSCURRENT")
    assert not [one for one in (before, password("AWSCURRENT")) if one in done.output]
    figures["seconds of rotate_secret.yml"] = round(done.seconds, 1)
