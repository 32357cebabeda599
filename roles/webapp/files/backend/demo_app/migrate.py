"""Bring the database to this release: `python -m demo_app.migrate`. Run once for each release, not by every instance.

With DATABASE_MASTER_SECRET_ARN it makes the database and the application's own user too, and tries the migration on a
copy first: one that fails there, or takes something away that the running release may need, never touches the database.
MIGRATION_MAY_CONTRACT=true lets the latter pass. Safe to run again, and safe to run twice at once: the second waits for
the first.
"""

from __future__ import annotations

import contextlib
import logging.config
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection
from sqlalchemy.engine import Engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from . import database, logs, migration_dry_run
from .aws import Account
from .secrets import Credentials, Secret
from .settings import DatabaseSettings, SettingsError

LOCK = "demo_app.migrate"
LOCK_SECONDS = 300
REACH_SECONDS = 20  # until the server has to be reached: it may be failing over
_RIGHTS = "SELECT, INSERT, UPDATE, DELETE"
_TWO_PASSWORDS = "APPLICATION_PASSWORD_ADMIN"  # of its own, while its secret is rotated

_log = logging.getLogger(__name__)


class MigrationError(Exception):
    """Says in one sentence why there was no migration."""


def migrate(settings: DatabaseSettings) -> None:
    account = Account(settings.aws_region)
    own = Secret(account, settings.database_secret_arn)
    master = Secret(account, settings.database_master_secret_arn) if settings.database_master_secret_arn else own
    with _connection(settings, master) as server, _lock(server):
        quoted = server.dialect.identifier_preparer.quote_identifier(settings.database_name)
        if master is not own:
            server.exec_driver_sql(f"CREATE DATABASE IF NOT EXISTS {quoted} CHARACTER SET utf8mb4")
        with _connection(settings, master, settings.database_name) as connection:
            if _is_behind(connection):
                if master is not own:
                    _dry_run(settings, master, server)
                _upgrade(connection)
        if master is not own:
            _admit(server, own.credentials(), quoted)


@contextlib.contextmanager
def _connection(settings: DatabaseSettings, secret: Secret, name: str | None = None) -> Iterator[Connection]:
    """One connection; its statements may take as long as others hold the lock."""
    engine = database.connect(settings, secret, database=name, read_timeout=LOCK_SECONDS + 60, poolclass=NullPool)
    with _reach(engine) as connection:
        yield connection
    engine.dispose()


def _reach(engine: Engine) -> Connection:
    deadline = time.monotonic() + REACH_SECONDS
    while True:
        try:
            return engine.connect()
        except DBAPIError as error:
            if database.error_code(error) != database.UNREACHED or time.monotonic() > deadline:
                raise
            time.sleep(1)


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


def _alembic(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).with_name("migrations")).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def _revision(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def _is_behind(connection: Connection) -> bool:
    """Whether there is something to migrate. A later release may have been here: what it added is no obstacle."""
    scripts = ScriptDirectory.from_config(_alembic(connection))
    known = [script.revision for script in scripts.walk_revisions()]
    current = _revision(connection)
    if current and current not in known:
        _log.info("A later release has migrated the database.", extra={"fields": {"revision": current}})
        return False
    return current != scripts.get_current_head()


def _dry_run(settings: DatabaseSettings, master: Secret, server: Connection) -> None:
    """Migrate a copy. MigrationError if that fails, or if the running release could not work with what comes out."""
    name = f"{settings.database_name[:50]}_dry_run"
    quoted = server.dialect.identifier_preparer.quote_identifier(name)
    server.exec_driver_sql(f"DROP DATABASE IF EXISTS {quoted}")
    server.exec_driver_sql(f"CREATE DATABASE {quoted} CHARACTER SET utf8mb4")
    try:
        with _connection(settings, master, name) as connection:
            migration_dry_run.copy(connection, settings.database_name)
            before = migration_dry_run.read(connection)
            try:
                command.upgrade(_alembic(connection), "head")
            except Exception as error:
                _report(error)
                raise MigrationError("The migration fails on a copy of the database. Nothing was changed.") from error
            found = migration_dry_run.contractions(before, migration_dry_run.read(connection))
    finally:
        server.exec_driver_sql(f"DROP DATABASE {quoted}")
    if found and not settings.migration_may_contract:
        raise MigrationError(
            f"The release that runs could not work with the migrated database: {'; '.join(found)}. Nothing was changed."
        )


def _upgrade(connection: Connection) -> None:
    """Migrate. What fails although its dry run did not is taken back, as far as it came."""
    start = _revision(connection)
    try:
        command.upgrade(_alembic(connection), "head")
        connection.commit()
    except Exception as error:
        if start is None or connection.invalidated:  # nothing to go back to, or no way: a second run goes on
            raise
        _report(error)
        connection.commit()
        command.downgrade(_alembic(connection), start)
        connection.commit()
        raise MigrationError(f"The migration failed. The database is at {start} again.") from error


def _report(error: Exception) -> None:
    """Its text may hold values, so only its kind and place are told."""
    known = error if isinstance(error, DBAPIError) else None
    below = getattr(known.orig, "original_exception", None) if known else None
    kind = [type(error).__name__, database.error_code(known) if known else None]
    kind += [type(below).__name__, getattr(below, "verify_message", getattr(below, "errno", None))] if below else []
    _log.error("The migration failed: %s.", " ".join(str(part) for part in kind if part is not None), exc_info=error)


def _admit(connection: Connection, user: Credentials, schema: str) -> None:
    """Let the application's user in, over TLS, to read and write rows of its own schema, and to have two passwords."""
    who = (user.username,)
    connection.exec_driver_sql("CREATE USER IF NOT EXISTS %s@'%%' IDENTIFIED BY %s REQUIRE SSL", tuple(user))
    connection.exec_driver_sql("ALTER USER %s@'%%' IDENTIFIED BY %s REQUIRE SSL", tuple(user))
    pattern = schema.replace("_", r"\_").replace("%", r"\%")  # in a GRANT a schema's name is a pattern
    wanted = {f"{_RIGHTS} ON {pattern}.*", f"{_TWO_PASSWORDS} ON *.*"}
    shown = connection.exec_driver_sql("SHOW GRANTS FOR %s@'%%'", who).scalars()
    rights = {line.removeprefix("GRANT ").rpartition(" TO ")[0] for line in shown}
    if rights - {"USAGE ON *.*"} != wanted:  # the running application is to notice nothing when all is well
        connection.exec_driver_sql("REVOKE ALL PRIVILEGES, GRANT OPTION FROM %s@'%%'", who)
        connection.exec_driver_sql(f"GRANT {_RIGHTS} ON {pattern.replace('%', '%%')}.* TO %s@'%%'", who)
        connection.exec_driver_sql(f"GRANT {_TWO_PASSWORDS} ON *.* TO %s@'%%'", who)


def main() -> int:
    logging.config.dictConfig(logs.CONFIG)
    try:
        migrate(DatabaseSettings.from_environment())
    except (SettingsError, MigrationError) as error:
        _log.error(str(error))
    except Exception as error:  # noqa: BLE001 - whatever it is, it is told without its text
        _report(error)
    else:
        _log.info("The database is up to date.")
        return 0
    return 1


if __name__ == "__main__":
    sys.exit(main())
