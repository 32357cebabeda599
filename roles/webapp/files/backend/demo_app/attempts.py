"""At which endpoint of the database a request is tried, and whether it is tried again.

| request | tried |
|---|---|
| reads rows, READER_FIRST | at a reader; at the writer if no reader answers or has what the caller wrote; at a reader |
| reads rows, WRITER_FIRST | at the writer, and at a reader if the writer is away |
| any other | at the writer, and there once more if the connection was lost and nothing can be done twice by that |

So a failover fails no read that a reader can answer, and a write only for as long as there is no writer.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from flask import Response, g
from sqlalchemy.exc import DBAPIError

from .consistency import BehindError
from .database import READ_ONLY, error_code
from .endpoints import Role
from .services import is_reading, services

READER_FIRST: tuple[Role, ...] = ("reader", "writer", "reader")
WRITER_FIRST: tuple[Role, ...] = ("writer", "reader")
_QUICKLY = 2.0  # seconds; what failed later than that is not tried again, for the caller has waited enough


def attempted(work: Callable[[], Response], roles: tuple[Role, ...], repeatable: bool) -> Response:
    """What `work` answers, or the last error of the database.

    :param roles: the endpoints to try one after the other, where there are readers.
    :param repeatable: whether work may be done again although it may have been done.
    """
    if roles and services().database.readers:
        return _at_each(work, roles)
    begun = time.monotonic()
    try:
        return work()
    except DBAPIError as error:
        lost = error.connection_invalidated and time.monotonic() - begun < _QUICKLY
        if not (lost and (repeatable or is_reading() or _is_undone(error))):
            raise
    return work()


def _at_each(work: Callable[[], Response], roles: tuple[Role, ...]) -> Response:
    readers = services().database.readers
    assert readers
    last: DBAPIError | None = None
    for role in roles[1:] if roles[0] == "reader" and readers.away else roles:
        g.database_role = role
        try:
            return work()
        except BehindError:
            continue
        except DBAPIError as error:
            last = error
            if role == "reader":
                readers.failed()
    assert last  # the writer is never behind
    raise last


def _is_undone(error: DBAPIError) -> bool:
    """Whether nothing was done for certain: the commit was not sent, or refused."""
    return not g.get("commit_sent") or error_code(error) in READ_ONLY
