"""Files: their content goes between the caller and the bucket directly, by links signed here."""

from __future__ import annotations

from typing import Annotated, Any

from flask import Blueprint, abort
from pydantic import AfterValidator, Field, StringConstraints
from pydantic_core import PydanticCustomError

from ..legacy_routes import FileMetadata
from ..names import FileName
from ..route_specs import WHOLE, Answer, Moment, Strict, operation
from ..services import services
from .paging import Limit

routes = Blueprint("files", __name__, url_prefix="/api/v1/files")


def _no_control_characters(text: str) -> str:
    if any(character < " " or character in "\x7f\ufffe\uffff" for character in text):
        raise PydanticCustomError("own_words", "{words}", {"words": "holds characters that no name has"})
    return text


Key = Annotated[
    str,
    StringConstraints(max_length=1024),
    AfterValidator(_no_control_characters),
    Field(json_schema_extra={"pattern": r"^[^\u0000-\u001f\u007f\ufffe\uffff]*$"}),
]


class FileQuery(Strict):
    limit: Limit = 50
    after: Annotated[Key, Field(description="`next` of the page before")] = ""
    prefix: Annotated[Key, Field(description="how the names begin, in the same case")] = ""


class UploadIn(Strict):
    name: FileName
    size: Annotated[int, Field(ge=0, description="bytes; past `max_upload_bytes` of /api/v1/limits: 413"), WHOLE]
    content_type: Annotated[str, StringConstraints(pattern=r"^[a-z0-9.+-]+/[a-z0-9.+-]+$", max_length=255)] = (
        "application/octet-stream"
    )


class LinkOut(Answer):
    method: str
    url: str
    headers: dict[str, str]
    expires_in: int


class FileOut(Answer):
    name: str
    size: int
    etag: str
    modified: Moment


class FileDetails(FileOut):
    content_type: str | None
    metadata: FileMetadata | None  # None until the pipeline has recorded the upload
    history: list[FileMetadata]  # what was recorded before under this name, the newest first


class FilePage(Answer):
    items: list[FileOut]
    next: str | None


@routes.get("")
@operation("A page of files, by name", query=FileQuery, returns=FilePage)
def list_files(query: FileQuery) -> dict[str, Any]:
    found = services().bucket.page(query.limit + 1, query.after, query.prefix)
    more = len(found) > query.limit
    return {"items": found[: query.limit], "next": found[query.limit - 1]["name"] if more else None}


@routes.post("")
@operation("A link to upload one file", body=UploadIn, returns=LinkOut, status=201)
def create_upload(body: UploadIn) -> dict[str, Any]:
    if body.size > services().settings.max_upload_bytes:
        abort(413, services().settings.too_large())
    return services().bucket.upload_link(body.name, body.size, body.content_type)


@routes.get("/<file_name>")
@operation("What is known of one file", returns=FileDetails, errors=(404, 503))
def read_file(file_name: str) -> dict[str, Any]:
    found = _find(file_name)
    metadata, history = services().metadata.get(file_name)
    return found | {"metadata": metadata, "history": history}


@routes.get("/<file_name>/download")
@operation("A link to download one file", returns=LinkOut, errors=(404, 503))
def create_download(file_name: str) -> dict[str, Any]:
    _find(file_name)
    return services().bucket.download_link(file_name)


@routes.delete("/<file_name>")
@operation("Delete a file", status=204, errors=(404, 503))
def delete_file(file_name: str) -> None:
    _find(file_name)
    services().bucket.delete(file_name)


def _find(name: str) -> dict[str, Any]:
    return services().bucket.describe(name) or abort(404, "There is no such file.")
