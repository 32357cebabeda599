"""What the workshop's published page relies on."""

from __future__ import annotations

import io

import pytest
from conftest import BUCKET
from demo_app.app import create_app
from demo_app.logs import JsonFormatter
from moto.s3.models import s3_backends

NAMES = ["a b+c%ü.txt", 'it\'s "so".txt', "100%25 sure.txt", "日本語 🎉.png", "semi;colon,comma.txt", "e\u0301.txt"]


def upload(client, name, content=b"hello"):
    """As browsers send it: UTF-8, a quotation mark as %22."""
    escaped = name.replace("\\", "\\\\").replace('"', "%22")
    head = f'--edge\r\nContent-Disposition: form-data; name="file"; filename="{escaped}"\r\n'
    kind = "Content-Type: application/octet-stream\r\n\r\n"
    body = head.encode() + kind.encode() + content + b"\r\n--edge--\r\n"
    return client.post("/upload", data=body, content_type="multipart/form-data; boundary=edge")


def test_health_answers_without_any_of_the_outside_world(empty, monkeypatch):
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    answer = create_app(empty.settings(database_port=9)).test_client().get("/")
    assert answer.status_code == 200
    assert answer.json == {"status": "ok", "message": "Service is healthy"}


def test_an_inserted_user_is_fetched_as_an_array_with_the_name_at_index_1(client):
    assert client.post("/insert", json={"name": "Ann"}).json == {"message": "User inserted successfully!"}
    assert client.post("/insert", json={"name": "Zoë 🎈 O'Neil"}).json == {"message": "User inserted successfully!"}
    users = client.get("/fetch").json["users"]
    assert [name for _, name in users] == ["Ann", "Zoë 🎈 O'Neil"]
    assert users[0][0] < users[1][0]


def test_all_users_are_fetched_however_many(client, empty):
    rows = ",".join(f"('user {number}')" for number in range(1500))
    empty.server.run(f"INSERT INTO {empty.database}.users (name) VALUES {rows}")
    assert len(client.get("/fetch").json["users"]) == 1500


def test_a_name_of_255_characters_fits_whatever_they_are(client):
    name = "🎈" * 255
    assert client.post("/insert", json={"name": name}).status_code == 200
    assert client.get("/fetch").json["users"][0][1] == name


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("{}", "name is missing."),
        ('{"name": ""}', "name is empty."),
        ('{"name": "  \\n "}', "name is empty."),
        ('{"name": null}', "name must be text."),
        ('{"name": 7}', "name must be text."),
        ('{"name": "\\ud800"}', "."),
        ('{"name": "a\\u0000b"}', "name holds characters"),
        ('{"name": "a\\ufffeb"}', "name holds characters"),
        ('{"name": "' + "x" * 255 + ' "}', "more than 255"),
        ('{"name": "' + "x" * 256 + '"}', "more than 255 characters"),
        ("name=Ann", "The body is not JSON."),
        ("", "The body is not JSON."),
        ('"Ann"', "The body must be a JSON object."),
        ("[]", "The body must be a JSON object."),
    ],
)
def test_a_name_that_is_none_is_refused_with_a_sentence_and_nothing_is_stored(client, sentence, body, said):
    assert said in sentence(client.post("/insert", data=body, content_type="application/json"), 400)
    assert client.get("/fetch").json == {"users": []}


@pytest.mark.parametrize("name", NAMES)
def test_a_file_is_listed_under_the_name_its_user_gave_it(client, empty, name):
    assert upload(client, name).json == {"message": "File uploaded successfully!", "file_name": name, "note": None}
    assert client.get("/list_files").json == {"files": [name]}
    assert empty.aws.client("s3").get_object(Bucket=BUCKET, Key=name)["Body"].read() == b"hello"


@pytest.mark.parametrize(
    ("given", "kept"), [("../../etc/passwd", "passwd"), ("/tmp/a.txt", "a.txt"), ("C:\\Users\\Ann\\b.txt", "b.txt")]
)
def test_path_parts_of_a_file_name_are_cut_and_it_is_told(client, given, kept):
    told = upload(client, given).json
    assert (told["message"], told["file_name"]) == ("File uploaded successfully!", kept)
    assert told["note"] == f"What was given is a path. The file is kept as {kept}."
    assert client.get("/list_files").json == {"files": [kept]}


def test_several_files_at_once_are_refused_and_none_is_stored(client, sentence):
    form = {"file": [(io.BytesIO(b"x"), f"{number}.txt") for number in range(3)]}
    answer = client.post("/upload", data=form, content_type="multipart/form-data")
    assert sentence(answer, 400).startswith("These are 3 files.")
    assert client.get("/list_files").json == {"files": []}


