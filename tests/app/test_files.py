"""Files under /api/v1: links that the bucket itself honours."""

from __future__ import annotations

from urllib.parse import quote, unquote

import pytest
import requests
from conftest import BUCKET

API = "/api/v1/files"
NAMES = ["a b+c%ü.txt", 'it\'s "quoted".txt', "100%25 sure.txt", "日本語 🎉.png", "+", "what?#.txt"]


def put(empty, *names):
    for name in names:
        empty.aws.client("s3").put_object(Bucket=BUCKET, Key=name, Body=b"hello", ContentType="text/plain")


@pytest.mark.parametrize("name", NAMES)
def test_a_file_goes_up_by_a_link_and_comes_down_by_a_link(client, name):
    up = client.post(API, json={"name": name, "size": 5, "content_type": "text/plain"})
    assert up.status_code == 201
    assert requests.request(up.json["method"], up.json["url"], headers=up.json["headers"], data=b"hello").ok
    assert client.get("/list_files").json == {"files": [name]}
    down = client.get(f"{API}/{quote(name, safe='')}/download").json
    received = requests.request(down["method"], down["url"])
    assert received.content == b"hello"
    assert unquote(received.headers["Content-Disposition"]) == f"attachment; filename*=UTF-8''{name}"


def test_a_link_is_for_one_name_size_and_type_and_for_a_time(client):
    link = client.post(API, json={"name": "a.txt", "size": 5, "content_type": "text/plain"}).json
    assert "content-length%3Bcontent-type%3Bhost%3Bx-amz-meta-request-id" in link["url"]
    assert "X-Amz-Expires=900" in link["url"]
    assert "checksum" not in link["url"].lower(), "the caller's content is not known yet"
    assert link["expires_in"] == 900


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"name": "a.txt", "size": 1024 * 1024 + 1}, 413),
        ({"name": "a.txt"}, 400),
        ({"name": "a.txt", "size": -1}, 400),
        ({"name": "..", "size": 1}, 400),
        ({"name": "", "size": 1}, 400),
        ({"name": "a.txt", "size": 1, "content_type": "text/plain\r\nX-Evil: 1"}, 400),
    ],
)
def test_a_link_for_what_may_not_be_stored_is_refused(client, sentence, body, status):
    sentence(client.post(API, json=body), status)


def test_a_name_keeps_its_blanks(client):
    link = client.post(API, json={"name": " a .txt ", "size": 0}).json
    assert "/%20a%20.txt%20?" in link["url"]


@pytest.mark.parametrize("name", ["reports/2026/x.txt", "back\\slash.txt", "/x", "x/"])
def test_a_path_is_refused_with_a_sentence_and_not_changed(client, sentence, name):
    words = "name is a path, and a file's name is the last part of it only."
    assert sentence(client.post(API, json={"name": name, "size": 1}), 400) == words


@pytest.mark.parametrize("after", ["%12", "%00", "a%EF%BF%BE"])
def test_a_page_after_what_no_name_can_be_is_refused(client, sentence, after):
    assert sentence(client.get(f"{API}?after={after}"), 400) == "after holds characters that no name has."


@pytest.mark.parametrize("name", NAMES)
def test_what_is_known_of_a_file_is_told_with_what_the_pipeline_recorded(client, empty, name):
    put(empty, name)
    address = f"{API}/{quote(name, safe='')}"
    before = client.get(address).json
    assert (before["name"], before["size"], before["content_type"]) == (name, 5, "text/plain")
    assert before["metadata"] is None
    record = {"file_name": name, "bucket_name": BUCKET, "timestamp": "2026-11-21T05:00:00.000Z"}
    empty.aws.table.put_item(Item=record)
    assert record.items() <= client.get(address).json["metadata"].items()


def test_the_record_of_a_deleted_file_is_not_shown_and_history_is(client, empty):
    put(empty, "a.txt")
    earlier = {"file_name": "a.txt", "timestamp": "2026-11-20T05:00:00.000Z", "size": 3, "sequencer": "01"}
    record = {"file_name": "a.txt", "timestamp": "2026-11-21T05:00:00.000Z", "size": 5, "history": [earlier]}
    empty.aws.table.put_item(Item=record)
    shown = client.get(f"{API}/a.txt").json
    assert (shown["metadata"]["size"], [old["size"] for old in shown["history"]]) == (5, [3])
    assert len(client.get("/get_file_metadata").json["files_metadata"]) == 1
    empty.aws.table.put_item(Item=record | {"deleted_at": "2026-11-22T05:00:00.000Z"})
    assert client.get("/get_file_metadata").json == {"files_metadata": []}
    assert client.get(f"{API}/a.txt").json["metadata"] is None


@pytest.mark.parametrize("name", NAMES)
def test_a_deleted_file_is_gone(client, empty, sentence, name):
    put(empty, name, "other.txt")
    address = f"{API}/{quote(name, safe='')}"
    assert client.delete(address).status_code == 204
    assert client.get("/list_files").json == {"files": ["other.txt"]}
    for call in (client.get, client.delete):
        assert sentence(call(address), 404) == "There is no such file."
    assert sentence(client.get(f"{address}/download"), 404) == "There is no such file."


def test_files_are_paged_by_name(client, empty):
    put(empty, *NAMES)
    seen, after = [], ""
    while after is not None:
        page = client.get(API, query_string={"limit": 2, "after": after}).json
        seen += [file["name"] for file in page["items"]]
        after = page["next"]
    assert seen == sorted(NAMES, key=str.encode)
