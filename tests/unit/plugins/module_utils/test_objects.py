"""The objects of a website: what has to be published anew."""

from __future__ import annotations

from typing import Any

from ansible_collections.threetier.aws.plugins.module_utils._s3 import objects

FILES = [{"path": "index.html", "etag": "1"}, {"path": "app.mjs", "etag": "2"}]


def look(path: str, **data: str) -> dict[str, Any]:
    same = {"e_tag": '"1"', "content_type": "text/html; charset=utf-8", "cache_control": "no-cache"}
    return {"item": path, "object_info": [{"object_data": {**same, **data}}]}


def test_each_file_has_its_media_type() -> None:
    wanted = objects.of_page(FILES, "no-cache")
    assert wanted["app.mjs"] == {
        "etag": "2",
        "content_type": "text/javascript; charset=utf-8",
        "cache_control": "no-cache",
    }


def test_what_is_missing_or_has_another_content_or_header_is_published_anew() -> None:
    wanted = objects.of_page(FILES[:1], "no-cache")
    assert objects.outdated(wanted, [look("index.html"), look("of-others.txt")]) == []
    (missing,) = objects.outdated(wanted, [])
    assert (missing["path"], missing["found"]) == ("index.html", {})
    for key, value in (("e_tag", '"9"'), ("content_type", "text/plain"), ("cache_control", "")):
        (other,) = objects.outdated(wanted, [look("index.html", **{key: value})])
        assert other["wanted"] == wanted["index.html"]
        assert other["found"] != other["wanted"]
