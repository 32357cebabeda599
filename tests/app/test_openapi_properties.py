"""What the OpenAPI document allows is what the application takes, and what it forbids is refused: no more, no less."""

from __future__ import annotations

import json
import re
from decimal import Decimal

import pytest
from conftest import BUCKET
from demo_app.app import create_app
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator, validators
from jsonschema.exceptions import ValidationError

API = "/api/v1"


def _multiple_of(_validator, step, number, _schema):
    """In decimals: in binary 0.07 is no multiple of 0.01. True is no number, which is for `type` to say."""
    if type(number) in (int, float) and abs(number) < 1e12 and Decimal(str(number)) % Decimal(str(step)):
        yield ValidationError(f"{number} is no multiple of {step}")


def _pattern(_validator, pattern, text, _schema):
    """As the standard has it: $ is the end, also of a text that ends in a line break."""
    if isinstance(text, str) and not re.search(re.sub(r"\$$", r"\\Z", pattern), text):
        yield ValidationError(f"{text!r} does not match {pattern}")


Validator = validators.extend(Draft202012Validator, {"multipleOf": _multiple_of, "pattern": _pattern})


def test_what_judges_a_multiple_takes_each_value():
    judge = Validator({"multipleOf": 0.01, "type": "number"})
    assert [judge.is_valid(value) for value in (0.07, 7, 0.071, True, "1", None)] == [True, True, *[False] * 4]


# Values that are right, nearly right and wrong. What is special to a rule comes often.
CHARACTERS = st.one_of(
    st.characters(), st.sampled_from("a/\\.\x00\x1f\x7f\x85\xa0\u2028\u3000\ufeff\ufffd\ufffe\uffff\n ")
)
NAMES = st.one_of(
    st.text(CHARACTERS, max_size=12),
    st.integers(253, 257).map(lambda length: "ü" * length),
    st.sampled_from([".", "..", "a.", " a ", "", " ", "\u3000", "a\n", "reports/x.txt", "back\\slash.txt"]),
)
ANYTHING = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False, allow_infinity=False), NAMES)
PRICES = st.one_of(
    st.decimals(-1, 100_000_001, places=2, allow_nan=False).map(float),
    st.decimals(0, 10, places=3, allow_nan=False).map(float),
    st.decimals(-1, 100_000_001, places=2, allow_nan=False).map(str),
    st.sampled_from(
        [0, 99999999.99, 99999999.991, "1e3", "01.5", "1.", ".5", " 1", "+1", "1.555", "١", "0.00", -0.0, True]
    ),
)
IDS = st.one_of(st.integers(-1, 3), st.sampled_from([2**31 - 1, 2**31, 2.0, 2.5, "1", True, None]))
ITEM = st.fixed_dictionaries({"product_id": IDS, "quantity": st.sampled_from([0, 1, 1_000_000, 1_000_001, 1.0, "1"])})
SKUS = st.one_of(st.from_regex(r"[A-Za-z0-9._-]{1,64}"), NAMES)
TYPES = st.sampled_from(["text/plain", "text/plain\n", "TEXT/plain", "a/b; c", "a/" + "b" * 254, "a/b", 7])
BODIES = {
    "/insert": {"name": NAMES},
    f"{API}/users": {"name": NAMES},
    f"{API}/products": {
        "sku": st.one_of(st.from_regex(r"[A-Za-z0-9._-]{1,64}"), NAMES),
        "name": NAMES,
        "price": PRICES,
        "stock": st.sampled_from([None, 0, 7, -1, 1_000_000_000, 1_000_000_001, 2.0, 2.5, "7", True]),
    },
    f"{API}/orders": {
        "user_id": IDS,
        "items": st.lists(ITEM, max_size=3, unique_by=lambda item: str(item["product_id"])),
    },
    f"{API}/files": {
        "name": NAMES,
        "size": st.one_of(st.integers(-1, 5), st.sampled_from([2**20, 2**20 + 1, 2**70, 1.0, 1.5, "1", False])),
        "content_type": st.sampled_from(
            ["text/plain", "text/plain\n", "TEXT/plain", "a/b; c", "a/" + "b" * 254, "a/b", 7]
        ),
    },
}
ODD_NUMBERS = st.sampled_from(["0", "007", "-1", "1.0", "1_0", "+1", " 1", "2147483647", "2147483648"])
CURSORS = st.one_of(ODD_NUMBERS, NAMES, st.sampled_from(["7~416e6e", "7~", "7~ff", "7~4", "~41", "7~4A", "7~41\n"]))
PAGES = {
    "limit": st.integers(-1, 202).map(str),
    "after": CURSORS,
    "skip": st.one_of(ODD_NUMBERS, st.sampled_from(["1000000", "1000001"])),
    "count": st.sampled_from(["true", "false", "True", "1", ""]),
    "sort": st.sampled_from(["id", "-id", "name", "-name", "price", "-price", "sku", "+id", "ID", "id,name", ""]),
    "search": st.one_of(NAMES, st.sampled_from(["%", "_", "/", "\\", "'"])),
}
QUERIES = {
    f"{API}/users": PAGES | {"limit": NAMES},
    f"{API}/orders": {
        **PAGES,
        "user_id": st.one_of(NAMES, IDS.map(str)),
        "status": st.sampled_from(["new", "NEW", "cancelled", "eaten", ""]),
    },
    f"{API}/products": PAGES,
    f"{API}/files": {
        "after": st.one_of(NAMES, st.sampled_from(["x" * 1024, "x" * 1025])),
        "limit": NAMES,
        "prefix": NAMES,
    },
}


