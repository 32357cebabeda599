"""Credentials come from the metadata service of the instance. It may be slow or away just when a process needs it."""

from __future__ import annotations

import contextlib
import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import requests
from demo_app import watch
from demo_app.app import create_app
from serving import CONFIG, gunicorn, until_logged


class Metadata:
    """A metadata service, which may be away."""

    def __init__(self) -> None:
        self.away = False
        self.asked = 0

    @contextlib.contextmanager
    def served(self) -> Iterator[str]:
        service = self

        class Handler(BaseHTTPRequestHandler):
            def do_PUT(self) -> None:
                self._answer("token")

            def do_GET(self) -> None:
                service.asked += 1
                role = self.path.rpartition("/")[2]
                self._answer(json.dumps(_CREDENTIALS) if role else "the-role")

            def _answer(self, text: str) -> None:
                self.send_response(503 if service.away else 200)
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text.encode())

            def log_message(self, *_: object) -> None:
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/"
        finally:
            server.shutdown()
            server.server_close()


_CREDENTIALS = {
    "AccessKeyId": "AKIAQQAPPTESTQQKEYQQ",
    "SecretAccessKey": "a-long-and-unlikely-value",
    "Token": "token",
    "Expiration": "2099-01-01T00:00:00Z",
}


@pytest.fixture
def metadata(monkeypatch) -> Iterator[Metadata]:
    """The only place where credentials are."""
    service = Metadata()
    with service.served() as address:
        monkeypatch.delenv("AWS_ACCESS_KEY_ID", raising=False)
        monkeypatch.delenv("AWS_SECRET_ACCESS_KEY", raising=False)
        monkeypatch.setenv("AWS_EC2_METADATA_SERVICE_ENDPOINT", address)
        yield service


@pytest.fixture
def own_client(empty, metadata):
    metadata.away = True
    return create_app(empty.settings()).test_client()


def test_a_server_that_starts_without_credentials_has_them_once_they_are_there(empty, metadata, tmp_path):
    metadata.away = True
    with gunicorn(empty.environment, tmp_path) as (_, address, _log):
        refused = requests.get(f"http://{address}/ready", timeout=20)
        assert refused.status_code == 503
        assert refused.headers["X-Error-Cause"] == "no-credentials"
        assert refused.json() == {
            "error": "This instance has no credentials for AWS at the moment. Try again in a few seconds."
        }
        assert requests.get(f"http://{address}/", timeout=20).status_code == 200, "that may pass"
        metadata.away = False
        time.sleep(1.5)
        # each of both workers
        answers = [requests.get(f"http://{address}/{path}", timeout=20) for path in ("ready", "list_files") * 10]
        assert {answer.status_code for answer in answers} == {200}


def test_all_callers_are_told_at_once_and_the_service_is_asked_once_a_second(own_client, metadata):
    begin = time.monotonic()
    for _ in range(50):
        assert own_client.get("/list_files").status_code == 503
    assert metadata.asked <= 2 * (time.monotonic() - begin) + 2


def test_credentials_that_stay_away_make_the_instance_sick_until_they_come(own_client, metadata, monkeypatch, sentence):
    monkeypatch.setattr(watch, "SICK", 0.0)
    assert own_client.get("/").status_code == 200
    assert own_client.get("/list_files").status_code == 503
    refused = own_client.get("/")
    assert "credentials" in sentence(refused, 503)
    metadata.away = False
    time.sleep(1.1)
    assert own_client.get("/list_files").status_code == 200
    assert own_client.get("/").status_code == 200


def test_a_database_or_aws_that_is_away_for_all_makes_no_instance_sick(empty, monkeypatch):
    monkeypatch.setattr(watch, "SICK", 0.0)
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    client = create_app(empty.settings(database_port=9)).test_client()
    assert client.get("/ready").status_code == 503
    assert client.get("/list_files").status_code == 503
    assert client.get("/").status_code == 200


def test_a_worker_that_never_gets_any_ends_and_another_one_begins(empty, metadata, tmp_path):
    metadata.away = True
    hasty = tmp_path / "hasty.py"
    own_config = f"import runpy\nglobals().update(runpy.run_path({str(CONFIG)!r}))\n"
    hasty.write_text(f"{own_config}watch.EVERY, watch.LOST = 0.2, 1.0\ngraceful_timeout = 2\n")
    with gunicorn(empty.environment, tmp_path, config=hasty) as (_, address, log):
        until_logged(log, "This worker ends, and another one begins.")
        metadata.away = False
        deadline = time.monotonic() + 60
        while requests.get(f"http://{address}/ready", timeout=20).status_code != 200:
            assert time.monotonic() < deadline
            time.sleep(0.2)
