"""Run a command with real MySQL servers beside it: `python -m tests.mysql pytest -n 2 --dist loadfile tests/app`.

The servers are those that stand behind the lab's RDS, in guests of their own on links that only this machine sees.
There is one for each of two workers, because tests also play what happens to a whole server. The command finds them in
APP_TEST_MYSQL, URLs with an administrator's name and password. Tests that ask for a replica start one, with `replica`.
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
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from lab import cgroup, config, images, netns, pki
from lab.machine import Machine
from lab.services.rds import mysql

_LOCK = Path("/run/lock/t3test-mysql")
SPACE, DEVICE = "t3test-mysql", "t3tmysql"
# Of the range for benchmarks, which is routed nowhere: from this machine to each, and from a replica to its source.
HOSTS, GUESTS = ("198.18.0.1", "198.18.0.5", "198.18.0.9"), ("198.18.0.2", "198.18.0.6", "198.18.0.10")
SOURCE, REPLICA = "198.18.0.13", "198.18.0.14"
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
        images.database().build()
        password = secrets.token_urlsafe(24)
        try:
            with contextlib.ExitStack() as running, ThreadPoolExecutor() as pool:
                for one in [pool.submit(running.enter_context, _server(number, password)) for number in (0, 1)]:
                    one.result()
                urls = [f"mysql://admin:{password}@{guest}:3306/?ssl_ca={config.CA_CERT}" for guest in GUESTS[:2]]
                environment = {"APP_TEST_MYSQL": " ".join(urls), "APP_TEST_MYSQL_DIRECTORY": directory}
                return subprocess.run(command, env={**os.environ, **environment}, check=False).returncode
        finally:
            cgroup.sweep()


@contextlib.contextmanager
def replica(source: str, password: str) -> Iterator[str]:
    """Start another server, which has a link of its own to its source; its namespace, where `eth0` leads to here.

    :param source: the address of the server that it is to replicate.
    :param password: the administrator's.
    """
    _work_in(Path(os.environ["APP_TEST_MYSQL_DIRECTORY"]))
    other = _space(GUESTS.index(source))
    with _server(2, password) as space:
        netns.ip("link", "add", "eth1", "netns", other, "type", "veth", "peer", "name", "eth1", "netns", space)
        for end, address in ((other, SOURCE), (space, REPLICA)):
            netns.ip("addr", "add", f"{address}/30", "dev", "eth1", ns=end)
            netns.ip("link", "set", "eth1", "up", ns=end)
        yield space


def _work_in(directory: Path) -> None:
    config.MACHINES = directory
    config.CGROUP = SPACE
    config.keep_apart(directory)


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