@pytest.mark.parametrize(
    "name", ["..", ".", "a/", "tab\there.txt", "ü" * 256, "a\ufffeb.txt", "a\uffffb", " ", "\x85.txt"]
)
def test_a_name_that_cannot_be_a_key_is_refused(client, sentence, name):
    assert "name" in sentence(upload(client, name), 400)
    assert client.get("/list_files").json == {"files": []}


@pytest.mark.parametrize("form", [{"file": "undefined"}, {}, {"other": (io.BytesIO(b"x"), "x.txt")}])
def test_without_a_chosen_file_nothing_is_stored(client, sentence, form):
    assert sentence(client.post("/upload", data=form, content_type="multipart/form-data"), 400)
    assert client.get("/list_files").json == {"files": []}


def test_a_file_of_exactly_the_limit_is_stored_and_one_byte_more_is_not(client, empty, sentence):
    limit = empty.settings().max_upload_bytes
    assert upload(client, "fits.bin", bytes(limit)).status_code == 200
    assert "1 MiB" in sentence(upload(client, "big.bin", bytes(limit + 1)), 413)
    assert "1 MiB" in sentence(upload(client, "huge.bin", bytes(3 * limit)), 413)
    assert client.get("/list_files").json == {"files": ["fits.bin"]}


def test_an_empty_file_is_a_file(client):
    assert upload(client, "empty.txt", b"").status_code == 200
    assert client.get("/list_files").json == {"files": ["empty.txt"]}


def test_more_than_1000_files_are_all_listed(client, empty):
    names = [f"file {number:04}.txt" for number in range(1005)]
    bucket = s3_backends["123456789012"]["aws"]  # the account that moto gives everybody; this way it takes no time
    for name in names:
        bucket.put_object(BUCKET, name, b"")
    assert client.get("/list_files").json == {"files": names}


def test_all_metadata_is_given_the_newest_first_with_names_as_they_were(client, empty):
    filler = "x" * 300_000  # a page of a scan holds 1 MB
    for day, name in enumerate(NAMES, start=1):
        time = f"2026-11-{day:02}T05:00:00.000Z"
        empty.aws.table.put_item(
            Item={"file_name": name, "bucket_name": BUCKET, "timestamp": time, "size": 5, "filler": filler}
        )
    found = client.get("/get_file_metadata").json["files_metadata"]
    assert [entry["file_name"] for entry in found] == NAMES[::-1]
    assert found[0]["bucket_name"] == BUCKET
    assert found[0]["timestamp"] == "2026-11-06T05:00:00.000Z"
    assert found[0]["size"] == 5


def test_no_metadata_is_an_empty_list(client):
    assert client.get("/get_file_metadata").json == {"files_metadata": []}


def test_a_page_of_any_origin_may_call_and_read_answers_and_errors(client, sentence):
    origin = {"Origin": "http://demo.example"}
    asked = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "content-type"}
    preflight = client.options("/insert", headers=origin | asked)
    assert preflight.status_code == 200
    assert preflight.headers["Access-Control-Allow-Origin"] == "*"
    assert "POST" in preflight.headers["Access-Control-Allow-Methods"]
    assert preflight.headers["Access-Control-Allow-Headers"] == "Content-Type, Idempotency-Key, X-Consistency-Token"
    assert client.get("/fetch", headers=origin).headers["Access-Control-Allow-Origin"] == "*"
    sentence(client.post("/insert", json={}, headers=origin), 400)
    sentence(client.get("/nowhere", headers=origin), 404)
    sentence(client.delete("/insert", headers=origin), 405)


def test_only_the_origins_named_may_call_where_some_are_named(empty):
    client = create_app(empty.settings(cors_origins="https://a.example, https://b.example")).test_client()
    for path in ("/", "/nowhere"):
        allowed = client.get(path, headers={"Origin": "https://b.example"})
        assert allowed.headers["Access-Control-Allow-Origin"] == "https://b.example"
        refused = client.get(path, headers={"Origin": "https://c.example"})
        assert "Access-Control-Allow-Origin" not in refused.headers
        assert allowed.headers["Vary"] == refused.headers["Vary"] == "Origin"


def test_an_error_nobody_thought_of_is_a_sentence_too_and_its_text_stays_out_of_the_log(empty, sentence, caplog):
    app = create_app(empty.settings())
    app.add_url_rule("/broken", "broken", lambda: {}["a value nobody should see"])
    assert sentence(app.test_client().get("/broken"), 500) == "Something went wrong on our side."
    (record,) = [record for record in caplog.records if record.name == "demo_app.errors"]
    line = JsonFormatter().format(record)
    assert "KeyError" in line
    assert "test_legacy_routes.py" in line
    assert "nobody should see" not in line
