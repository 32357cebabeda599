"""Requests that may be sent again: one with an Idempotency-Key is done once.

The key's row is made in the transaction of what was asked for. So both are there or neither is, and of two equal
requests at once the second waits for the first and is answered as that was.
"""

from __future__ import annotations

import datetime
import hashlib
import re
from collections.abc import Callable

from flask import Response, abort, request
from sqlalchemy import insert, update
from sqlalchemy.orm import Session

from . import expiry
from .models import IdempotencyKey
from .services import transaction

HEADER = "Idempotency-Key"
KEY = "^[!-~]{1,255}$"
KEPT = datetime.timedelta(days=1)
MEANING = "Chosen by the caller, such as a UUID. For a day a request with the same key is answered, and not done again."
_FORGOTTEN_AT_ONCE = 10  # old keys; more than one, or they would never become fewer


def once(work: Callable[[], Response]) -> Response:
    """What `work` answers, or what it answered to the request that brought this key first. Errors are not kept.

    400 for a key that is none, 422 for one that came with another request.
    """
    key = request.headers[HEADER]
    if not re.fullmatch(KEY.strip("^$"), key):
        abort(400, f"{HEADER} must be 1 to 255 visible ASCII characters without a space.")
    digest = hashlib.sha256(b"\n".join([request.method.encode(), request.path.encode(), request.get_data()]))
    with transaction() as session:
        row = {"idempotency_key": key, "request_digest": digest.hexdigest()}
        made = session.execute(insert(IdempotencyKey).prefix_with("IGNORE").values(row))
        if not made.rowcount:  # type: ignore[attr-defined] # a cursor's result has it
            return _again(session, **row)
        response = work()
        answer = {"status": response.status_code, "body": response.get_data(as_text=True)}
        session.execute(update(IdempotencyKey).where(IdempotencyKey.idempotency_key == key).values(answer))
        expiry.forget(session, IdempotencyKey.idempotency_key, IdempotencyKey.created_at, KEPT, _FORGOTTEN_AT_ONCE)
    return response


def _again(session: Session, idempotency_key: str, request_digest: str) -> Response:
    known = session.get_one(IdempotencyKey, idempotency_key)
    if known.request_digest != request_digest:
        abort(422, f"This {HEADER} has been used for another request.")
    response = Response(known.body, known.status, mimetype="application/json")
    response.headers["Idempotency-Replayed"] = "true"
    return response
