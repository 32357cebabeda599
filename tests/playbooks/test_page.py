"""The files of the page: with the type that a browser needs, and gone when a release no longer has them."""

from __future__ import annotations

import json

import pytest

from .conftest import TOP


@pytest.fixture
def publish(ansible, tmp_path, stack):
    """publish("1.0", {"index.html": "…"}) makes these files the page, and says how many tasks changed something."""

    def run(version: str, files: dict[str, str], *arguments: str) -> str:
        place = tmp_path / version
        for name, content in files.items():
            (place / name).parent.mkdir(parents=True, exist_ok=True)
            (place / name).write_text(content)
        given = {"bucket": f"{stack}-page", "release": {"version": version, "frontend": str(place)}}
        done = ansible("playbook", str(TOP / "tests/playbooks/publish.yml"), "-e", json.dumps(given), *arguments)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    return run


def test_page_goes_back(publish, client, stack):
    s3, bucket = client("s3"), f"{stack}-page"
    s3.create_bucket(Bucket=bucket)
    s3.put_object(Bucket=bucket, Key="by-hand.txt", Body=b"of somebody else")

    def types() -> dict[str, str]:
        keys = [one["Key"] for one in s3.list_objects_v2(Bucket=bucket)["Contents"]]
        return {key: s3.head_object(Bucket=bucket, Key=key)["ContentType"] for key in keys}

    first = {"index.html": "1"}
    publish("1.0", first)
    publish("2.0", first | {"app.mjs": "2", "prices.pdf": "2"})
    assert types() == {
        "app.mjs": "text/javascript; charset=utf-8",
        "by-hand.txt": "binary/octet-stream",
        "config.json": "application/json",
        "index.html": "text/html; charset=utf-8",
        "prices.pdf": "application/pdf",
    }
    planned = publish("1.0", first, "--check")
    assert "2 to delete" in planned
    assert "app.mjs" in types()
    s3.put_object(Bucket=bucket, Key="index.html", Body=b"1", ContentType="text/plain")  # the same content
    publish("1.0", first)
    assert types()["index.html"] == "text/html; charset=utf-8"
    assert types().keys() == {"by-hand.txt", "config.json", "index.html"}
    assert "changed=0" in publish("1.0", first)
