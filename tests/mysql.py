"""Run a command with a real MySQL beside it: `python -m tests.mysql pytest tests/app`.

The server is the one that stands behind the lab's RDS, in a guest of its own on a link that only this machine sees.
The command finds it in APP_TEST_MYSQL, a URL with an administrator's name and password.
"""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
import tempfile
from pathlib import Path

from lab import cgroup, config, images, netns, pki
from lab.machine import Machine
from lab.services.rds import mysql

SPACE, DEVICE = "t3test-mysql", "t3tmysql"
HOST, GUEST = "198.18.0.1", "198.18.0.2"  # of the range for benchmarks, which is routed nowhere


def main(command: list[str]) -> int:
    with tempfile.TemporaryDirectory(dir="/var/tmp", prefix="t3test-") as directory:
        config.MACHINES = Path(directory)
        config.CGROUP = SPACE
        config.PKI = Path(directory) / "pki"
        config.CA_CERT = config.PKI / "ca.pem"
        pki.ensure_authority()
        machine = Machine("mysql", SPACE, [images.database().build()])
        try:
            _plug()
            _equip(machine)
            machine.start()
            mysql.wait(machine)
            password = secrets.token_urlsafe(24)
            mysql.make_master(machine, "admin", password, None)
            # the tests also play what happens to a server: failing over makes it read-only
            machine.run(
                ["mysql", "--protocol=socket", "-e", "GRANT SYSTEM_VARIABLES_ADMIN, CONNECTION_ADMIN ON *.* TO admin"]
            )
            environment = {
                "APP_TEST_MYSQL": f"mysql://admin:{password}@{GUEST}:3306/?ssl_ca={config.CA_CERT}",
            }
            return subprocess.run(command, env={**os.environ, **environment}, check=False).returncode
        finally:
            machine.destroy()
            netns.delete(SPACE)
            cgroup.sweep()


def _plug() -> None:
    netns.delete(SPACE)
    netns.add(SPACE)
    netns.ip("link", "add", DEVICE, "type", "veth", "peer", "name", "eth0", "netns", SPACE)
    netns.ip("addr", "add", f"{HOST}/30", "dev", DEVICE)
    netns.ip("link", "set", DEVICE, "up")
    netns.ip("addr", "add", f"{GUEST}/30", "dev", "eth0", ns=SPACE)
    netns.ip("link", "set", "eth0", "up", ns=SPACE)


def _equip(machine: Machine) -> None:
    machine.prepare()
    certificate, key = pki.issue(GUEST)
    mysql.equip(machine, config.CA_CERT.read_bytes(), certificate, key)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
