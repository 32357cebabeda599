"""The OpenAPI document, made from the routes themselves."""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import Any

from flask import Flask
from pydantic.json_schema import models_json_schema

from . import __version__
from .route_specs import Error, Operation

_PARAMETER = re.compile(r"<(?:(\w+):)?(\w+)>")
_REF = "#/components/schemas/{model}"


def document(app: Flask) -> dict[str, Any]:
    """OpenAPI 3.1 of every route of the application."""
    routes = [
        (rule, method.lower(), app.view_functions[rule.endpoint].operation)
        for rule in sorted(app.url_map.iter_rules(), key=lambda rule: rule.rule)
        for method in sorted(rule.methods - {"HEAD", "OPTIONS"})
    ]
    models = {(Error, "serialization")}
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


def _operation(rule, described: Operation, refs: dict) -> dict[str, Any]:
    def content(model, mode: str) -> dict[str, Any]:
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
        "parameters": [*_path_parameters(rule.rule), *_query_parameters(described)],
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
    return sorted(errors)


def _path_parameters(rule: str) -> list[dict[str, Any]]:
    return [
        {"name": name, "in": "path", "required": True, "schema": {"type": "integer" if kind == "int" else "string"}}
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
