"""Which of the database's nodes a connection leads to, and whether that one takes writes."""

from __future__ import annotations

from typing import cast

from sqlalchemy.engine.interfaces import DBAPIConnection

# Aurora has a name for each of its instances. What a server does not know is left out of its answer.
_NAMES = ("aurora_server_id", "hostname", "innodb_read_only", "read_only")


def takes_writes(connection: DBAPIConnection) -> bool:
    """False for a replica, a reader of Aurora's and a writer that a failover has demoted."""
    cursor = connection.cursor()
    try:
        cursor.execute("SELECT @@global.innodb_read_only OR @@global.read_only")
        row = cursor.fetchone()
    finally:
        cursor.close()
    return not (row and row[0])


def describe(connection: DBAPIConnection) -> str:
    """Its role and its name, such as `reader demo-app-db-2`."""
    cursor = connection.cursor()
    try:
        cursor.execute("SHOW GLOBAL VARIABLES WHERE variable_name IN %s", (_NAMES,))
        found = {str(name).lower(): str(value) for name, value in cast("list[tuple[str, str]]", cursor.fetchall())}
    finally:
        cursor.close()
    is_reader = "ON" in (found.get("innodb_read_only"), found.get("read_only"))
    return f"{'reader' if is_reader else 'writer'} {found.get('aurora_server_id') or found.get('hostname', 'unknown')}"
