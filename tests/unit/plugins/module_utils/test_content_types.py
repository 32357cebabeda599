"""A file's type by its name: what browsers need to run, show or download it."""

from __future__ import annotations

import mimetypes

import pytest
from ansible_collections.threetier.aws.plugins.module_utils import _content_types


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("index.html", "text/html; charset=utf-8"),
        ("old/page.htm", "text/html; charset=utf-8"),
        ("app.css", "text/css; charset=utf-8"),
        ("app.js", "text/javascript; charset=utf-8"),
        ("app.mjs", "text/javascript; charset=utf-8"),
        ("app.js.map", "application/json"),
        ("data.json", "application/json"),
        ("logo.svg", "image/svg+xml"),
        ("LOGO.PNG", "image/png"),
        ("prices.pdf", "application/pdf"),
        ("robots.txt", "text/plain; charset=utf-8"),
        ("font.woff2", "font/woff2"),
        ("module.wasm", "application/wasm"),
        ("site.webmanifest", "application/manifest+json"),
        ("all.tar.gz", "application/gzip"),
        ("v1.json/LICENSE", "application/octet-stream"),
        ("unknown.thing", "application/octet-stream"),
    ],
)
def test_the_type_follows_from_the_name(name, expected):
    assert _content_types.of(name) == expected


def test_the_list_of_the_machine_changes_nothing(monkeypatch):
    monkeypatch.setattr(mimetypes, "types_map", {".html": "text/plain"})
    assert _content_types.of("index.html") == "text/html; charset=utf-8"
