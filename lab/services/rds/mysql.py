"""MySQL inside a guest: its options, its readiness, its master user. Passwords go in by standard input only."""

from __future__ import annotations

import contextlib
import os
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path

from ... import config, pki
from ...machine import GUEST_ENVIRONMENT, Machine

# What RDS for MySQL 8.4 grants its master user: everything but what would reach the machine under the server.
_MASTER_RIGHTS = (
    "SELECT, INSERT, UPDATE, DELETE, CREATE, DROP, RELOAD, PROCESS, REFERENCES, INDEX, ALTER, SHOW DATABASES, "
    "CREATE TEMPORARY TABLES, LOCK TABLES, EXECUTE, REPLICATION SLAVE, REPLICATION CLIENT, CREATE VIEW, SHOW VIEW, "
    "CREATE ROUTINE, ALTER ROUTINE, CREATE USER, EVENT, TRIGGER, CREATE ROLE, DROP ROLE, "
    "APPLICATION_PASSWORD_ADMIN, ROLE_ADMIN, XA_RECOVER_ADMIN"
)
# What a parameter group of MySQL 8.4 can set here: data type, apply type, allowed values. All reach the real server.
PARAMETERS = {
    "character_set_server": ("string", "dynamic", "utf8mb4,latin1,ascii"),
    "collation_server": ("string", "dynamic", "utf8mb4_0900_ai_ci,utf8mb4_general_ci,utf8mb4_bin"),
    "innodb_lock_wait_timeout": ("integer", "dynamic", "1-1073741824"),
    "interactive_timeout": ("integer", "dynamic", "1-31536000"),
    "log_bin_trust_function_creators": ("boolean", "dynamic", "0,1"),
    "log_output": ("string", "dynamic", "TABLE,FILE,NONE"),
    "long_query_time": ("float", "dynamic", "0-31536000"),
    "max_connections": ("integer", "dynamic", "1-100000"),
    "require_secure_transport": ("boolean", "dynamic", "0,1"),
    "slow_query_log": ("boolean", "dynamic", "0,1"),
    "time_zone": ("string", "dynamic", ""),
    "wait_timeout": ("integer", "dynamic", "1-31536000"),
}


DATA = Path("var/lib/mysql")  # in a guest's root
_LOG = "binlog"  # name of the binary log's files
_REPLICATION = (
    *(f"plugin-load-add = {name}.so" for name in ("semisync_source", "semisync_replica", "mysql_clone")),
    "gtid_mode = ON",
    "enforce_gtid_consistency = ON",
    # A commit is acknowledged when a standby has it. Whether there is one the controller says, never a timeout.
    "rpl_semi_sync_source_wait_point = AFTER_SYNC",
    "rpl_semi_sync_source_timeout = 4294967295",
    "skip_replica_start = ON",
    "relay_log_recovery = ON",
    "skip_name_resolve = ON",
)


def options(parameters: Mapping[str, str], port: int, server: int, log: bool, replicated: bool) -> str:
    """
    The option file for a parameter group's values.

    :param server: the server's number, which no other server of the same database may have.
    :param log: whether there is a binary log: backups have to reach any second, or another server follows.
    :param replicated: whether it is one of several. It then comes up read-only and follows nobody, until it is told.
    """
    lines = ["[mysqld]", f"port = {port}", f"server_id = {server}", *_REPLICATION]
    lines.append(f"log_bin = {_LOG}" if log else "disable_log_bin")
    lines += ["super_read_only = ON"] if replicated else []
    lines += [f"{name} = {value}" for name, value in sorted(parameters.items()) if name in PARAMETERS and value]
    return "\n".join(lines) + "\n"


def equip(machine: Machine, authority: bytes, certificate: bytes, key: bytes) -> None:
    """Give a prepared guest its certificate before its first boot."""
    tls = machine.root / "etc/mysql/tls"
    tls.mkdir(parents=True, exist_ok=True)
    (tls / "ca.pem").write_bytes(authority)
    (tls / "server.pem").write_bytes(certificate)
    pki.write_secret(tls / "server.key", key)
    owner = (machine.root / "var/lib/mysql").stat()
    for file in (tls, *tls.iterdir()):
        os.chown(file, owner.st_uid, owner.st_gid)


