"""One description of each route, from which it is checked, answered and documented."""

from __future__ import annotations

import dataclasses
import datetime
import functools
import re
from collections.abc import Callable
from typing import Annotated, Any

from flask import Response, abort, request
from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError
from pydantic_core import PydanticCustomError
from werkzeug.exceptions import RequestEntityTooLarge

from . import attempts, idempotency
from .endpoints import Role

MAX_JSON = 64 * 1024  # bytes of a body that is no file

View = Callable[..., Any]


class Strict(BaseModel):
    """What callers send: nothing unknown, and each value kept as it was given."""

    model_config = ConfigDict(extra="forbid")


class Answer(BaseModel):
    """What callers get, made from rows or dicts."""

    model_config = ConfigDict(from_attributes=True, json_schema_serialization_defaults_required=True)


class Error(Answer):
    error: str


def _whole(value: object) -> int:
    """A whole number of a JSON body: neither text nor a truth value, though 2.0 is one."""
    if isinstance(value, bool) or not isinstance(value, int | float) or value != value // 1:
        raise PydanticCustomError("int_type", "")
    return int(value)


def _digits(value: object) -> object:
    """A whole number of a query, where all is text."""
    if isinstance(value, str) and not re.fullmatch("[0-9]{1,20}", value):
        raise PydanticCustomError("int_type", "")
    return value


def _with_offset(value: object) -> object:
    """Times are kept in UTC, which databases do not say of them."""
    if isinstance(value, datetime.datetime) and value.tzinfo is None:
        return value.replace(tzinfo=datetime.UTC)
    return value


WHOLE = BeforeValidator(_whole)  # stands last, for a document to have the bounds before it
DIGITS = BeforeValidator(_digits)
Moment = Annotated[datetime.datetime, BeforeValidator(_with_offset)]


@dataclasses.dataclass(frozen=True)
class Operation:
    """What a route takes and gives. `errors` are those beside what follows from its other fields.

    once: a request with an Idempotency-Key is done once, and answered in the same way when it comes again.
    any_type: the body is read as JSON whatever its Content-Type says.
    reads: the endpoints of the database that are tried, one of attempts.py's; none: the writer's.
    """

    summary: str
    body: type[BaseModel] | None = None
    query: type[BaseModel] | None = None
    form_file: bool = False
    once: bool = False
    any_type: bool = False
    reads: tuple[Role, ...] = ()
    returns: type[BaseModel] | None = None
    status: int = 200
    errors: tuple[int, ...] = (503,)


def operation(summary: str, **described: Any) -> Callable[[View], View]:
    """Check a view's `body` and `query` against their models, and answer with its `returns`."""
    spec = Operation(summary, **described)

    def decorate(view: View) -> View:
        @functools.wraps(view)
        def answer(**arguments: Any) -> Response:
            if spec.body:
                arguments["body"] = _checked(spec.body.model_validate_json, _json(spec))
            if spec.query:
                arguments["query"] = _checked(spec.query.model_validate, request.args.to_dict())
            work = functools.partial(_respond, spec, view, arguments)
            if spec.once and idempotency.HEADER in request.headers:
                return attempts.attempted(functools.partial(idempotency.once, work), spec.reads, repeatable=True)
            return attempts.attempted(work, spec.reads, repeatable=False)

        answer.operation = spec  # type: ignore[attr-defined] # the OpenAPI document reads it
        return answer

    return decorate


def _respond(spec: Operation, view: View, arguments: dict[str, Any]) -> Response:
    value = view(**arguments)
    if spec.returns is None:
        return Response(status=spec.status)
    text = spec.returns.model_validate(value).model_dump_json()
    return Response(text, spec.status, mimetype="application/json")


def _json(spec: Operation) -> bytes:
    if request.mimetype and not (spec.any_type or request.is_json):
        abort(415)
    request.max_content_length = MAX_JSON
    try:
        return request.get_data()
    except RequestEntityTooLarge:
        abort(413, f"This is too large: a JSON body may have up to {MAX_JSON // 1024} KiB.")


def _checked(validate: Callable[[Any], BaseModel], value: Any) -> BaseModel:
    try:
        return validate(value)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        abort(400, _sentence(first["type"], [str(part) for part in first["loc"]], first.get("ctx", {})))


# What is wrong, by pydantic's name for it; the placeholders are those of its context.
_WORDS = {
    "own_words": "{words}",
    "missing": "is missing",
    "extra_forbidden": "is not known here",
    "string_type": "must be text",
    "string_unicode": "must be text",
    "string_too_short": "is empty",
    "string_too_long": "has more than {max_length} characters",
    "string_pattern_mismatch": "does not have the form {pattern}",
    "int_type": "must be a whole number",
    "int_parsing": "must be a whole number",
    "int_parsing_size": "must be a whole number of a common size",
    "greater_than_equal": "must be at least {ge}",
    "less_than_equal": "must be at most {le}",
    "literal_error": "must be one of {expected}",
    "list_type": "must be a list",
    "too_short": "must have at least {min_length} entry",
    "too_long": "must have at most {max_length} entries",
    "model_type": "must be a JSON object",
    "model_attributes_type": "must be a JSON object",
}


def _sentence(kind: str, where: list[str], context: dict[str, Any]) -> str:
    if kind == "json_invalid":
        return "The body is not JSON."
    name = re.sub(r"[^\w.\[\]-]", "?", ".".join(where))[:80] or "The body"
    return f"{name} {_WORDS.get(kind, 'is not as it has to be').format(**context)}."