@pytest.fixture(scope="module")
def caller(deployment):
    """An application of its own, for hypothesis calls a test many times with the same fixtures."""
    yield create_app(deployment.settings()).test_client()
    tables = ("order_items", "orders", "products", "users", "idempotency_keys", "consistency_tokens")
    deployment.server.run(*(f"DELETE FROM {deployment.database}.{table}" for table in tables))
    for found in deployment.aws.client("s3").list_objects_v2(Bucket=BUCKET).get("Contents", ()):
        deployment.aws.client("s3").delete_object(Bucket=BUCKET, Key=found["Key"])


@pytest.fixture(scope="module")
def document(caller):
    return caller.get(f"{API}/openapi.json").json


def schema_of(document, content):
    return content["application/json"]["schema"] | {"components": document["components"]}


def judged(document, described, answer):
    """Check the answer against what is described of its status; whether the input was taken."""
    assert str(answer.status_code) in described["responses"], (answer.status_code, answer.text)
    content = described["responses"][str(answer.status_code)]["content"]
    Draft202012Validator(schema_of(document, content)).validate(answer.json)
    return answer.status_code != 400


often = settings(
    max_examples=150, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@pytest.mark.parametrize("path", BODIES)
@often
@given(data=st.data())
def test_a_body_is_taken_if_and_only_if_the_document_allows_it(caller, document, path, data):
    fields = BODIES[path]
    body = data.draw(
        st.one_of(
            st.fixed_dictionaries(fields),
            st.fixed_dictionaries({}, optional={**fields, "more": ANYTHING}),
            st.fixed_dictionaries({name: st.one_of(ANYTHING, value) for name, value in fields.items()}),
            st.one_of(ANYTHING, st.lists(ANYTHING, max_size=2)),
        )
    )
    described = document["paths"][path]["post"]
    allowed = Validator(schema_of(document, described["requestBody"]["content"])).is_valid(body)
    answer = caller.post(path, data=json.dumps(body), content_type="application/json")
    assert judged(document, described, answer) == allowed, (body, answer.text)


@pytest.mark.parametrize("path", QUERIES)
@often
@given(data=st.data())
def test_a_query_is_taken_if_and_only_if_the_document_allows_it(caller, document, path, data):
    query = data.draw(st.fixed_dictionaries({}, optional=QUERIES[path]))
    described = document["paths"][path]["get"]
    parameters = {one["name"]: one["schema"] for one in described["parameters"]}
    allowed = all(_valid(parameters[name], text) for name, text in query.items())
    answer = caller.get(path, query_string=query)
    assert judged(document, described, answer) == allowed, (query, answer.text)


def _valid(schema, text):
    """Whether a text of a query is what the schema says; a number is its digits."""
    kinds = [one.get("type") for one in schema.get("anyOf", [schema])]
    if "integer" not in kinds:
        return Validator(schema).is_valid(text)
    return bool(re.fullmatch("[0-9]{1,20}", text)) and Validator(schema).is_valid(int(text))


def test_the_document_holds_the_bounds_a_client_needs(document):
    schemas = document["components"]["schemas"]
    assert schemas["UserIn"]["properties"]["name"]["maxLength"] == 255
    assert schemas["UploadIn"]["properties"]["name"]["not"] == {"enum": [".", ".."]}
    assert schemas["UploadIn"]["properties"]["size"]["minimum"] == 0
    assert schemas["ProductIn"]["properties"]["price"]["anyOf"][0]["maximum"] == 99999999.99
