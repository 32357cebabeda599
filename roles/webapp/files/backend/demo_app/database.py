"""The database: a small pool of encrypted connections that survives failovers and rotated passwords."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from collections.abc import Iterator
from typing import Any

import pymysql
import sqlalchemy
from sqlalchemy import event
from sqlalchemy.engine import URL, Dialect, Engine, ExceptionContext
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as SQLAlchemyTimeout
from sqlalchemy.orm import Session, sessionmaker
from sqlalchemy.pool import PoolProxiedConnection, QueuePool

from . import nodes
from .secrets import Credentials, Secret
from .settings import DatabaseSettings

ACCESS_DENIED = 1045
UNREACHED = 2003
READ_ONLY = {1290, 1836}  # a failover left us on the old writer; whatever was sent with it is not done
_TURN = 0.5  # seconds to wait for one's turn at a database that could not be reached a moment ago
# Shutting down, read-only, gone, lost, taken offline: never to be used again.
_UNUSABLE = {1053, 2006, 2013, 3032} | READ_ONLY

# Pool times workers times instances (twice that during a refresh) stays below a small instance's max_connections.
POOL: dict[str, Any] = {
    "pool_size": 4,
    "max_overflow": 0,
    "pool_timeout": 5,
    "pool_recycle": 1800,
    "pool_pre_ping": True,
}
# The readers' name leads to another one each time, so within a minute one that is new gets its share.
READER_POOL: dict[str, Any] = POOL | {"pool_recycle": 60}


def connect(
    settings: DatabaseSettings,
    secret: Secret,
    *,
    host: str = "",
    database: str | None = None,
    connect_timeout: int = 3,
    read_timeout: int = 5,
    writable: bool = False,
    **options: Any,
) -> Engine:
    """An engine that asks Secrets Manager for its credentials and nothing at all until it is used.

    :param host: instead of the settings' database_host.
    :param connect_timeout: seconds for each of the host's addresses. A connection whose other end acknowledges nothing
        for as long is lost: a machine that dies ends none.
    :param read_timeout: seconds for an answer to a statement.
    :param writable: nodes that are read-only are refused, and left once they are: after a failover the name may lead
        to the old writer for a while.
    """
    host = host or settings.database_host
    engine = sqlalchemy.create_engine(
        URL.create("mysql+pymysql", host=host, port=settings.database_port, database=database),
        connect_args={
            "charset": "utf8mb4",
            "sql_mode": "TRADITIONAL",  # refuse what doesn't fit, whatever the server's parameters say
            "ssl": ssl.create_default_context(cafile=settings.database_ca_bundle),
            "connect_timeout": connect_timeout,
            "read_timeout": read_timeout,
            "write_timeout": 5,
        },
        hide_parameters=True,
        **{"poolclass": _Pool, **options},
    )

    @event.listens_for(engine, "do_connect")
    def log_in(dialect: Dialect, _record: object, arguments: list[Any], parameters: dict[str, Any]) -> DBAPIConnection:
        credentials = secret.credentials()
        try:
            connection = _dial(dialect, arguments, parameters | _login(credentials))
        except pymysql.err.OperationalError as error:
            if _code(error) != ACCESS_DENIED:
                raise
            # Rotated since we asked: once more with today's.
            connection = _dial(dialect, arguments, parameters | _login(secret.credentials(stale=credentials)))
        if writable and not nodes.takes_writes(connection):
            connection.close()
            raise pymysql.err.OperationalError(min(READ_ONLY), f"{host} leads to a node that is read-only")
        return connection

    @event.listens_for(engine, "handle_error")
    def drop_unusable(context: ExceptionContext) -> None:
        if _code(context.original_exception) in _UNUSABLE:
            context.is_disconnect = True

    if writable:  # asked instead of a ping before a connection is used again
        engine.dialect.do_ping = nodes.takes_writes  # type: ignore[assignment, method-assign]
    return engine


def _dial(dialect: Dialect, arguments: list[Any], parameters: dict[str, Any]) -> DBAPIConnection:
    """A connection that is lost soon after the machine at its other end has died."""
    connection: Any = dialect.connect(*arguments, **parameters, defer_connect=True)
    try:
        way = socket.create_connection((connection.host, connection.port), connection.connect_timeout)
    except OSError as error:
        refused = pymysql.err.OperationalError(UNREACHED, f"{connection.host} cannot be reached: {error}")
        refused.original_exception = error  # type: ignore[attr-defined] # as the driver's own errors have it
        raise refused from error
    way.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    way.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    way.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, connection.connect_timeout * 1000)
    connection.connect(way)
    found: DBAPIConnection = connection
    return found


class _Door:
    """Once a connection failed, one thread at a time tries for all; the others are told soon.

    So a database that does not answer keeps one thread of a process waiting, and the others can answer what needs none.
    """

    def __init__(self) -> None:
        self._closed = False
        self._one = threading.Lock()

    @contextlib.contextmanager
    def passed(self) -> Iterator[None]:
        alone = self._closed
        if alone and not self._one.acquire(timeout=_TURN):
            raise pymysql.err.OperationalError(UNREACHED, "another thread is trying already")
        try:
            yield
        except SQLAlchemyTimeout:
            raise  # all connections are in use: that says nothing of the database
        except Exception:
            self._closed = True
            raise
        else:
            self._closed = False
        finally:
            if alone:
                self._one.release()


class _Pool(QueuePool):
    """A pool with a door before it: who waits for a connection that others fail to make would not be told of it."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._door = _Door()

    def connect(self) -> PoolProxiedConnection:
        with self._door.passed():
            return super().connect()


def sessions(engine: Engine) -> sessionmaker[Session]:
    """Sessions whose objects may be read after the commit; `with sessions.begin() as session:` ends in one."""
    return sessionmaker(engine, expire_on_commit=False)


def error_code(error: DBAPIError) -> int | None:
    """MySQL's number for what went wrong."""
    return _code(error.orig)


def _code(error: BaseException | None) -> int | None:
    code = error.args[0] if error and error.args else None
    return code if isinstance(code, int) else None


def _login(credentials: Credentials) -> dict[str, str]:
    return {"user": credentials.username, "password": credentials.password}
