"""Every error as `{"error": "<sentence>"}`. What went wrong inside is logged by kind and number, never by its text."""

from __future__ import annotations

import logging
import re

from boto3.exceptions import Boto3Error
from botocore.exceptions import BotoCoreError, ClientError
from flask import Flask, Response, jsonify, request
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from werkzeug.exceptions import HTTPException

from .database import error_code
from .services import services

RETRY_AFTER = 5  # seconds

_log = logging.getLogger(__name__)

# Broken constraints, by MySQL's number and the constraint's name, as the caller may read them.
_NO_PARENT, _HAS_CHILDREN, _DUPLICATE, _CHECK = 1452, 1451, 1062, 3819
_BROKEN = {
    (_DUPLICATE, "uq_products_sku"): (409, "Another product has this SKU."),
    (_NO_PARENT, "fk_orders_user_id"): (409, "There is no such user."),
    (_NO_PARENT, "fk_order_items_product_id"): (409, "There is no such product."),
    (_HAS_CHILDREN, "fk_orders_user_id"): (409, "The user still has orders."),
    (_HAS_CHILDREN, "fk_order_items_product_id"): (409, "The product is still part of an order."),
}
_BROKEN_OTHERWISE = {_DUPLICATE: 409, _NO_PARENT: 409, _HAS_CHILDREN: 409, _CHECK: 400}


def install(app: Flask) -> None:
    app.register_error_handler(HTTPException, _refused)
    app.register_error_handler(SQLAlchemyError, _database)
    for kind in (BotoCoreError, ClientError, Boto3Error):
        app.register_error_handler(kind, _aws)
    app.register_error_handler(Exception, _unexpected)


def _refused(error: HTTPException) -> Response:
    own_words = error.description != type(error).description
    sentence = {
        404: "There is nothing at this address.",
        405: f"This address does not answer {request.method}.",
        413: f"This is too large: a file may have up to {services().settings.max_upload_bytes / 2**20:.3g} MiB.",
    }.get(error.code)
    response = _answer(error.code, error.description if own_words or not sentence else sentence)
    response.headers.extend((name, value) for name, value in error.get_headers() if name in ("Allow", "Retry-After"))
    return response


def _database(error: SQLAlchemyError) -> Response:
    code = error_code(error) if isinstance(error, DBAPIError) else None
    if code in _BROKEN_OTHERWISE:
        name = _constraint(str(error.orig))
        status, sentence = _BROKEN.get((code, name), (_BROKEN_OTHERWISE[code], "This breaks a rule of the database."))
        return _answer(status, sentence)
    return _unavailable("database", error, code)


def _aws(error: Exception) -> Response:
    code = error.response["Error"].get("Code") if isinstance(error, ClientError) else None
    return _unavailable("AWS", error, code)


def _unavailable(what: str, error: Exception, code: int | str | None) -> Response:
    _log.warning("unavailable", extra={"fields": {"what": what, "error": type(error).__name__, "code": code}})
    response = _answer(503, f"The {what} cannot be reached at the moment. Try again in a few seconds.")
    response.headers["Retry-After"] = str(RETRY_AFTER)
    return response


def _unexpected(error: Exception) -> Response:
    _log.error("unexpected", exc_info=error)
    return _answer(500, "Something went wrong on our side.")


def _answer(status: int, sentence: str | None) -> Response:
    response = jsonify(error=sentence)
    response.status_code = status
    return response


def _constraint(message: str) -> str:
    """The constraint that MySQL's message names, as in "for key 'products.uq_products_sku'"."""
    found = re.search(r"\b(?:uq|fk|ck)_\w+", message)
    return found[0] if found else ""
