"""Run a command with a real MySQL beside it: `python -m tests.mysql pytest tests/app`.

The server is the one that stands behind the lab's RDS, in a guest of its own on a link that only this machine sees.
The command finds it in APP_TEST_MYSQL, a URL with an administrator's name and password. Tests that ask for a replica
start one beside it, with `replica`.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import secrets
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from lab import cgroup, config, images, netns, pki
from lab.machine import Machine
from lab.services.rds import mysql

_LOCK = Path("/run/lock/t3test-mysql")
SPACE, DEVICE = "t3test-mysql", "t3tmysql"
# Of the range for benchmarks, which is routed nowhere: links from this machine to each, and one between them.
HOSTS, GUESTS = ("198.18.0.1", "198.18.0.5"), ("198.18.0.2", "198.18.0.6")
BETWEEN = ("198.18.0.9", "198.18.0.10")
NAMES = ("writer.test", "reader.test")  # tests that move names from one server to the other verify them all the same
_OPTIONS = """\
[mysqld]
server_id = {number}
log_bin = binlog
sync_binlog = 0
innodb_flush_log_at_trx_commit = 2
gtid_mode = ON
enforce_gtid_consistency = ON
max_connections = 66
"""
# Tests also play what happens to a server: failing over makes it read-only.
_RIGHTS = "SYSTEM_VARIABLES_ADMIN, CONNECTION_ADMIN, REPLICATION_SLAVE_ADMIN"


def main(command: list[str]) -> int:
    with _LOCK.open("w") as lock, tempfile.TemporaryDirectory(dir="/var/tmp", prefix="t3test-") as directory:
        fcntl.flock(lock, fcntl.LOCK_EX)  # links and addresses are the machine's: one run waits for the other
        _work_in(Path(directory))
        pki.ensure_authority()
        password = secrets.token_urlsafe(24)
        try:
            with _server(0, password):
                environment = {
                    "APP_TEST_MYSQL": f"mysql://admin:{password}@{GUESTS[0]}:3306/?ssl_ca={config.CA_CERT}",
                    "APP_TEST_MYSQL_DIRECTORY": directory,
                }
                return subprocess.run(command, env={**os.environ, **environment}, check=False).returncode
        finally:
            cgroup.sweep()


@contextlib.contextmanager
def replica(password: str) -> Iterator[str]:
    """Start a second server and have it replicate the first one; its namespace, which has a link `eth0` to here.

    :param password: the administrator's.
    """
    _work_in(Path(os.environ["APP_TEST_MYSQL_DIRECTORY"]))
    with _server(1, password) as space:
        netns.ip("link", "add", "eth1", "netns", _space(0), "type", "veth", "peer", "name", "eth1", "netns", space)
        for number, address in enumerate(BETWEEN):
            netns.ip("addr", "add", f"{address}/30", "dev", "eth1", ns=_space(number))
            netns.ip("link", "set", "eth1", "up", ns=_space(number))
        yield space


def _work_in(directory: Path) -> None:
    config.MACHINES = directory
    config.CGROUP = SPACE
    config.PKI = directory / "pki"
    config.CA_CERT = config.PKI / "ca.pem"


def _space(number: int) -> str:
    return f"{SPACE}-{number}"


@contextlib.contextmanager
def _server(number: int, password: str) -> Iterator[str]:
    """One server that answers, with its administrator; its namespace."""
    space = _space(number)
    machine = Machine(f"mysql-{number}", space, [images.database().build()])
    try:
        _plug(number)
        machine.prepare()
        certificate, key = pki.issue(GUESTS[number], *NAMES)
        mysql.equip(machine, config.CA_CERT.read_bytes(), certificate, key)
        options = machine.root / "etc/mysql/mysql.conf.d/zzz-test.cnf"
        options.write_text(_OPTIONS.format(number=number + 1))
        machine.start()
        mysql.wait(machine)
        mysql.make_master(machine, "admin", password, None)
        statement = f"SET sql_log_bin = 0; GRANT {_RIGHTS} ON *.* TO admin"
        machine.run(["mysql", "--protocol=socket", "-e", statement]).check_returncode()
        yield space
    finally:
        machine.destroy()
        _unplug(number)


def _plug(number: int) -> None:
    _unplug(number)
    space, device = _space(number), f"{DEVICE}{number}"
    netns.add(space)
    netns.ip("link", "add", device, "type", "veth", "peer", "name", "eth0", "netns", space)
    netns.ip("addr", "add", f"{HOSTS[number]}/30", "dev", device)
    netns.ip("link", "set", device, "up")
    netns.ip("addr", "add", f"{GUESTS[number]}/30", "dev", "eth0", ns=space)
    netns.ip("link", "set", "eth0", "up", ns=space)


def _unplug(number: int) -> None:
    with contextlib.suppress(RuntimeError):  # there is none; it is not left to the namespace, which may end later
        netns.ip("link", "delete", f"{DEVICE}{number}")
    netns.delete(_space(number))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
