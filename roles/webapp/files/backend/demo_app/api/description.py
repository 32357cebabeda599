"""The API's description of itself."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, current_app
from pydantic import ConfigDict

from .. import openapi
from ..route_specs import Answer, operation

routes = Blueprint("description", __name__, url_prefix="/api/v1")


class OpenApi(Answer):
    model_config = ConfigDict(extra="allow")
    openapi: str


@routes.get("/openapi.json")
@operation("This document", returns=OpenApi, errors=())
def read_description() -> dict[str, Any]:
    return openapi.document(current_app)
