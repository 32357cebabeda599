"""What the routes work with, made once for each process; nothing connects before it is used."""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Iterator

from flask import Flask, current_app, g, request
from sqlalchemy.orm import Session

from . import consistency
from .aws import Account
from .endpoints import Endpoints
from .secrets import Secret
from .settings import Settings
from .storage import Bucket, MetadataTable


@dataclasses.dataclass(frozen=True)
class Services:
    settings: Settings
    account: Account
    database: Endpoints
    bucket: Bucket
    metadata: MetadataTable


def install(app: Flask, settings: Settings) -> None:
    account = Account(settings.aws_region)
    secret = Secret(account, settings.database_secret_arn)
    app.extensions["demo_app"] = Services(
        settings=settings,
        account=account,
        database=Endpoints(settings, secret),
        bucket=Bucket(account, settings.backend_bucket),
        metadata=MetadataTable(account, settings.metadata_table),
    )


def services() -> Services:
    found: Services = current_app.extensions["demo_app"]
    return found


@contextlib.contextmanager
def transaction() -> Iterator[Session]:
    """A session that commits at the end of the block, or rolls back if it is left by an error.

    It is at the endpoint that attempts.py has chosen for this request. A block within another one of the same request
    is part of that: what it did is flushed, and committed by the other.
    """
    outer: Session | None = g.get("session")
    if outer:
        yield outer
        outer.flush()
        return
    endpoints, role = services().database, g.get("database_role", "writer")
    g.commit_sent = False
    with endpoints.sessions(role).begin() as session:
        g.session = session
        try:
            g.database_node = session.connection().info.get("node") if services().settings.database_show_node else None
            if role == "reader":
                consistency.require(session)
            yield session
            session.flush()  # or it would be done by the commit
            if endpoints.readers and not is_reading():
                consistency.leave(session)
            g.commit_sent = True
        finally:
            del g.session


def is_reading() -> bool:
    """Whether the request changes nothing."""
    return request.method in ("GET", "HEAD")
