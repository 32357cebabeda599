"""Is this process as it should be, and is all there that it needs?

| asked | by | answers 503 |
|---|---|---|
| `/` | the load balancer, and so the Auto Scaling group, which replaces who fails | by this instance's own fault only |
| `/ready` | who starts, patches or bakes an instance, people, monitoring | whatever is away, an outage of all too |
"""

from __future__ import annotations

from typing import Literal

from flask import Blueprint
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from .outages import NO_CREDENTIALS, Unavailable
from .route_specs import Answer, operation
from .services import services, transaction
from .watch import is_sick

routes = Blueprint("health", __name__)


class Alive(Answer):
    status: Literal["ok"]
    message: str


class Ready(Answer):
    database: Literal["ok"]
    database_readers: Literal["ok", "away", "none"]
    storage: Literal["ok"]
    metadata: Literal["ok"]


@routes.get("/")
@operation("Liveness; touches nothing outside the process", returns=Alive)
def alive() -> dict[str, str]:
    if is_sick(services().account):
        raise Unavailable(NO_CREDENTIALS)
    return {"status": "ok", "message": "Service is healthy"}


@routes.get("/ready")
@operation("Readiness: database and AWS are reachable", returns=Ready)
def ready() -> dict[str, str]:
    for check in (_database, services().bucket.check, services().metadata.check):
        check()  # the first that fails is answered as any request would be: 503 and which one it is
    return {"database": "ok", "database_readers": _readers(), "storage": "ok", "metadata": "ok"}


def _database() -> None:
    with transaction() as session:
        session.execute(text("SELECT 1"))


def _readers() -> str:
    """Whether a reader answers. If none does, the writer does their work, so the application is ready all the same."""
    readers = services().database.readers
    if not readers:
        return "none"
    if not readers.away:
        try:
            with readers.sessions() as session:
                session.execute(text("SELECT 1"))
        except SQLAlchemyError:
            readers.failed()
        else:
            return "ok"
    return "away"
