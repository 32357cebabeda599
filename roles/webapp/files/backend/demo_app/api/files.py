"""Files: their content goes between the caller and the bucket directly, by links signed here."""

from __future__ import annotations

import datetime
from typing import Annotated

from flask import Blueprint, abort
from pydantic import AfterValidator, Field, StringConstraints
from werkzeug.exceptions import RequestEntityTooLarge

from ..legacy_routes import FileMetadata
from ..route_specs import Answer, Strict, operation
from ..services import services
from ..storage import clean_name
from .paging import Limit

routes = Blueprint("files", __name__, url_prefix="/api/v1/files")


class FileQuery(Strict):
    limit: Limit = 50
    after: Annotated[str, Field(description="`next` of the page before")] = ""


class UploadIn(Strict):
    name: Annotated[str, StringConstraints(strip_whitespace=False), AfterValidator(clean_name)]
    size: Annotated[int, Field(ge=0)]
    content_type: Annotated[str, StringConstraints(pattern=r"^[a-z0-9.+-]+/[a-z0-9.+-]+$")] = "application/octet-stream"


class LinkOut(Answer):
    method: str
    url: str
    headers: dict[str, str]
    expires_in: int


class FileOut(Answer):
    name: str
    size: int
    etag: str
    modified: datetime.datetime


class FileDetails(FileOut):
    content_type: str | None
    metadata: FileMetadata | None  # None until the pipeline has recorded the upload


class FilePage(Answer):
    items: list[FileOut]
    next: str | None


@routes.get("")
@operation("A page of files, by name", query=FileQuery, returns=FilePage)
def list_files(query: FileQuery):
    found = services().bucket.page(query.limit + 1, query.after)
    more = len(found) > query.limit
    return {"items": found[: query.limit], "next": found[query.limit - 1]["name"] if more else None}


@routes.post("")
@operation("A link to upload one file", body=UploadIn, returns=LinkOut, status=201)
def create_upload(body: UploadIn):
    if body.size > services().settings.max_upload_bytes:
        raise RequestEntityTooLarge
    return services().bucket.upload_link(body.name, body.size, body.content_type)


@routes.get("/<file_name>")
@operation("What is known of one file", returns=FileDetails, errors=(404, 503))
def read_file(file_name: str):
    return _find(file_name) | {"metadata": services().metadata.get(file_name)}


@routes.get("/<file_name>/download")
@operation("A link to download one file", returns=LinkOut, errors=(404, 503))
def create_download(file_name: str):
    _find(file_name)
    return services().bucket.download_link(file_name)


@routes.delete("/<file_name>")
@operation("Delete a file", status=204, errors=(404, 503))
def delete_file(file_name: str):
    _find(file_name)
    services().bucket.delete(file_name)


def _find(name: str) -> dict:
    return services().bucket.describe(name) or abort(404, "There is no such file.")
