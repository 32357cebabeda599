"""One description of each route, from which it is checked, answered and documented."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable
from typing import Any

from flask import Response, abort, request
from pydantic import BaseModel, ConfigDict, ValidationError

_MAX_JSON = 64 * 1024


class Strict(BaseModel):
    """What callers send: nothing unknown, no blanks around."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)


class Answer(BaseModel):
    """What callers get, made from rows or dicts."""

    model_config = ConfigDict(from_attributes=True, json_schema_serialization_defaults_required=True)


class Error(Answer):
    error: str


@dataclasses.dataclass(frozen=True)
class Operation:
    summary: str
    body: type[BaseModel] | None = None
    query: type[BaseModel] | None = None
    form_file: bool = False
    returns: type[BaseModel] | None = None
    status: int = 200
    errors: tuple[int, ...] = (503,)


def operation(summary: str, **described: Any) -> Callable:
    """Check a view's `body` and `query` against their models, and answer with its `returns`."""
    described = Operation(summary, **described)

    def decorate(view: Callable) -> Callable:
        @functools.wraps(view)
        def answer(**arguments: Any) -> Response:
            if described.body:
                request.max_content_length = _MAX_JSON
                arguments["body"] = _checked(described.body.model_validate_json, request.get_data())
            if described.query:
                arguments["query"] = _checked(described.query.model_validate, request.args.to_dict())
            value = view(**arguments)
            if described.returns is None:
                return Response(status=described.status)
            text = described.returns.model_validate(value).model_dump_json()
            return Response(text, described.status, mimetype="application/json")

        answer.operation = described
        return answer

    return decorate


def _checked(validate: Callable, value: Any) -> BaseModel:
    try:
        return validate(value)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        abort(400, _sentence(first))


def _sentence(problem: dict[str, Any]) -> str:
    where = ".".join(str(part) for part in problem["loc"])
    match problem["type"]:
        case "json_invalid":
            return "The body is not JSON."
        case "model_type" | "model_attributes_type":
            return "The body must be a JSON object."
        case "missing":
            return f"{where} is missing."
        case "extra_forbidden":
            return f"{where} is not known here."
        case "string_too_short":
            return f"{where} is empty."
    return f"{where}: {problem['msg']}."
