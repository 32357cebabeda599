"""What the routes work with, made once for each process; nothing connects before it is used."""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Iterator

from flask import Flask, current_app, g
from sqlalchemy.orm import Session, sessionmaker

from . import database
from .aws import Account
from .secrets import Secret
from .settings import Settings
from .storage import Bucket, MetadataTable


@dataclasses.dataclass(frozen=True)
class Services:
    settings: Settings
    account: Account
    sessions: sessionmaker[Session]
    bucket: Bucket
    metadata: MetadataTable


def install(app: Flask, settings: Settings) -> None:
    account = Account(settings.aws_region)
    secret = Secret(account, settings.database_secret_arn)
    engine = database.connect(settings, secret, database=settings.database_name, **database.POOL)
    app.extensions["demo_app"] = Services(
        settings=settings,
        account=account,
        sessions=database.sessions(engine),
        bucket=Bucket(account, settings.backend_bucket),
        metadata=MetadataTable(account, settings.metadata_table),
    )


def services() -> Services:
    found: Services = current_app.extensions["demo_app"]
    return found


@contextlib.contextmanager
def transaction() -> Iterator[Session]:
    """A session that commits at the end of the block, or rolls back if it is left by an error.

    A block within another one of the same request is part of that: what it did is flushed, and committed by the other.
    """
    outer: Session | None = g.get("session")
    if outer:
        yield outer
        outer.flush()
        return
    with services().sessions.begin() as session:
        g.session = session
        try:
            yield session
        finally:
            del g.session
