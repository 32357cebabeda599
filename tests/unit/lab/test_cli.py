"""The lab's commands as a user meets them, on made-up rows and mails."""

from __future__ import annotations

import ctypes
import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from lab import cli, config, host, server
from lab.services.sns import mail

ROWS: list[dict[str, Any]] = [
    {"kind": "vpc", "resource": "vpc-1", "state": "available", "behind": "namespace t3lab-vpc-1"},
    {"kind": "instance", "resource": "i-1", "state": "running", "behind": "guest, pid 4711", "pid": 4711},
]
LINK = f"http://198.51.100.1:4566/?Action=ConfirmSubscription&TopicArn=arn:aws:sns:us-east-1:1:t&Token={'ab12' * 60}"


@pytest.fixture
def running(monkeypatch, tmp_path):
    """A lab that seems to run."""
    monkeypatch.setattr(host, "running", lambda: 1)
    monkeypatch.setattr(cli, "_rows", lambda: ROWS)
    monkeypatch.setattr(config, "MAILBOX", tmp_path / "mail")


def test_status_names_the_process_and_how_to_get_a_shell(running, capsys):
    assert cli.main(["status"]) == 0
    said = capsys.readouterr().out
    assert "instance  i-1       running    guest, pid 4711\n" in said
    assert said.endswith(" shell i-1\n")
    assert cli.main(["status", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == ROWS


@pytest.mark.parametrize("words", [["status"], ["status", "--json"], ["mail"], ["confirm"], ["--help"]])
def test_a_reader_that_has_seen_enough_is_no_error(running, monkeypatch, capsys, words):
    """As with `make status | grep -q x`."""
    mail.post("ann@example.org", "A long one", "word " * 50_000)
    reader, writer = os.pipe()
    os.close(reader)
    with monkeypatch.context() as patched, open(writer, "w") as broken:
        patched.setattr("sys.stdout", broken)
        try:
            code = cli.main(words)
        except SystemExit as end:
            code = end.code
    assert code == 0
    assert capsys.readouterr().err == ""


def test_mails_are_printed_decoded_with_whole_links_the_newest_last(running, capsys):
    mail.post("ann@example.org", "AWS Notification - Subscription Confirmation", f"Visit the link below:\n{LINK}\n")
    mail.post("ann@example.org", "Größe", "x = y\n")
    assert cli.main(["mail"]) == 0
    first, second = capsys.readouterr().out.split("-" * 80)
    assert f"\n{LINK}\n" in first
    assert "To:      ann@example.org\n" in first
    assert "Subject: AWS Notification - Subscription Confirmation\n" in first
    assert "Subject: Größe\n" in second
    assert "x = y\n" in second


def test_no_mail_and_a_lab_that_is_down_are_said(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(config, "MAILBOX", tmp_path / "mail")
    monkeypatch.setattr(host, "running", lambda: None)
    assert cli.main(["mail"]) == 0
    assert capsys.readouterr().out == "There is no mail.\n"
    assert cli.main(["status"]) == 3
    assert " up` starts it." in capsys.readouterr().out
    assert cli.main(["shell", "i-1"]) == 1
    assert " up` starts it." in capsys.readouterr().err


def test_a_person_confirms_by_the_links_in_the_mails_past_any_proxy(api, client, monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(config, "MAILBOX", tmp_path / "mail")
    region = server.serve(server.build_app(lambda: None), ("127.0.0.1", 0))
    try:
        monkeypatch.setattr(config, "ENDPOINT", f"http://127.0.0.1:{region.ports[0]}")
        topic = client("sns").create_topic(Name="uploads")["TopicArn"]
        client("sns").subscribe(TopicArn=topic, Protocol="email", Endpoint="ann@example.org")
        mail.post("ann@example.org", "Of a topic that is gone", f"{config.ENDPOINT}/{LINK.partition(':4566/')[2]}")
        monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
        monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
        assert cli.main(["confirm"]) == 0
    finally:
        region.stop()
    said = capsys.readouterr().out
    assert f"Confirmed: {topic}:" in said
    assert "Refused (HTTP Error 400" in said
    (subscription,) = client("sns").list_subscriptions()["Subscriptions"]
    assert subscription["SubscriptionArn"].startswith(topic)


@pytest.mark.parametrize(("words", "seconds"), [("80ms", 0.08), ("0.5s", 0.5), ("2s", 2)])
def test_a_latency_has_a_unit(words, seconds):
    assert cli.duration(words) == seconds


@pytest.mark.parametrize("words", ["80", "-1ms", "fast"])
def test_a_latency_without_is_refused_in_a_sentence(words, capsys):
    with pytest.raises(SystemExit):
        cli.main(["api", f"--latency={words}"])
    assert f"'{words}' is no duration. Take milliseconds or seconds, such as 80ms" in capsys.readouterr().err


def test_the_api_ends_when_one_of_its_threads_is_given_the_signal():
    """On a busy system this happens: the main thread waits, and Python handles signals in that one."""
    command = [sys.executable, "-m", "lab", "api", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout
            server.stdout.readline()
            threads = {int(task.name) for task in Path(f"/proc/{server.pid}/task").iterdir()} - {server.pid}
            assert ctypes.CDLL(None).tgkill(server.pid, threads.pop(), signal.SIGTERM) == 0
            assert server.wait(30) == 0
        finally:
            server.kill()


def test_an_api_alone_writes_nothing_where_a_lab_beside_it_would_take_it_away(monkeypatch, tmp_path):
    names = ("MAILBOX", "PKI", "CA_CERT", "LAMBDA")
    for name in names:
        monkeypatch.setattr(config, name, getattr(config, name))  # which is put back
    config.keep_apart(tmp_path)
    assert all(getattr(config, name).is_relative_to(tmp_path) for name in names)
