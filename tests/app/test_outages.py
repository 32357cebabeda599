"""When the database or AWS is away, slow, failed over or has a new password: a sentence soon, recovery by itself."""

from __future__ import annotations

import contextlib
import functools
import inspect
import json
import socket
import threading
import time

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from demo_app import aws, database
from demo_app.app import create_app
from demo_app.secrets import Credentials, Secret
from demo_app.storage import Bucket

SOON = 15  # seconds; a load balancer waits 60


@pytest.fixture
def hasty(empty, monkeypatch):
    """Applications that are made from now on wait less for an answer; how long they wait is a test of its own."""
    monkeypatch.setattr(database, "connect", functools.partial(database.connect, read_timeout=2))
    monkeypatch.setattr(aws, "_CONFIG", aws._CONFIG.merge(Config(read_timeout=1)))
    monkeypatch.setattr(aws, "_CONFIGS", {"s3": aws._CONFIGS["s3"].merge(Config(read_timeout=1))})


def test_what_is_waited_for_at_most_is_less_than_a_load_balancer_waits():
    config = aws._CONFIG
    tries = config.retries["total_max_attempts"]
    assert tries * (config.connect_timeout + config.read_timeout) < SOON
    waits = inspect.signature(database.connect).parameters
    assert waits["connect_timeout"].default + waits["read_timeout"].default < SOON


@pytest.fixture
def own(empty):
    """A caller of an application process of its own, with nothing cached; nobody else is connected."""
    empty.server.throw_out(empty.user)
    return create_app(empty.settings()).test_client()


@pytest.fixture
def unavailable(sentence):
    """Check that a call is refused for now, soon, with a sentence about what is away."""

    def check(call, what):
        started = time.monotonic()
        answer = call()
        assert time.monotonic() - started < SOON
        assert what in sentence(answer, 503)
        assert int(answer.headers["Retry-After"]) > 0

    return check


@pytest.fixture
def road(empty, monkeypatch):
    """The road to the database, which can be closed (refused), jammed (no answer) and opened again."""
    address = (empty.server.host, empty.server.port)
    connect = socket.create_connection
    with socket.create_server(("127.0.0.1", 0)) as jam, socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))  # bound and not listening: connections are refused
        ways = {"open": address, "jammed": jam.getsockname(), "closed": closed.getsockname()}
        way = ["open"]

        def redirected(to, *arguments, **options):
            return connect(ways[way[0]] if to == address else to, *arguments, **options)

        monkeypatch.setattr(socket, "create_connection", redirected)
        yield lambda state: way.__setitem__(0, state)


def test_a_database_that_is_down_is_503_soon_and_serves_again_without_a_restart(own, empty, road, unavailable):
    assert own.post("/insert", json={"name": "Ann"}).status_code == 200
    assert empty.server.throw_out(empty.user) >= 1
    road("closed")
    unavailable(lambda: own.get("/fetch"), "database")
    unavailable(lambda: own.post("/insert", json={"name": "Ben"}), "database")
    unavailable(lambda: own.get("/ready"), "database")
    assert own.get("/").status_code == 200, "the process itself is alive"
    assert own.get("/list_files").status_code == 200, "files need no database"
    road("open")
    assert [name for _, name in own.get("/fetch").json["users"]] == ["Ann"]
    assert own.get("/ready").status_code == 200


def test_a_database_that_does_not_answer_is_503_soon(hasty, own, road, unavailable):
    road("jammed")
    unavailable(lambda: own.get("/fetch"), "database")


