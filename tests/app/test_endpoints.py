"""The application with a writer's and a readers' endpoint, on a real MySQL and a real replica of it."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from unittest import mock

import pymysql
import pytest
import replication
from browsing import opened
from demo_app import attempts, nodes
from demo_app.app import create_app
from replication import READER, WRITER, until
from serving import gunicorn

USERS = "/api/v1/users"
TOKEN = "X-Consistency-Token"
SOON = 5.0  # seconds


@pytest.fixture(scope="module")
def pair(server, deployment):
    yield from replication.started(server)


@pytest.fixture
def site(pair, empty, monkeypatch):
    """The pair, behind an application of its own."""
    replication.lead(pair, monkeypatch)
    settings = empty.settings(database_host=WRITER, database_reader_host=READER, database_show_node=True)
    pair.app = create_app(settings)
    yield pair
    pair.recover()


@pytest.fixture
def caller(site):
    """Makes callers who know of nobody else's writes; `cookies=False` makes one who keeps no cookie."""
    return lambda cookies=True: site.app.test_client(use_cookies=cookies)


def names(answer):
    assert answer.status_code == 200, answer.text
    return [user["name"] for user in answer.json["items"]]


def role(answer):
    return answer.headers["X-Served-By-Database"].split()[0]


def test_lists_and_items_are_read_from_a_reader_and_writes_go_to_the_writer(caller):
    ann = caller().post(USERS, json={"name": "Ann"})
    assert (ann.status_code, role(ann)) == (201, "writer")
    reader = caller()
    until(lambda: names(reader.get(USERS)) == ["Ann"])
    for path in (USERS, f"{USERS}/{ann.json['id']}", "/api/v1/products", "/api/v1/orders"):
        answer = reader.get(path)
        assert (answer.status_code, role(answer)) == (200, "reader"), path
    assert TOKEN not in answer.headers, "who reads needs none"
    assert role(reader.get("/fetch")) == "writer", "its callers can show no token"
    ready = reader.get("/ready")
    assert (ready.status_code, ready.json["database_readers"]) == (200, "ok")
    assert "X-Served-By-Database" in ready.headers["Access-Control-Expose-Headers"]


def test_who_has_written_reads_it_although_readers_are_30_seconds_behind(site, caller):
    site.lag(30)
    ann, other, plain = caller(), caller(), caller(cookies=False)
    made = ann.post(USERS, json={"name": "Ann"})
    path = f"{USERS}/{made.json['id']}"
    assert [role(answer) for answer in (ann.get(USERS), ann.get(path))] == ["writer", "writer"]
    assert names(ann.get(USERS)) == ["Ann"]
    assert ann.put(path, json={"name": "Anna"}).status_code == 200
    assert ann.get(path).json["name"] == "Anna"
    stale = other.get(USERS)
    assert (names(stale), role(stale)) == ([], "reader")
    assert names(plain.get(USERS, headers={TOKEN: made.headers[TOKEN]})) == ["Anna"]
    assert names(plain.get(USERS, headers={TOKEN: "0"})) == ["Anna"]
    assert names(plain.get(USERS, headers={TOKEN: "no token"})) == ["Anna"]
    assert [name for _, name in plain.get("/fetch").json["users"]] == ["Anna"]
    assert ann.delete(path).status_code == 204
    assert names(ann.get(USERS)) == []
    site.lag(0)
    site.second.catch_up(site.first)
    assert role(ann.get(USERS)) == "reader", "it has what she wrote"


@pytest.fixture
def readers(site):
    """Eight callers who read all the time: what they were answered, and after how many seconds at the latest."""
    answers, ended = [], threading.Event()

    def read():
        with site.app.test_client() as caller:
            while not ended.is_set():
                begun = time.monotonic()
                answer = caller.get(USERS)
                answers.append((answer.status_code, role(answer), time.monotonic() - begun))

    with ThreadPoolExecutor(8) as pool:
        callers = [pool.submit(read) for _ in range(8)]
        until(lambda: len(answers) > 8)
        yield answers
        ended.set()
        for one in callers:
            one.result()
    assert {status for status, _, _ in answers} == {200}
    assert max(seconds for _, _, seconds in answers) < SOON


def test_a_reader_that_died_is_noticed_once_and_is_back_by_itself(site, caller, readers):
    assert readers[0][1] == "reader"
    site.cut_off_reader()
    until(lambda: readers[-1][1] == "writer")
    time.sleep(SOON / 2)  # until all have noticed
    noticed = len(readers)
    until(lambda: len(readers) > noticed + 50)
    assert max(seconds for _, _, seconds in readers[noticed:]) < 1, "nobody waits for it any more"
    ready = caller().get("/ready")
    assert (ready.status_code, ready.json["database"], ready.json["database_readers"]) == (200, "ok", "away")
    site.recover()
    until(lambda: readers[-1][1] == "reader")


def test_a_failover_fails_no_read_and_no_write_once_the_name_has_moved(site, caller, readers, sentence):
    ann = caller()
    assert ann.post(USERS, json={"name": "before"}).status_code == 201
    site.second.catch_up(site.first)
    site.fail_over()
    refused = ann.post(USERS, json={"name": "meanwhile"})
    assert "no changes" in sentence(refused, 503)
    assert int(refused.headers["Retry-After"]) <= 5
    assert names(ann.get(USERS)) == ["before"]
    assert [name for _, name in ann.get("/fetch").json["users"]] == ["before"]
    site.move_names()
    after = ann.post(USERS, json={"name": "after"})
    assert (after.status_code, role(after)) == (201, "writer")
    assert names(ann.get(USERS)) == ["before", "after"]


