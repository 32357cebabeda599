"""Rows that are of use for a while only."""

from __future__ import annotations

import datetime
from typing import Any

from sqlalchemy import delete, select, text
from sqlalchemy.orm import InstrumentedAttribute, Session


def forget(
    session: Session,
    key: InstrumentedAttribute[Any],
    made: InstrumentedAttribute[datetime.datetime],
    kept: datetime.timedelta,
    most: int,
) -> None:
    """Delete some rows that are older. They are looked for without a lock and deleted each by itself: nobody waits."""
    age = text(f"utc_timestamp(6) - INTERVAL {int(kept.total_seconds())} SECOND")
    if keys := sorted(session.scalars(select(key).where(made < age).limit(most))):
        session.execute(delete(key.class_).where(key.in_(keys)))
