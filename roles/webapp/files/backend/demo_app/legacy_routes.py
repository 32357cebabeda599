"""The routes a published page calls by these names, with these fields; they stay as they are."""

from __future__ import annotations

from typing import Annotated

from flask import Blueprint, abort, request
from pydantic import BaseModel, ConfigDict, StringConstraints
from sqlalchemy import select
from werkzeug.exceptions import RequestEntityTooLarge

from .models import User
from .route_specs import Answer, operation
from .services import services, transaction
from .storage import clean_name

routes = Blueprint("legacy", __name__)

Name = Annotated[str, StringConstraints(min_length=1, max_length=255)]


class Insert(BaseModel):
    model_config = ConfigDict(str_strip_whitespace=True)
    name: Name


class Done(Answer):
    message: str


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


class FilesMetadata(Answer):
    files_metadata: list[FileMetadata]


@routes.post("/insert")
@operation("Insert a user", body=Insert, returns=Done)
def insert(body: Insert):
    with transaction() as session:
        session.add(User(name=body.name))
    return {"message": "User inserted successfully!"}


@routes.get("/fetch")
@operation("All users, each as [id, name]", returns=Users)
def fetch():
    with transaction() as session:
        return {"users": [tuple(row) for row in session.execute(select(User.id, User.name).order_by(User.id))]}


@routes.post("/upload")
@operation("Upload a file", form_file=True, returns=Done)
def upload():
    file = request.files.get("file")
    if file is None or not file.filename:
        abort(400, "Choose a file first.")
    try:
        name = clean_name(file.filename)
    except ValueError as error:
        abort(400, str(error))
    if file.stream.seek(0, 2) > services().settings.max_upload_bytes:
        raise RequestEntityTooLarge
    file.stream.seek(0)
    services().bucket.store(name, file.stream, file.mimetype)
    return {"message": "File uploaded successfully!"}


@routes.get("/list_files")
@operation("The names of all files", returns=FileNames)
def list_files():
    return {"files": list(services().bucket.names())}


@routes.get("/get_file_metadata")
@operation("What is known of every uploaded file, the newest first", returns=FilesMetadata)
def get_file_metadata():
    return {"files_metadata": services().metadata.all()}