def wait(machine: Machine, deadline: float = config.BOOT_DEADLINE) -> None:
    """Wait until the server answers; TimeoutError with the end of its log if it does not in time."""
    end = time.monotonic() + deadline
    while time.monotonic() < end:
        if machine.booted() and machine.run(["mysqladmin", "--protocol=socket", "ping"]).returncode == 0:
            return
        if machine.pid is None:
            break
        time.sleep(0.1)
    journal = machine.run(["journalctl", "-n", "20", "--no-pager", "-u", "mysql"]).stdout if machine.init else ""
    raise TimeoutError(f"MySQL of {machine.name} does not answer. {journal}")


def make_master(machine: Machine, user: str, password: str, database: str | None) -> None:
    """Create the master user or give it its new password, and the first database."""
    statements = [
        f"CREATE USER IF NOT EXISTS {quote(user)}@'%'",
        f"ALTER USER {quote(user)}@'%' IDENTIFIED BY {quote(password)}",
        f"GRANT {_MASTER_RIGHTS} ON *.* TO {quote(user)}@'%' WITH GRANT OPTION",
    ]
    if database:
        statements.append(f"CREATE DATABASE IF NOT EXISTS `{database.replace('`', '``')}`")
    execute(machine, *statements, secret=password)


def execute(machine: Machine, *statements: str, secret: str = "", deadline: float = 60) -> str:
    """
    What a guest's server answers to statements of root, a line for each row, tabs between values.

    :param secret: what of the statements must not be in an error's message.
    :raises RuntimeError: with the server's own sentence.
    """
    client = ["mysql", "--protocol=socket", "--batch", "--skip-column-names", "--raw"]
    done = machine.run(client, stdin=";\n".join(statements) + ";\n", deadline=deadline)
    if done.returncode:
        message = done.stderr.replace(secret, "***") if secret else done.stderr
        raise RuntimeError(f"MySQL of {machine.name}: {message.strip()}")
    return done.stdout


@contextlib.contextmanager
def held(machine: Machine) -> Iterator[None]:
    """Nothing is committed or written meanwhile: files that are copied are those of one moment, the log's too."""
    if not machine.init:
        yield
        return
    client = ["mysql", "--protocol=socket", "--batch", "--skip-column-names", "--unbuffered"]
    with subprocess.Popen(
        ["nsenter", "--all", f"--target={machine.init}", *client],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=GUEST_ENVIRONMENT,
    ) as session:  # fmt: skip
        assert session.stdin
        assert session.stdout
        session.stdin.write("SET lock_wait_timeout = 20;\nFLUSH TABLES WITH READ LOCK;\nSELECT 'held';\n")
        session.stdin.flush()
        if session.stdout.readline().strip() != "held":
            raise RuntimeError(f"cannot hold the tables of {machine.name}")
        machine.run(["systemctl", "kill", "--signal=STOP", "mysql"])
        try:
            yield
        finally:
            machine.run(["systemctl", "kill", "--signal=CONT", "mysql"])


def logs(data: Path) -> list[Path]:
    """The files of a data directory's binary log, the oldest first."""
    return sorted(data.glob(f"{_LOG}.[0-9]*"))


def replay(machine: Machine, logs: Sequence[str], known: str, until: datetime | None) -> None:
    """
    Do again what these binary logs, which lie in the guest, say; what is done already is not.

    :param known: the transactions that count, as a set of GTIDs: a server that failed may have had more than was ever
        acknowledged. Empty: all.
    :param until: the last second that counts, in UTC; None: all.
    """
    counts = [f"--include-gtids={known}"] if known else []
    if until:  # the log knows seconds only, and this one is to be in
        counts.append(f"--stop-datetime={until + timedelta(seconds=1):%Y-%m-%d %H:%M:%S}")
    read = ["mysqlbinlog", *counts, *logs]
    write = ["mysql", "--protocol=socket", "--binary-mode"]
    # The shell takes both commands as arguments, so that nothing needs quoting.
    first, second = f'"${{@:1:{len(read)}}}"', f'"${{@:{len(read) + 1}}}"'
    script = f"set -e; TZ=UTC {first} >/tmp/again.sql; {second} </tmp/again.sql; rm /tmp/again.sql"
    done = machine.run(["bash", "-c", script, "bash", *read, *write], deadline=600)
    if done.returncode:
        raise RuntimeError(f"cannot replay the log in {machine.name}: {done.stderr.strip()}")


def quote(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace("'", "''")
    return f"'{escaped}'"
