"""Bring the database to this release: `python -m demo_app.migrate`. Run once for each release, not by every instance.

With DATABASE_MASTER_SECRET_ARN it makes the database and the application's own user too. Safe to run again, and safe
to run twice at once: the second waits for the first.
"""

from __future__ import annotations

import contextlib
import logging.config
import sys
from collections.abc import Iterator
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from . import aws, database, logs
from .secrets import Credentials, Secret
from .settings import DatabaseSettings, SettingsError

LOCK = "demo_app.migrate"
LOCK_SECONDS = 300
_RIGHTS = "SELECT, INSERT, UPDATE, DELETE"

_log = logging.getLogger(__name__)


class MigrationError(Exception):
    """Says in one sentence why there was no migration."""


def migrate(settings: DatabaseSettings) -> None:
    client = aws.client("secretsmanager", settings.aws_region)
    own = Secret(client, settings.database_secret_arn)
    master = Secret(client, settings.database_master_secret_arn) if settings.database_master_secret_arn else own
    with _connection(settings, master) as server, _lock(server):
        quoted = server.dialect.identifier_preparer.quote_identifier(settings.database_name)
        if master is not own:
            server.exec_driver_sql(f"CREATE DATABASE IF NOT EXISTS {quoted} CHARACTER SET utf8mb4")
        with _connection(settings, master, settings.database_name) as connection:
            _upgrade(connection)
            connection.commit()
        if master is not own:
            _admit(server, own.credentials(), quoted)


@contextlib.contextmanager
def _connection(settings: DatabaseSettings, secret: Secret, name: str | None = None) -> Iterator[Connection]:
    """One connection; its statements may take as long as others hold the lock."""
    engine = database.connect(settings, secret, database=name, read_timeout=LOCK_SECONDS + 60, poolclass=NullPool)
    with engine.connect() as connection:
        yield connection
    engine.dispose()


@contextlib.contextmanager
def _lock(connection: Connection) -> Iterator[None]:
    """An advisory lock of the server; it falls with the connection, so a migrator that dies leaves none behind."""
    if not connection.exec_driver_sql("SELECT GET_LOCK(%s, %s)", (LOCK, LOCK_SECONDS)).scalar():
        raise MigrationError(f"Another migration has been running for {LOCK_SECONDS} s.")
    try:
        yield
    finally:
        if not connection.invalidated:
            connection.exec_driver_sql("SELECT RELEASE_LOCK(%s)", (LOCK,))


def _upgrade(connection: Connection) -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).with_name("migrations")).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def _admit(connection: Connection, user: Credentials, schema: str) -> None:
    """Let the application's user in, over TLS, to read and write rows of its own schema and nothing else."""
    who = (user.username,)
    connection.exec_driver_sql("CREATE USER IF NOT EXISTS %s@'%%' IDENTIFIED BY %s REQUIRE SSL", tuple(user))
    connection.exec_driver_sql("ALTER USER %s@'%%' IDENTIFIED BY %s REQUIRE SSL", tuple(user))
    pattern = schema.replace("_", r"\_").replace("%", r"\%")  # in a GRANT a schema's name is a pattern
    wanted = {f"{_RIGHTS} ON {pattern}.*"}
    shown = connection.exec_driver_sql("SHOW GRANTS FOR %s@'%%'", who).scalars()
    rights = {line.removeprefix("GRANT ").rpartition(" TO ")[0] for line in shown}
    if rights - {"USAGE ON *.*"} != wanted:  # the running application is to notice nothing when all is well
        connection.exec_driver_sql("REVOKE ALL PRIVILEGES, GRANT OPTION FROM %s@'%%'", who)
        connection.exec_driver_sql(f"GRANT {_RIGHTS} ON {pattern.replace('%', '%%')}.* TO %s@'%%'", who)


def main() -> int:
    logging.config.dictConfig(logs.CONFIG)
    try:
        migrate(DatabaseSettings.from_environment())
    except (SettingsError, MigrationError) as error:
        _log.error(str(error))
    except Exception as error:  # noqa: BLE001 - its text may hold values, so only the log may tell of it
        code = database.error_code(error) if isinstance(error, DBAPIError) else None
        _log.error("The migration failed.", exc_info=error, extra={"fields": {"code": code}})
    else:
        _log.info("The database is up to date.")
        return 0
    return 1


if __name__ == "__main__":
    sys.exit(main())
