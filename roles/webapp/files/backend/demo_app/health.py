"""Is the process alive (the load balancer asks), and can it work (people and monitoring ask)?"""

from __future__ import annotations

from typing import Literal

from flask import Blueprint
from sqlalchemy import text

from .route_specs import Answer, operation
from .services import services, transaction

routes = Blueprint("health", __name__)


class Alive(Answer):
    status: Literal["ok"]
    message: str


class Ready(Answer):
    database: Literal["ok"]
    storage: Literal["ok"]
    metadata: Literal["ok"]


@routes.get("/")
@operation("Liveness; touches nothing outside the process", returns=Alive, errors=())
def alive():
    return {"status": "ok", "message": "Service is healthy"}


@routes.get("/ready")
@operation("Readiness: database and AWS are reachable", returns=Ready)
def ready():
    for check in (_database, services().bucket.check, services().metadata.check):
        check()  # the first that fails is answered as any request would be: 503 and which one it is
    return {"database": "ok", "storage": "ok", "metadata": "ok"}


def _database() -> None:
    with transaction() as session:
        session.execute(text("SELECT 1"))
