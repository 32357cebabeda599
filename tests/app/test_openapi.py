"""The API's description of itself is valid, complete and true."""

from __future__ import annotations

import io
import re

import pytest
from demo_app import __version__
from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator


@pytest.fixture
def document(client):
    return client.get("/api/v1/openapi.json").json


def test_it_is_a_valid_openapi_document_of_this_version(document):
    assert list(OpenAPIV31SpecValidator(document).iter_errors()) == []
    assert document["info"]["version"] == __version__


def test_it_describes_every_route_and_no_other(document, app):
    routes = {
        (re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule), method.lower())
        for rule in app.url_map.iter_rules()
        for method in rule.methods - {"HEAD", "OPTIONS"}
    }
    assert {(path, method) for path, methods in document["paths"].items() for method in methods} == routes
    assert len(routes) >= 28


def test_each_path_parameter_is_described(document):
    for path, methods in document["paths"].items():
        for described in methods.values():
            named = {entry["name"] for entry in described["parameters"] if entry["in"] == "path"}
            assert named == set(re.findall(r"{(\w+)}", path))


def test_answers_are_as_described(client, document):
    def call(method, path, described, status, **request):
        answer = client.open(path, method=method, **request)
        assert answer.status_code == status, answer.text
        content = document["paths"][described][method.lower()]["responses"][str(status)].get("content")
        if content is None:
            assert answer.data == b""
            return None
        schema = content["application/json"]["schema"] | {"components": document["components"]}
        Draft202012Validator(schema).validate(answer.json)
        return answer.json

    api = "/api/v1"
    call("GET", "/", "/", 200)
    call("GET", "/ready", "/ready", 200)
    call("POST", "/insert", "/insert", 200, json={"name": "Ann"})
    call("POST", "/insert", "/insert", 400, json={})
    call("POST", "/upload", "/upload", 200, data={"file": (io.BytesIO(b"x"), "a.txt")})
    call("POST", "/upload", "/upload", 413, data={"file": (io.BytesIO(bytes(2**21)), "a.txt")})
    call("GET", "/fetch", "/fetch", 200)
    call("GET", "/list_files", "/list_files", 200)
    call("GET", "/get_file_metadata", "/get_file_metadata", 200)
    for noun in ("alive", "ready", "metadata"):
        call("GET", f"{api}/{noun}", f"{api}/{noun}", 200)
    call("POST", f"{api}/uploads", f"{api}/uploads", 200, data={"file": (io.BytesIO(b"x"), "b.txt")})
    user = call("POST", f"{api}/users", f"{api}/users", 201, json={"name": "Ann"})["id"]
    tea = {"sku": "TEA", "name": "Tea", "price": "1.00"}
    product = call("POST", f"{api}/products", f"{api}/products", 201, json=tea)["id"]
    call("POST", f"{api}/products", f"{api}/products", 409, json=tea)
    items = [{"product_id": product, "quantity": 1}]
    order = call("POST", f"{api}/orders", f"{api}/orders", 201, json={"user_id": user, "items": items})["id"]
    for noun, key in (("user", user), ("product", product), ("order", order)):
        call("GET", f"{api}/{noun}s?limit=1", f"{api}/{noun}s", 200)
        call("GET", f"{api}/{noun}s?limit=0", f"{api}/{noun}s", 400)
        call("GET", f"{api}/{noun}s/{key}", f"{api}/{noun}s/{{{noun}_id}}", 200)
        call("GET", f"{api}/{noun}s/0", f"{api}/{noun}s/{{{noun}_id}}", 404)
    call("PATCH", f"{api}/orders/{order}", f"{api}/orders/{{order_id}}", 200, json={"status": "paid"})
    call("DELETE", f"{api}/users/{user}", f"{api}/users/{{user_id}}", 409)
    call("DELETE", f"{api}/orders/{order}", f"{api}/orders/{{order_id}}", 204)
    call("GET", f"{api}/files", f"{api}/files", 200)
    call("POST", f"{api}/files", f"{api}/files", 201, json={"name": "b.txt", "size": 1})
    call("GET", f"{api}/files/a.txt", f"{api}/files/{{file_name}}", 200)
    call("GET", f"{api}/files/a.txt/download", f"{api}/files/{{file_name}}/download", 200)
    call("DELETE", f"{api}/files/a.txt", f"{api}/files/{{file_name}}", 204)
    call("GET", f"{api}/openapi.json", f"{api}/openapi.json", 200)
