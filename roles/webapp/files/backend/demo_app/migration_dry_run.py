"""A copy of the database to try a migration on, and what the running release would miss after it.

MySQL commits each change of a schema by itself, so what fails halfway cannot be rolled back: it has to fail elsewhere.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from sqlalchemy import Connection

ROWS = 100_000  # of each table, at most, are copied; the structure always is whole
_OWN = "alembic_version"  # the migrations' own table


class Column(NamedTuple):
    type: str
    nullable: bool
    optional: bool  # a row may be inserted without it


class Schema(NamedTuple):
    columns: dict[str, dict[str, Column]]  # by table and name
    constraints: dict[str, set[str]]  # names by table
    rows: dict[str, int]  # by table


def copy(connection: Connection, source: str) -> None:
    """Make this connection's empty database a copy of another one of the same server."""
    quote = connection.dialect.identifier_preparer.quote_identifier
    connection.exec_driver_sql("SET SESSION foreign_key_checks = 0")
    for table in _tables(connection, source):
        create = connection.exec_driver_sql(f"SHOW CREATE TABLE {quote(source)}.{quote(table)}").one()[1]
        connection.exec_driver_sql(create.replace("%", "%%"))
        stored = "SELECT column_name FROM information_schema.columns WHERE generation_expression = '' AND "
        names = connection.exec_driver_sql(f"{stored} table_schema = %s AND table_name = %s", (source, table)).scalars()
        listed = ", ".join(map(quote, names))
        rows = f"SELECT {listed} FROM {quote(source)}.{quote(table)} LIMIT {ROWS}"
        connection.exec_driver_sql(f"INSERT INTO {quote(table)} ({listed}) {rows}")
    connection.exec_driver_sql("SET SESSION foreign_key_checks = 1")
    connection.commit()


def read(connection: Connection) -> Schema:
    """What the connection's database holds."""
    columns: dict[str, dict[str, Column]] = {table: {} for table in _tables(connection)}
    said = connection.exec_driver_sql(
        "SELECT table_name, column_name, column_type, is_nullable, column_default, extra "
        "FROM information_schema.columns WHERE table_schema = DATABASE()"
    )
    for table, name, kind, nullable, default, extra in said:
        optional = nullable == "YES" or default is not None or bool(re.search("auto_increment|GENERATED", extra))
        if table in columns:
            columns[table][name] = Column(kind, nullable == "YES", optional)
    constraints: dict[str, set[str]] = {table: set() for table in columns}
    for table, name in connection.exec_driver_sql(
        "SELECT table_name, constraint_name FROM information_schema.table_constraints WHERE table_schema = DATABASE()"
    ):
        constraints.setdefault(table, set()).add(name)
    quote = connection.dialect.identifier_preparer.quote_identifier
    rows = {t: connection.exec_driver_sql(f"SELECT count(*) FROM {quote(t)}").scalar_one() for t in columns}
    return Schema(columns, constraints, rows)


def contractions(before: Schema, after: Schema) -> list[str]:
    """What a release written for `before` would miss or break on in `after`, each as a few words."""
    found = []
    for table, columns in before.columns.items():
        if table == _OWN:
            continue
        if table not in after.columns:
            found.append(f"table {table} is gone")
            continue
        now = after.columns[table]
        for name, column in columns.items():
            found += _changes(f"{table}.{name}", column, now.get(name))
        found += [
            f"{table}.{name} is new and has to be given"
            for name, column in now.items()
            if name not in columns and not column.optional
        ]
        found += [
            f"{table} has a new constraint {name}"
            for name in sorted(after.constraints[table] - before.constraints[table])
        ]
        if after.rows[table] < before.rows[table]:
            found.append(f"{before.rows[table] - after.rows[table]} rows of {table} are gone")
    return found


def _changes(name: str, before: Column, after: Column | None) -> list[str]:
    if after is None:
        return [f"{name} is gone"]
    found = []
    if before.type != after.type and not _wider(before.type, after.type):
        found.append(f"{name} was {before.type} and is {after.type}")
    if before.nullable and not after.nullable:
        found.append(f"{name} may no longer be empty")
    elif before.optional and not after.optional:
        found.append(f"{name} has lost its default")
    return found


def _wider(before: str, after: str) -> bool:
    old, new = (re.fullmatch(r"varchar\((\d+)\)", kind) for kind in (before, after))
    return old is not None and new is not None and int(old[1]) <= int(new[1])


def _tables(connection: Connection, schema: str | None = None) -> list[str]:
    return list(
        connection.exec_driver_sql(
            "SELECT table_name FROM information_schema.tables "
            "WHERE table_type = 'BASE TABLE' AND table_schema = COALESCE(%s, DATABASE()) ORDER BY table_name",
            (schema,),
        ).scalars()
    )