def test_a_database_that_does_not_answer_keeps_one_caller_waiting_and_no_more(hasty, own, road):
    road("jammed")
    own.get("/fetch")
    took = []

    def call():
        begin = time.monotonic()
        assert own.application.test_client().get("/fetch").status_code == 503
        took.append(time.monotonic() - begin)

    threads = [threading.Thread(target=call) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(seconds > 1.5 for seconds in took) <= 1, took
    road("open")
    assert own.get("/fetch").status_code == 200


def test_a_statement_that_takes_too_long_is_given_up(hasty, own, empty, unavailable):
    assert own.post("/insert", json={"name": "Ann"}).status_code == 200
    with empty.server.admin() as cursor:
        cursor.execute(f"LOCK TABLES {empty.database}.users WRITE")
        unavailable(lambda: own.get("/fetch"), "database")
    assert own.get("/fetch").status_code == 200


def test_dropped_connections_are_not_noticed_by_the_next_caller(own, empty):
    own.get("/fetch")
    assert empty.server.throw_out(empty.user) >= 1
    assert own.get("/fetch").status_code == 200


def test_connections_left_on_a_read_only_server_are_dropped(own, empty, unavailable):
    """What a failover leaves behind: the old writer still answers pings but takes no writes."""
    own.get("/fetch")
    before = _connections(empty)
    empty.server.run("SET GLOBAL read_only = ON")
    try:
        unavailable(lambda: own.post("/insert", json={"name": "Ann"}), "database")
    finally:
        empty.server.run("SET GLOBAL read_only = OFF")
    assert own.post("/insert", json={"name": "Ben"}).status_code == 200
    assert not before & _connections(empty), "a new connection serves"


def test_a_rotated_password_is_fetched_again(own, empty):
    own.get("/fetch")
    secrets = empty.aws.client("secretsmanager")
    old = secrets.get_secret_value(SecretId=empty.secret_arn)["SecretString"]
    with _password(empty, "today's %s password"):
        secrets.put_secret_value(
            SecretId=empty.secret_arn, SecretString=json.dumps(json.loads(old) | {"password": "today's %s password"})
        )
        assert empty.server.throw_out(empty.user) >= 1
        assert own.post("/insert", json={"name": "Ann"}).status_code == 200
    secrets.put_secret_value(SecretId=empty.secret_arn, SecretString=old)


def test_a_password_that_is_wrong_is_fetched_again_once_and_not_forever(own, empty, unavailable, monkeypatch, caplog):
    asked = []
    fetch = Secret.credentials
    monkeypatch.setattr(Secret, "credentials", lambda self, **stale: asked.append(stale) or fetch(self, **stale))
    with _password(empty, "never told"):
        unavailable(lambda: own.get("/fetch"), "database")
    assert len(asked) == 2
    assert own.get("/fetch").status_code == 200
    assert [record.fields["code"] for record in caplog.records if hasattr(record, "fields")] == [1045]
    assert empty.user not in caplog.text


def test_credentials_show_no_secret_when_printed():
    assert "pass" not in f"{Credentials('user', 'pass')!r} {Credentials('user', 'pass')}"


@pytest.mark.parametrize(
    ("state", "paths"),
    [("closed", ["/list_files", "/get_file_metadata", "/api/v1/files", "/fetch"]), ("jammed", ["/list_files"])],
)
def test_aws_away_is_503_soon(hasty, empty, unavailable, monkeypatch, state, paths):
    with socket.create_server(("127.0.0.1", 0)) as jam:
        port = jam.getsockname()[1] if state == "jammed" else 9
        monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{port}")
        client = create_app(empty.settings()).test_client()
        for path in paths:
            unavailable(lambda path=path: client.get(path), "AWS")
        assert client.get("/").status_code == 200


@pytest.mark.parametrize("missing", ["backend_bucket", "metadata_table"])
def test_a_bucket_or_table_that_is_missing_is_seen_by_readiness(empty, unavailable, missing):
    client = create_app(empty.settings(**{missing: "gone"})).test_client()
    unavailable(lambda: client.get("/ready"), "AWS")


def test_more_callers_than_connections_are_all_served(own, empty):
    answers = []

    def call(number):
        with own.application.test_client() as caller:
            answers.append(caller.post("/insert", json={"name": f"user {number}"}).status_code)

    threads = [threading.Thread(target=call, args=(number,)) for number in range(24)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [200] * 24
    assert len(own.get("/fetch").json["users"]) == 24
    assert len(_connections(empty)) <= 4


def _connections(empty):
    rows = empty.server.run(f"SELECT id FROM information_schema.processlist WHERE user = '{empty.user}'")
    return {row[0] for row in rows}


@contextlib.contextmanager
def _password(empty, password):
    """The user's password in the database is another one for a while."""
    secret = empty.aws.client("secretsmanager").get_secret_value(SecretId=empty.secret_arn)["SecretString"]
    with empty.server.admin() as cursor:
        statement = f"ALTER USER '{empty.user}'@'%%' IDENTIFIED BY %s"
        cursor.execute(statement, (password,))
        try:
            yield
        finally:
            cursor.execute(statement, (json.loads(secret)["password"],))


CAUSES = [
    ("AccessDenied", 403, 503, "aws-forbids", "does not allow"),
    ("NoSuchBucket", 404, 503, "aws-missing", "not there"),
    ("SlowDown", 503, 503, "aws-busy", "no more requests"),
    ("KeyTooLongError", 400, 400, "aws-refuses", "does not accept"),
    ("InternalError", 500, 503, "aws-unreachable", "cannot be reached"),
]


@pytest.mark.parametrize(("code", "status", "ours", "cause", "words"), CAUSES)
def test_what_aws_says_no_to_has_a_cause_and_a_sentence_of_its_own(
    own, sentence, monkeypatch, code, status, ours, cause, words
):
    answer = {"Error": {"Code": code, "Message": "in AWS's words"}, "ResponseMetadata": {"HTTPStatusCode": status}}

    def refuse(*_arguments, **_options):
        raise ClientError(answer, "ListObjectsV2")

    monkeypatch.setattr(Bucket, "page", refuse)
    refused = own.get("/api/v1/files")
    assert words in sentence(refused, ours)
    assert "in AWS's words" not in refused.text
    assert refused.headers["X-Error-Cause"] == cause
    assert ("Retry-After" in refused.headers) == (ours == 503)


def test_a_secret_that_holds_no_password_is_said_so_and_read_again(own, empty, sentence):
    secrets = empty.aws.client("secretsmanager")
    right = secrets.get_secret_value(SecretId=empty.secret_arn)["SecretString"]
    secrets.put_secret_value(SecretId=empty.secret_arn, SecretString='{"user": "never told"}')
    try:
        refused = own.get("/fetch")
        assert "secret" in sentence(refused, 503)
        assert refused.headers["X-Error-Cause"] == "secret-unusable"
    finally:
        secrets.put_secret_value(SecretId=empty.secret_arn, SecretString=right)
    assert own.get("/fetch").status_code == 200
