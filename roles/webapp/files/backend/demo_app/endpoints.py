"""The database's endpoints: the writer's, and the readers' where the settings name one.

While no reader answers, requests do not wait for one: they go to the writer, and a thread asks until one answers again.
"""

from __future__ import annotations

import contextlib
import logging
import threading
import time
from typing import Literal

from sqlalchemy import event
from sqlalchemy.engine import Engine
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.orm import Session, sessionmaker
from sqlalchemy.pool import ConnectionPoolEntry

from . import database, nodes
from .secrets import Secret
from .settings import Settings

Role = Literal["reader", "writer"]
EVERY = 1.0  # seconds between two looks for a reader, while none answers
_REACH = 1  # second to reach a reader in; there is the writer, too

_log = logging.getLogger(__name__)


class Endpoints:
    """What a process connects to; nothing is, before it is used."""

    def __init__(self, settings: Settings, secret: Secret) -> None:
        """
        :param settings: of these, database_reader_host says whether there are readers.
        """
        self.readers: Readers | None = None
        writer = database.connect(
            settings,
            secret,
            database=settings.database_name,
            writable=bool(settings.database_reader_host),
            **database.POOL,
        )
        engines = [writer]
        if settings.database_reader_host:
            reader = database.connect(
                settings,
                secret,
                host=settings.database_reader_host,
                database=settings.database_name,
                connect_timeout=_REACH,
                **database.READER_POOL,
            )
            self.readers = Readers(reader)
            engines.append(reader)
        if settings.database_show_node:
            for engine in engines:
                event.listen(engine, "connect", _remember_node)
        self._writer = database.sessions(writer)

    def sessions(self, role: Role) -> sessionmaker[Session]:
        """The sessions at this role's endpoint; the writer's, if there are no readers."""
        return self.readers.sessions if self.readers and role == "reader" else self._writer


class Readers:
    """The readers' endpoint, and whether any reader answers there."""

    def __init__(self, engine: Engine) -> None:
        self.sessions = database.sessions(engine)
        self._engine = engine
        self._looking = threading.Lock()  # held for as long as no reader answers

    @property
    def away(self) -> bool:
        return self._looking.locked()

    def failed(self) -> None:
        """A reader did not do what it was asked for: see whether one does."""
        if self._looking.acquire(blocking=False):
            threading.Thread(target=self._look, name="readers", daemon=True).start()

    def _look(self) -> None:
        if not self._answers():
            _log.warning("No reader of the database answers. The writer does their work.")
            while not self._answers():
                time.sleep(EVERY)
            _log.info("A reader of the database answers again.")
        self._looking.release()

    def _answers(self) -> bool:
        with contextlib.suppress(Exception), self._engine.connect():  # whatever it is, the next look may do better
            return True
        return False


def _remember_node(connection: DBAPIConnection, entry: ConnectionPoolEntry) -> None:
    entry.info["node"] = nodes.describe(connection)
