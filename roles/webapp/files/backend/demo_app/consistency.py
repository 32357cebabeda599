"""Nobody reads less than what they have written, however far the readers are behind the writer.

Each transaction that writes leaves a row, whose id is the caller's token. A reader that has the row has all of that
transaction; one that does not have it is not asked, but the writer. The token comes back in a cookie by itself. Callers
who keep no cookies, or are of another site, send it in the header. One that is not known leads to the writer.
"""

from __future__ import annotations

import datetime
import re

from flask import Flask, Response, g, request
from sqlalchemy import select
from sqlalchemy.orm import Session

from . import expiry
from .models import ConsistencyToken

HEADER = "X-Consistency-Token"
MEANING = "As the last write answered it; what is read is then no older. With 0 the writer itself is read."
COOKIE = "consistency_token"
SHOWN = datetime.timedelta(minutes=15)  # after its last write for which a caller shows its token; no lag is that long
_KEPT = datetime.timedelta(hours=1)
_EACH = 16  # writes until old rows are looked for again
_FORGOTTEN_AT_ONCE = 100


class BehindError(Exception):
    """This reader does not have what the caller has written."""


def install(app: Flask) -> None:
    @app.after_request
    def tell(response: Response) -> Response:
        if token := g.get("consistency_token"):
            response.headers[HEADER] = token
            response.set_cookie(COOKIE, token, max_age=SHOWN, httponly=True, samesite="Lax")
        return response


def leave(session: Session) -> None:
    """Leave this transaction's row. Its token is answered even if the commit fails: it may have been done."""
    session.add(row := ConsistencyToken())
    session.flush()
    g.consistency_token = str(row.id)
    if row.id % _EACH == 0:
        expiry.forget(session, ConsistencyToken.id, ConsistencyToken.created_at, _KEPT, _FORGOTTEN_AT_ONCE)


def require(session: Session) -> None:
    """BehindError unless all that the caller has written is here."""
    token = request.headers.get(HEADER) or request.cookies.get(COOKIE)
    if not token:
        return
    known = re.fullmatch("[0-9]{1,18}", token)
    if not known or not session.scalar(select(ConsistencyToken.id).where(ConsistencyToken.id == int(token))):
        raise BehindError
