"""What a request to S3 or Lambda asks for: each operation that botocore knows is serialized and recognized again."""

from __future__ import annotations

from urllib.parse import unquote, urlsplit

import botocore.session
import pytest
from botocore.serialize import create_serializer

from lab import operations

SESSION = botocore.session.get_session()


def sample(shape):
    """The least that a shape takes."""
    if shape.type_name == "structure":
        return {name: sample(shape.members[name]) for name in shape.required_members}
    if shape.type_name == "list":
        return [sample(shape.member)]
    return {
        "string": "x",
        "map": {},
        "integer": 1,
        "long": 1,
        "boolean": True,
        "blob": b"x",
        "timestamp": "2026-01-01",
    }[shape.type_name]


def operations_of(service):
    model = SESSION.get_service_model(service)
    return [
        pytest.param(service, name, id=f"{service}-{name}")
        for name in model.operation_names
        if not model.operation_model(name).deprecated and name != "ListDirectoryBuckets"  # ListBuckets at another host
    ]


@pytest.mark.parametrize("service, name", [*operations_of("s3"), *operations_of("lambda")])
def test_an_operation_is_recognized_by_its_request(service, name):
    model = SESSION.get_service_model(service)
    operation = model.operation_model(name)
    serializer = create_serializer(model.metadata["protocol"], include_validation=False)
    request = serializer.serialize_to_request(sample(operation.input_shape) if operation.input_shape else {}, operation)
    path, _, fixed = request["url_path"].partition("?")
    query = dict(pair.partition("=")[::2] for pair in fixed.split("&") if pair) | dict(request["query_string"])
    headers = {header.lower() for header in request["headers"]}
    said = operations.name(service, request["method"], unquote(urlsplit(path).path), query, headers)
    assert said == name


def test_an_arn_in_a_path_may_have_slashes_of_its_own():
    path = "/tags/arn:aws:scheduler:us-east-1:123456789012:schedule-group/demo"
    assert operations.name("scheduler", "GET", path, {}, ()) == "ListTagsForResource"


def test_a_service_that_is_not_of_rest_has_no_such_names():
    assert operations.name("ec2", "POST", "/", {}, ()) is None
    assert operations.name("no-such-service", "POST", "/", {}, ()) is None


def test_what_no_operation_is_has_no_name():
    assert operations.name("s3", "OPTIONS", "/bucket/key", {}, ()) is None
