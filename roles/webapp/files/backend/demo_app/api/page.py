"""What the page calls beside the nouns: some of the workshop's routes below /api, for a CDN leads nothing else here."""

from __future__ import annotations

from flask import Blueprint

from .. import health, legacy_routes

routes = Blueprint("page", __name__, url_prefix="/api/v1")
routes.get("/alive")(health.alive)
routes.get("/ready")(health.ready)
routes.post("/uploads")(legacy_routes.upload)
routes.get("/metadata")(legacy_routes.get_file_metadata)
