"""The OpenAPI document, made from the routes themselves."""

from __future__ import annotations

import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from flask import Flask
from pydantic import BaseModel
from pydantic.json_schema import JsonSchemaMode, JsonSchemaValue, models_json_schema
from werkzeug.routing import Rule

from . import __version__, attempts, consistency, idempotency
from .route_specs import Error, Operation

_PARAMETER = re.compile(r"<(?:(\w+):)?(\w+)>")
Schemas = Mapping[Any, JsonSchemaValue]  # by model and mode
_REF = "#/components/schemas/{model}"


def document(app: Flask) -> dict[str, Any]:
    """OpenAPI 3.1 of every route of the application."""
    routes: list[tuple[Rule, str, Operation]] = [
        (rule, method.lower(), getattr(app.view_functions[rule.endpoint], "operation"))  # noqa: B009 - unknown to Flask
        for rule in sorted(app.url_map.iter_rules(), key=lambda rule: rule.rule)
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})
    ]
    models: set[tuple[type[BaseModel], JsonSchemaMode]] = {(Error, "serialization")}
    models |= {(done.body, "validation") for *_, done in routes if done.body}
    models |= {(done.returns, "serialization") for *_, done in routes if done.returns}
    ordered = sorted(models, key=lambda entry: entry[0].__name__)
    refs, schemas = models_json_schema(ordered, ref_template=_REF)
    paths: dict[str, Any] = {}
    for rule, method, described in routes:
        path = _PARAMETER.sub(r"{\2}", rule.rule)
        paths.setdefault(path, {})[method] = _operation(rule, described, refs)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Demo application", "version": __version__, "license": {"name": "GPL-3.0-or-later"}},
        "paths": paths,
        "components": {"schemas": schemas["$defs"]},
    }


def _operation(rule: Rule, described: Operation, refs: Schemas) -> dict[str, Any]:
    def content(model: type[BaseModel], mode: JsonSchemaMode) -> dict[str, Any]:
        return {"application/json": {"schema": refs[(model, mode)]}}

    done: dict[str, Any] = {"description": HTTPStatus(described.status).phrase}
    if described.returns:
        done["content"] = content(described.returns, "serialization")
    answers = {str(described.status): done}
    for status in _errors(described):
        answers[str(status)] = {"description": HTTPStatus(status).phrase, "content": content(Error, "serialization")}
    result: dict[str, Any] = {
        "operationId": rule.endpoint.replace(".", "_"),
        "summary": described.summary,
        "tags": [rule.endpoint.partition(".")[0]],
        "parameters": [*_path_parameters(rule.rule), *_query_parameters(described), *_header_parameters(described)],
        "responses": answers,
    }
    if described.body:
        result["requestBody"] = {"required": True, "content": content(described.body, "validation")}
    if described.form_file:
        schema = {
            "type": "object",
            "required": ["file"],
            "properties": {"file": {"type": "string", "format": "binary"}},
        }
        result["requestBody"] = {"required": True, "content": {"multipart/form-data": {"schema": schema}}}
    return result


def _errors(described: Operation) -> list[int]:
    """The errors a route names, and those that follow from what it takes."""
    errors = set(described.errors)
    if described.query or described.body or described.form_file:
        errors.add(400)
    if described.body or described.form_file:
        errors.add(413)
    if described.body and not described.any_type:
        errors.add(415)
    if described.once:
        errors.add(422)
    return sorted(errors)


# A row's id; a file's name, of which whatever is in the bucket may be asked for.
_PATH_SCHEMAS = {"int": {"type": "integer", "minimum": 0}, "text": {"type": "string", "minLength": 1}}


def _path_parameters(rule: str) -> list[dict[str, Any]]:
    return [
        {"name": name, "in": "path", "required": True, "schema": _PATH_SCHEMAS["int" if kind == "int" else "text"]}
        for kind, name in _PARAMETER.findall(rule)
    ]


def _query_parameters(described: Operation) -> list[dict[str, Any]]:
    if not described.query:
        return []
    schema = described.query.model_json_schema()
    return [
        {"name": name, "in": "query", "required": name in schema.get("required", ()), "schema": field}
        for name, field in schema["properties"].items()
    ]


def _header_parameters(described: Operation) -> list[dict[str, Any]]:
    known = []
    if described.once:
        known.append((idempotency.HEADER, idempotency.MEANING, {"type": "string", "pattern": idempotency.KEY}))
    if described.reads == attempts.READER_FIRST:
        known.append((consistency.HEADER, consistency.MEANING, {"type": "string"}))
    return [{"name": name, "in": "header", "description": meaning, "schema": schema} for name, meaning, schema in known]
