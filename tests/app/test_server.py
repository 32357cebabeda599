"""The application under the server that serves it, as its unit starts it."""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
from concurrent.futures import ThreadPoolExecutor
from importlib import metadata

import pytest
import requests
from conftest import BACKEND, BUCKET
from serving import COMMAND, CONFIG, gunicorn, until_logged

REQUEST = "1-67891233-abcdef012345678912345678"


def test_a_request_in_flight_is_finished_before_the_server_stops(empty, tmp_path):
    with gunicorn(empty.environment, tmp_path) as (process, address, log):
        host, port = address.split(":")
        body = b'{"name": "Ann in flight"}'
        head = f"POST /insert HTTP/1.1\r\nHost: {address}\r\nContent-Length: {len(body)}\r\n\r\n"
        with socket.create_connection((host, int(port)), timeout=20) as slow:
            slow.sendall(head.encode() + body[:10])
            requests.get(f"http://{address}/", timeout=5)  # by now the first one is being worked on
            process.terminate()
            until_logged(log, "Handling signal: term")
            slow.sendall(body[10:])
            answer = slow.makefile("rb").read()
        assert answer.startswith(b"HTTP/1.1 200")
        assert answer.endswith(b'{"message":"User inserted successfully!"}')
        assert process.wait(timeout=40) == 0
    assert empty.server.run(f"SELECT name FROM {empty.database}.users")[0] == ("Ann in flight",)


def test_it_serves_many_at_once_and_logs_each_request_as_json_without_its_content(empty, tmp_path):
    with gunicorn(empty.environment, tmp_path) as (_, address, log), ThreadPoolExecutor(8) as callers:
        url = f"http://{address}"
        names = [f"user {number}" for number in range(40)]
        trace = {"X-Amzn-Trace-Id": "Root=1-abc"}
        post = lambda name: requests.post(f"{url}/insert", json={"name": name}, headers=trace, timeout=30)  # noqa: E731
        assert {answer.status_code for answer in callers.map(post, names)} == {200}
        assert sorted(name for _, name in requests.get(f"{url}/fetch", timeout=30).json()["users"]) == sorted(names)
        file = {"file": ('a b+c%ü "q".txt', b"hello")}
        sent = requests.post(f"{url}/upload", files=file, headers={"X-Request-Id": REQUEST}, timeout=30)
        assert (sent.status_code, sent.headers["X-Request-Id"]) == (200, REQUEST)
        assert requests.get(f"{url}/list_files", timeout=30).json() == {"files": ['a b+c%ü "q".txt']}
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    inserts = [line for line in lines if line.get("path") == "/insert"]
    assert len(inserts) == 40
    assert {(line["method"], line["status"], line["trace"]) for line in inserts} == {("POST", 200, "Root=1-abc")}
    assert len({line["request"] for line in inserts}) == 40, "each has an id"
    assert [line["request"] for line in lines if line.get("path") == "/upload"] == [REQUEST]
    kept = empty.aws.client("s3").head_object(Bucket=BUCKET, Key='a b+c%ü "q".txt')["Metadata"]
    assert kept == {"request-id": REQUEST}, "for the function's log"
    assert "user 7" not in log.read_text()
    assert not (tmp_path / "gunicorn.ctl").exists()


def test_a_file_past_the_limit_is_refused_with_a_sentence_although_it_is_still_being_sent(empty, tmp_path):
    with gunicorn(empty.environment, tmp_path) as (_, address, _log):
        file = {"file": ("big.bin", bytes(20 * 1024 * 1024))}
        answer = requests.post(f"http://{address}/upload", files=file, timeout=30)
        assert answer.status_code == 413
        assert "1 MiB" in answer.json()["error"]


def test_a_wrong_environment_is_said_in_one_line_and_nothing_is_served(tmp_path):
    bare = {"PATH": os.environ["PATH"], "AWS_REGION": "us-east-1"}
    ended = subprocess.run(
        [*COMMAND, str(CONFIG)], env=bare, capture_output=True, text=True, timeout=30, cwd=tmp_path, check=False
    )
    assert ended.returncode == 1
    last = json.loads(ended.stdout.splitlines()[-1])
    assert last["message"].startswith("Missing in the environment: BACKEND_BUCKET, DATABASE_CA_BUNDLE, DATABASE_HOST")
    assert ended.stderr == ""


def _pinned():
    lines = (BACKEND / "requirements.txt").read_text().splitlines()
    return [re.fullmatch(r"([\w.-]+)==([\w.]+)", line).groups() for line in lines if line and not line.startswith("#")]


@pytest.mark.parametrize(("package", "version"), _pinned())
def test_what_is_tested_is_what_is_shipped(package, version):
    assert metadata.version(package) == version
