"""The application's factory, called by the server once in each worker."""

from __future__ import annotations

from flask import Flask, Response, g

from . import __version__, api, consistency, cors, errors, health, legacy_routes, request_ids, services
from .settings import Settings

_ENVELOPE = 64 * 1024  # what a form wraps around a file


def create_app(settings: Settings | None = None) -> Flask:
    settings = settings or Settings.from_environment()
    app = Flask("demo_app", static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = settings.max_upload_bytes + _ENVELOPE
    request_ids.install(app)
    services.install(app, settings)
    consistency.install(app)
    errors.install(app)
    cors.install(app, settings.cors_origins)
    app.after_request(_plain)
    for routes in (health.routes, legacy_routes.routes, *api.ROUTES):
        app.register_blueprint(routes)
    return app


def _plain(response: Response) -> Response:
    """Answers are data of this moment: not to be kept, nor to be taken for anything else; and who gave them."""
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["X-App-Version"] = __version__
    if node := g.get("database_node"):
        response.headers["X-Served-By-Database"] = node
    return response
