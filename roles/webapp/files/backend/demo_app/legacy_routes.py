"""The routes a published page calls by these names, with these fields; they stay as they are."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, request
from pydantic import BaseModel
from sqlalchemy import select
from werkzeug.datastructures import FileStorage
from werkzeug.exceptions import RequestEntityTooLarge

from .attempts import WRITER_FIRST
from .models import User
from .names import Name, file_problem, last_part
from .route_specs import Answer, operation
from .services import services, transaction

routes = Blueprint("legacy", __name__)


class Insert(BaseModel):
    name: Name


class Done(Answer):
    message: str


class Uploaded(Done):
    file_name: str  # under which it is kept
    note: str | None = None  # what was changed of the name that was given


class Users(Answer):
    users: list[tuple[int, str]]


class FileNames(Answer):
    files: list[str]


class FileMetadata(Answer):
    file_name: str
    bucket_name: str | None = None
    timestamp: str | None = None
    size: int | None = None
    etag: str | None = None
    version_id: str | None = None
    content_type: str | None = None
    sha256: str | None = None  # in hex; None of a file that the function found too large, or recorded before 1.4


class FilesMetadata(Answer):
    files_metadata: list[FileMetadata]


@routes.post("/insert")
@operation("Insert a user", body=Insert, once=True, any_type=True, returns=Done)
def insert(body: Insert) -> dict[str, str]:
    with transaction() as session:
        session.add(User(name=body.name))
    return {"message": "User inserted successfully!"}


@routes.get("/fetch")
@operation("All users, each as [id, name]", reads=WRITER_FIRST, returns=Users)  # its callers show no token
def fetch() -> dict[str, Any]:
    with transaction() as session:
        return {"users": [tuple(row) for row in session.execute(select(User.id, User.name).order_by(User.id))]}


@routes.post("/upload")
@operation("Upload a file; of a path the last part is kept, and told", form_file=True, returns=Uploaded)
def upload() -> dict[str, str]:
    file = _only_file()
    given = file.filename or ""
    name = last_part(given)
    if wrong := file_problem(name):
        abort(400, f"The file's name {wrong}.")
    if file.stream.seek(0, 2) > services().settings.max_upload_bytes:
        abort(413, services().settings.too_large())
    file.stream.seek(0)
    services().bucket.store(name, file.stream, file.mimetype)
    told = {"note": f"What was given is a path. The file is kept as {name}."} if name != given else {}
    return {"message": "File uploaded successfully!", "file_name": name, **told}


def _only_file() -> FileStorage:
    try:
        sent = [file for file in request.files.getlist("file") if file.filename]
    except RequestEntityTooLarge:
        abort(413, services().settings.too_large())
    if not sent:
        abort(400, "Choose a file first.")
    if len(sent) > 1:
        abort(400, f"These are {len(sent)} files. Send each one by itself; none was stored.")
    return sent[0]


@routes.get("/list_files")
@operation("The names of all files", returns=FileNames)
def list_files() -> dict[str, list[str]]:
    return {"files": list(services().bucket.names())}


@routes.get("/get_file_metadata")
@operation("What is known of every uploaded file that was not deleted, the newest first", returns=FilesMetadata)
def get_file_metadata() -> dict[str, Any]:
    return {"files_metadata": services().metadata.all()}
