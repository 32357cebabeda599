"""Requests that a firewall has to stop, and those of the page's users, which it has to let through."""

from __future__ import annotations

import base64
import itertools
import json
import random
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote, urlencode

import yaml

BROWSER = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36"
_JSON = {"Content-Type": "application/json"}
_NAMES = (
    *("O'Brien", "D'Angelo & Söhne", "Zoë Müller-Lüdenscheidt", 'Anna "Nan" Smith', "Robert, drop me a line"),
    *("李小龙", "select committee", "Null", "Union Station (north and south)", "a <3 b", "50% off", "C# and F#"),
    *("x = y or z", "Jean-Luc d'Arc", "update from the table", "1 + 1 = 2"),
)
_FILES = (
    "report 2026.pdf",
    "notes.txt",
    "photo_001.jpeg",
    "O'Brien's plan.docx",
    "backup.sql",
    "server.log",
    "data.csv",
)


class Sent(NamedTuple):
    method: str
    uri: str
    headers: dict[str, str]
    body: bytes = b""


def attacks() -> list[Sent]:
    """A hundred of the Core Rule Set's own tests."""
    known = yaml.safe_load((Path(__file__).parent / "attacks.yml").read_text())
    return [_sent(one["method"], one["uri"], one.get("headers", {}), one.get("data", "").encode()) for one in known]


def harmless() -> list[Sent]:
    """A hundred of what the page sends, and of what callers of the API do."""
    return [*_looks(), *_records(), *_uploads()]


def upload(name: str, content: bytes, path: str = "/api/v1/uploads") -> Sent:
    """A file sent as a form."""
    head = f'--BOUND\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n'
    body = f"{head}Content-Type: application/octet-stream\r\n\r\n".encode() + content + b"\r\n--BOUND--\r\n"
    return _sent("POST", path, {"Content-Type": "multipart/form-data; boundary=BOUND"}, body)


def _sent(method: str, uri: str, headers: dict[str, str], body: bytes = b"") -> Sent:
    described = any(name.lower() == "content-type" for name in headers) or not body
    form = {} if described else {"Content-Type": "application/x-www-form-urlencoded"}
    return Sent(method, uri, {"User-Agent": BROWSER, **form, **headers}, body)


def _looks() -> list[Sent]:
    pages = ("/", "/ready", "/fetch", "/list_files", "/get_file_metadata", "/api/v1/limits", "/openapi.json")
    lists = [
        f"/api/v1/{kind}?{urlencode({'page': page, 'per_page': 20, 'sort': sort, 'search': word})}"
        for kind, (page, sort, word) in itertools.product(
            ("users", "products"), zip(range(1, 17), itertools.cycle(("name", "-id")), _NAMES, strict=False)
        )
    ]
    orders = [f"/api/v1/orders?page={page}&user_id={page * 7}&sort=-created_at" for page in range(1, 6)]
    files = [
        path for name in _FILES for path in (f"/api/v1/files/{quote(name)}", f"/api/v1/files?prefix={quote(name)}")
    ]
    return [_sent("GET", uri, {}) for uri in (*pages, *lists, *orders, *files)]


def _records() -> list[Sent]:
    def told(method: str, uri: str, content: Any) -> Sent:
        return _sent(method, uri, {**_JSON, "Idempotency-Key": "5f7c2c1e-0b7a-4e9f-8a53"}, json.dumps(content).encode())

    users = [told("POST", "/api/v1/users", {"name": name}) for name in _NAMES]
    products = [
        told("PUT", f"/api/v1/products/{number}", {"sku": f"A-{number}", "name": name, "price": "9.90", "stock": 3})
        for number, name in enumerate(_NAMES[:10])
    ]
    items = [{"product_id": number, "quantity": number} for number in range(1, 60)]
    orders = [
        told("POST", "/api/v1/orders", {"user_id": 1, "items": items}),
        told("PATCH", "/api/v1/orders/7", {"status": "shipped"}),
        _sent("DELETE", "/api/v1/orders/7", {}),
        _sent("DELETE", "/api/v1/users/7", {}),
    ]
    return [*users, *products, *orders, told("POST", "/insert", {"name": "O'Brien"})]


def _uploads() -> list[Sent]:
    content = random.Random(1)
    sizes = (0, 100, 8_000, 9_000, 40_000)
    raw = [upload(name, content.randbytes(size), "/upload") for name, size in zip(_FILES, sizes, strict=False)]
    texts = [
        upload(name, base64.encodebytes(content.randbytes(size))) for name, size in zip(_FILES[2:], sizes, strict=False)
    ]
    links = {"name": "big.bin", "size": 7_000_000, "content_type": "application/octet-stream"}
    return [*raw, *texts, _sent("POST", "/api/v1/files", _JSON, json.dumps(links).encode())]
