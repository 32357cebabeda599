"""Every error as `{"error": "<sentence>"}`. What went wrong inside is logged by cause and number, never by its text."""

from __future__ import annotations

import logging
import re

from boto3.exceptions import Boto3Error
from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError
from flask import Flask, Response, jsonify, request
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from werkzeug.exceptions import HTTPException

from .database import error_code
from .outages import Cause, Unavailable, cause, code
from .secrets import SecretError

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
_OUTAGES = (Unavailable, SecretError, SQLAlchemyError, BotoCoreError, ClientError, Boto3Error, ResponseParserError)


def install(app: Flask) -> None:
    app.register_error_handler(HTTPException, _refused)
    for kind in _OUTAGES:
        app.register_error_handler(kind, _failed)
    app.register_error_handler(Exception, _unexpected)


def _refused(error: HTTPException) -> Response:
    own_words = error.description != type(error).description
    sentence = {
        400: "The request cannot be read.",
        404: "There is nothing at this address.",
        405: f"This address does not answer {request.method}.",
        413: "The body of this request is too large.",
        415: "The body has to be JSON, with the header Content-Type: application/json.",
    }.get(error.code or 0, "The request cannot be served as it is.")
    response = _answer(error.code or 500, str(error.description) if own_words else sentence)
    response.headers.extend((name, value) for name, value in error.get_headers() if name in ("Allow", "Retry-After"))
    return response


def _failed(error: Exception) -> Response:
    number = error_code(error) if isinstance(error, DBAPIError) else None
    if isinstance(error, DBAPIError) and number in _BROKEN_OTHERWISE:
        name = _constraint(str(error.orig))
        status, sentence = _BROKEN.get(
            (number, name), (_BROKEN_OTHERWISE[number], "This breaks a rule of the database.")
        )
        return _answer(status, sentence)
    found = cause(error)
    return _away(found, error) if found else _unexpected(error)


def _away(found: Cause, error: Exception) -> Response:
    fields = {"cause": found.name, "error": type(error).__name__, "code": code(error)}
    _log.warning("unavailable", extra={"fields": fields})
    response = _answer(found.status, found.sentence)
    response.headers["X-Error-Cause"] = found.name
    if found.status == 503:
        response.headers["Retry-After"] = str(RETRY_AFTER)
    return response


def _unexpected(error: Exception) -> Response:
    _log.error("unexpected", exc_info=error)
    return _answer(500, "Something went wrong on our side.")


def _answer(status: int, sentence: str) -> Response:
    response = jsonify(error=sentence)
    response.status_code = status
    return response


def _constraint(message: str) -> str:
    """The constraint that MySQL's message names, as in "for key 'products.uq_products_sku'"."""
    found = re.search(r"\b(?:uq|fk|ck)_\w+", message)
    return found[0] if found else ""