def test_connections_to_a_writer_that_was_demoted_are_left_before_they_are_used(site, caller):
    assert caller().post(USERS, json={"name": "before"}).status_code == 201
    site.fail_over()
    site.move_names()
    assert caller().post(USERS, json={"name": "after"}).status_code == 201


@pytest.fixture
def lost_commit(monkeypatch):
    """`lost_commit(then)`: the next commit is done, `then` happens, and the caller never hears of the commit."""

    def lose(then=lambda: None):
        commit = pymysql.connections.Connection.commit

        def lost(connection):
            commit(connection)
            monkeypatch.setattr(pymysql.connections.Connection, "commit", commit)
            then()
            connection._force_close()
            raise pymysql.err.OperationalError(2013, "Lost connection to MySQL server during query")

        monkeypatch.setattr(pymysql.connections.Connection, "commit", lost)

    return lose


def test_a_write_whose_answer_was_lost_in_a_failover_is_done_once_with_a_key(site, caller, lost_commit, monkeypatch):
    monkeypatch.setattr(attempts, "_QUICKLY", 60)  # the failover is a part of what is waited for

    def fail_over():
        site.fail_over()
        site.move_names()

    ann, key = caller(), {"Idempotency-Key": "failover"}
    lost_commit(fail_over)
    made = ann.post(USERS, json={"name": "Ann"}, headers=key)
    assert (made.status_code, made.json["name"], role(made)) == (201, "Ann", "writer")
    assert made.headers["Idempotency-Replayed"] == "true"
    assert ann.post(USERS, json={"name": "Ann"}, headers=key).json == made.json
    assert names(ann.get(USERS)) == ["Ann"]


def test_without_a_key_it_is_not_tried_again_and_the_caller_reads_whether_it_was_done(site, caller, lost_commit):
    site.lag(30)
    ann = caller()
    lost_commit()
    assert ann.post(USERS, json={"name": "Ann"}).status_code == 503
    assert names(ann.get(USERS)) == ["Ann"]


@pytest.mark.parametrize("method", ["get", "post"])
def test_a_connection_that_is_lost_before_anything_was_done_is_not_noticed(client, monkeypatch, method):
    """With one endpoint, too."""
    execute = pymysql.cursors.Cursor.execute
    lost = []

    def lose(cursor, query, *arguments):
        if "users" in query and not lost:
            lost.append(query)
            cursor.connection._force_close()
            raise pymysql.err.OperationalError(2013, "Lost connection to MySQL server during query")
        return execute(cursor, query, *arguments)

    monkeypatch.setattr(pymysql.cursors.Cursor, "execute", lose)
    answer = client.get("/fetch") if method == "get" else client.post("/insert", json={"name": "Ann"})
    assert (answer.status_code, len(lost)) == (200, 1)
    assert len(client.get("/fetch").json["users"]) == (method == "post")


@pytest.mark.parametrize(
    ("known", "told"),
    [
        ({"aurora_server_id": "shop-db-2", "hostname": "ip-10-0-0-7", "innodb_read_only": "ON"}, "reader shop-db-2"),
        ({"hostname": "ip-10-0-0-7", "innodb_read_only": "OFF", "read_only": "OFF"}, "writer ip-10-0-0-7"),
    ],
)
def test_a_node_has_the_name_that_aurora_gives_it_or_its_host_s(known, told):
    cursor = mock.Mock(fetchall=lambda: list(known.items()))
    assert nodes.describe(mock.Mock(cursor=lambda: cursor)) == told


def test_old_tokens_are_forgotten(site, caller, empty, monkeypatch):
    table = f"{empty.database}.consistency_tokens"
    empty.server.run(
        f"DELETE FROM {table}",
        f"INSERT INTO {table} (created_at) VALUES (utc_timestamp(6) - INTERVAL 61 MINUTE), "
        "(utc_timestamp(6) - INTERVAL 59 MINUTE)",
    )
    monkeypatch.setattr("demo_app.consistency._EACH", 1)
    assert caller().post(USERS, json={"name": "Ann"}).status_code == 201
    assert empty.server.run(f"SELECT COUNT(*) FROM {table}") == [(2,)]


def test_with_one_endpoint_there_are_no_tokens_and_no_names_of_nodes(client, empty):
    made = client.post(USERS, json={"name": "Ann"})
    assert made.status_code == 201
    assert {TOKEN, "Set-Cookie", "X-Served-By-Database"} & set(made.headers.keys()) == set()
    assert client.get("/ready").json["database_readers"] == "none"
    assert empty.server.run(f"SELECT COUNT(*) FROM {empty.database}.consistency_tokens") == [(0,)]


def test_the_page_shows_which_node_answered_and_reads_what_was_written_there(site, browser, address, empty, tmp_path):
    site.lag(30)
    nodes = {"DATABASE_READER_HOST": site.second.server.host, "DATABASE_SHOW_NODE": "true"}
    with gunicorn(empty.environment | nodes, tmp_path, bind=address):
        page = opened(browser)
        page.shows("answered-by", "Answered by: reader ")
        page["user-name"].send_keys("Ann")
        page["insert-user"].click()
        page.shows("users", "Ann")
        page.shows("answered-by", "Answered by: writer ")
        assert len(page["nodes"].text.split("writer")) == len(page["nodes"].text.split("reader")) == 2
        page.picture("nodes")
        browser.refresh()
        page.shows("users", "Ann")
    assert browser.execute_script("return document.documentElement.scrollWidth") <= 1280
    errors = [entry["message"] for entry in browser.get_log("browser") if entry["level"] == "SEVERE"]
    assert [error for error in errors if "Failed to load resource" not in error] == []
