"""One server follows another: GTIDs, semi-synchronous, over TLS. What each is told, and how one replaces the other."""

from __future__ import annotations

import re
import time

from ...machine import Machine
from . import mysql

USER = "rdsrepladmin"  # as on RDS
_SILENCE = 3  # seconds after which a follower takes a source that says nothing for gone
# A follower need not keep its own files safe: what it has acknowledged its relay log holds, and if its machine dies it
# counts for nothing until it has caught up. So it applies what it gets as fast as it comes.
_QUICK = "SET GLOBAL sync_binlog = 0", "SET GLOBAL innodb_flush_log_at_trx_commit = 2"
_SAFE = "SET GLOBAL sync_binlog = 1", "SET GLOBAL innodb_flush_log_at_trx_commit = 1"
_WRITABLE = "SET GLOBAL super_read_only = OFF", "SET GLOBAL read_only = OFF"


def let_follow(machine: Machine, secret: str) -> None:
    """Give a server that writes the user with which others follow it."""
    name = f"{mysql.quote(USER)}@'%'"
    mysql.execute(
        machine,
        f"CREATE USER IF NOT EXISTS {name}",
        f"ALTER USER {name} IDENTIFIED BY {mysql.quote(secret)} REQUIRE SSL",
        f"GRANT REPLICATION SLAVE, BACKUP_ADMIN ON *.* TO {name}",
        secret=secret,
    )


def clone(machine: Machine, source: str, port: int, secret: str, deadline: float = 120) -> None:
    """Take the whole data of a server that writes, in the place of one's own; then the server starts anew."""
    before = machine.run(["pidof", "mysqld"]).stdout
    mysql.execute(machine, *_WRITABLE, f"SET GLOBAL clone_valid_donor_list = {mysql.quote(f'{source}:{port}')}")
    statement = f"CLONE INSTANCE FROM {mysql.quote(USER)}@{mysql.quote(source)}:{port}"
    try:
        mysql.execute(machine, f"{statement} IDENTIFIED BY {mysql.quote(secret)} REQUIRE SSL", secret=secret)
    except RuntimeError as error:
        if "3707" not in str(error) and "2013" not in str(error):  # it cannot restart itself: systemd does
            raise
    end = time.monotonic() + deadline
    while machine.run(["pidof", "mysqld"]).stdout in (before, ""):
        if time.monotonic() > end:
            raise TimeoutError(f"MySQL of {machine.name} did not come back after it was cloned")
        time.sleep(0.05)
    mysql.wait(machine)


def follow(machine: Machine, source: str, port: int, secret: str) -> None:
    """Follow a server from where one's own data ends."""
    mysql.execute(
        machine,
        "SET GLOBAL super_read_only = ON",
        "SET GLOBAL rpl_semi_sync_source_enabled = OFF",
        "SET GLOBAL rpl_semi_sync_replica_enabled = ON",
        *_QUICK,
        f"SET GLOBAL replica_net_timeout = {_SILENCE}",
        "STOP REPLICA",
        f"CHANGE REPLICATION SOURCE TO SOURCE_HOST = {mysql.quote(source)}, SOURCE_PORT = {port}, "
        f"SOURCE_USER = {mysql.quote(USER)}, SOURCE_PASSWORD = {mysql.quote(secret)}, SOURCE_AUTO_POSITION = 1, "
        "SOURCE_SSL = 1, SOURCE_SSL_CA = '/etc/mysql/tls/ca.pem', SOURCE_SSL_VERIFY_SERVER_CERT = 1, "
        "SOURCE_CONNECT_RETRY = 1, SOURCE_RETRY_COUNT = 100000, SOURCE_HEARTBEAT_PERIOD = 1",
        "START REPLICA",
        secret=secret,
    )


def freeze(machine: Machine) -> str:
    """Let a server write nothing more; returns the transactions that it has."""
    return executed(machine, "SET GLOBAL super_read_only = ON")


def shut_down(machine: Machine) -> None:
    """Stop a server that others follow. It would wait ten seconds for them if they were not sent away."""
    listed = "SELECT id FROM information_schema.processlist WHERE command LIKE 'Binlog Dump%'"
    for number in mysql.execute(machine, listed).split():
        mysql.execute(machine, f"KILL {number}")
    machine.run(["systemctl", "stop", "mysql"])


def promote(machine: Machine) -> None:
    """Let a follower write, once it has applied all that it was sent. Nobody follows it yet."""
    wait_for(machine, receive_no_more(machine), 60)
    mysql.execute(
        machine,
        "STOP REPLICA",
        "RESET REPLICA ALL",
        "SET GLOBAL rpl_semi_sync_replica_enabled = OFF",
        *_SAFE,
        *_WRITABLE,
    )


def receive_no_more(machine: Machine) -> str:
    """Let a follower apply what it has, and get nothing more; returns the transactions that it was sent."""
    return status(machine, "STOP REPLICA IO_THREAD").get("Retrieved_Gtid_Set", "")


def let_write(machine: Machine, acknowledged: bool) -> None:
    """
    Let a server write.

    :param acknowledged: whether each commit waits until a follower has it.
    """
    mysql.execute(machine, *_SAFE, acknowledge(acknowledged), *_WRITABLE)


def acknowledge(needed: bool) -> str:
    return f"SET GLOBAL rpl_semi_sync_source_enabled = {'ON' if needed else 'OFF'}"


def executed(machine: Machine, *before: str) -> str:
    """The transactions that a server has, as a set of GTIDs."""
    return mysql.execute(machine, *before, "SELECT @@GLOBAL.gtid_executed", deadline=30).replace("\n", "")


def wait_for(machine: Machine, transactions: str, seconds: float) -> None:
    """Wait until a server has these transactions; TimeoutError if it has not by then."""
    if not transactions:
        return
    statement = f"SELECT WAIT_FOR_EXECUTED_GTID_SET('{transactions}', {seconds:g})"
    if mysql.execute(machine, statement, deadline=seconds + 30).strip() != "0":
        raise TimeoutError(f"MySQL of {machine.name} has not come as far as it was to within {seconds:g} s")


def lacking(machine: Machine, transactions: str, others: str) -> str:
    """What the second set of GTIDs lacks of the first."""
    return mysql.execute(machine, f"SELECT GTID_SUBTRACT('{transactions}', '{others}')").replace("\n", "")


def status(machine: Machine, *before: str) -> dict[str, str]:
    """What a follower says of itself, by the names of SHOW REPLICA STATUS; empty if it follows nobody."""
    client = ["mysql", "--protocol=socket", "--vertical"]
    done = machine.run(client, stdin="".join(f"{one};\n" for one in (*before, "SHOW REPLICA STATUS")), deadline=30)
    if done.returncode:
        raise RuntimeError(f"MySQL of {machine.name}: {done.stderr.strip()}")
    found, last = {}, ""
    for line in done.stdout.splitlines():
        if match := re.fullmatch(r" *([A-Z][A-Za-z_]+): ?(.*)", line):
            last, found[match[1]] = match[1], match[2]
        elif last:  # a set of GTIDs goes on
            found[last] += line.strip()
    return found
