"""A node: one machine of a database, MySQL in a guest, with its certificate and its options."""

from __future__ import annotations

import contextlib
import socket
import subprocess

from ... import config, images, netns, pki
from ...machine import Machine
from . import backups, mysql, replication
from .groups import Settings
from .lag import Lag
from .store import Place

_PATIENCE = 1.0  # seconds that a server may take to be reached
_ENOUGH = 3  # looks without an answer until a server counts as lost


class Node:
    def __init__(self, place: Place) -> None:
        self.place = place
        self.machine = Machine(place.name, f"{config.PREFIX}{place.name}", [images.database().path])
        self.writes = False  # whether it was told to, since it was started
        self.has_written = False  # whether its log is that of the database for some time
        self.restart = False  # whether it is to be restarted
        self.silent = 0  # looks in a row without an answer
        self.lag = Lag(self.machine.root / mysql.DATA)
        self._settings: Settings | None = None  # what it was given last

    def prepare(self) -> None:
        """Give a new machine a data directory of its own."""
        self.machine.prepare()
        backups.put_under(self.machine, images.database().path / mysql.DATA)

    def is_ready(self, wanted: Settings) -> bool:
        """Whether it runs, under the names and with the log that it is to have."""
        known = self._settings
        same = known is not None and (known.names, known.log) == (wanted.names, wanted.log)
        return self.machine.pid is not None and not self.restart and same

    def bring_up(self, wanted: Settings) -> None:
        """Boot it from whatever state it is in, and wait for its server."""
        if not self.is_ready(wanted):
            self.stop()
        if self.machine.pid is None:
            self.machine.limits = wanted.limits
            self.machine.prepare()
            if self._settings is None or self._settings.names != wanted.names:
                mysql.equip(self.machine, config.CA_CERT.read_bytes(), *pki.issue(*wanted.names))
            self._configure(wanted)
            self.machine.start()
        self.refresh(wanted)
        mysql.wait(self.machine)

    def refresh(self, wanted: Settings) -> None:
        """Have it come up as one of several, or as the only one, when it is started next."""
        if self._settings and wanted.replicated != self._settings.replicated:
            self._configure(wanted)

    def stop(self) -> None:
        """In order."""
        if self.writes and self.machine.booted():
            with contextlib.suppress(RuntimeError, subprocess.TimeoutExpired):  # its server is down already
                replication.shut_down(self.machine)
        self.machine.stop()
        self.writes = self.restart = False

    def answers(self, vpc_id: str, port: int) -> bool:
        """Whether its server can be reached in its VPC."""
        if self.machine.pid is None:
            return False

        def connect() -> None:
            with socket.create_connection((self.place.address, port), _PATIENCE):
                pass

        with contextlib.suppress(OSError):
            netns.socket_in(f"{config.PREFIX}{vpc_id}", connect)
            return True
        return False

    def is_lost(self, vpc_id: str, port: int) -> bool:
        """Whether its machine is dead, or was out of reach for some time."""
        self.silent = 0 if self.answers(vpc_id, port) else self.silent + 1
        return self.machine.pid is None or self.silent >= _ENOUGH

    def _configure(self, wanted: Settings) -> None:
        (self.machine.root / "etc/mysql/mysql.conf.d/zzz-parameters.cnf").write_text(wanted.options)
        self._settings = wanted
