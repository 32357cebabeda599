"""What callers have to keep to, for a page to say it before anything is sent."""

from __future__ import annotations

from flask import Blueprint

from ..names import LONGEST
from ..route_specs import MAX_JSON, Answer, operation
from ..services import services

routes = Blueprint("limits", __name__, url_prefix="/api/v1")


class Limits(Answer):
    max_upload_bytes: int
    max_name_characters: int
    max_json_bytes: int


@routes.get("/limits")
@operation("How large files, names and bodies may be", returns=Limits, errors=())
def read_limits() -> dict[str, int]:
    most = services().settings.max_upload_bytes
    return {"max_upload_bytes": most, "max_name_characters": LONGEST, "max_json_bytes": MAX_JSON}
