"""A writer and a reader of the same rows, and the names by which the application finds them."""

from __future__ import annotations

import dataclasses
import socket
import time
from collections.abc import Callable, Iterator

import pytest
from conftest import Server

from lab import netns
from tests import mysql

WRITER, READER = mysql.NAMES


@dataclasses.dataclass
class Node:
    """One of two servers."""

    server: Server
    between: str  # its address for the other one

    def follow(self, other: Node, delay: int = 0) -> None:
        """Be the other one's reader, `delay` seconds behind it."""
        admin = other.server
        self.server.run(
            "SET GLOBAL read_only = ON",
            "STOP REPLICA",
            f"CHANGE REPLICATION SOURCE TO SOURCE_HOST = '{other.between}', SOURCE_USER = '{admin.user}', "
            f"SOURCE_PASSWORD = '{admin.password}', SOURCE_SSL = 1, SOURCE_AUTO_POSITION = 1, "
            f"SOURCE_DELAY = {delay}, SOURCE_CONNECT_RETRY = 1",
            "START REPLICA",
        )

    def catch_up(self, other: Node) -> None:
        """Wait until all is here that the other one has."""
        done = other.server.run("SELECT @@global.gtid_executed")[0][0]
        assert self.server.run(f"SELECT WAIT_FOR_EXECUTED_GTID_SET('{done}', 30)") == [(0,)]

    def promote(self) -> None:
        """Be the writer from now on."""
        self.server.run("STOP REPLICA", "RESET REPLICA ALL", "SET GLOBAL read_only = OFF")


@dataclasses.dataclass
class Pair:
    """Both servers, and the names, which lead to the first two of `names` until a test moves them."""

    first: Node
    second: Node
    space: str  # the second one's namespace
    names: dict[str, Node]

    def lag(self, seconds: int) -> None:
        self.second.follow(self.first, delay=seconds)

    def fail_over(self) -> None:
        """The writer gets read-only and the reader takes over; the names stay where they are."""
        self.first.server.run("SET GLOBAL read_only = ON")
        self.second.catch_up(self.first)
        self.second.promote()

    def move_names(self) -> None:
        self.names |= {WRITER: self.second, READER: self.first}

    def cut_off_reader(self) -> None:
        """Nobody hears of it any more; as when a machine dies."""
        netns.ip("link", "set", "eth0", "down", ns=self.space)

    def recover(self) -> None:
        """Everything as it was."""
        netns.ip("link", "set", "eth0", "up", ns=self.space)
        if self.names[WRITER] is self.second or not self.second.server.run("SHOW REPLICA STATUS"):
            self.first.follow(self.second)
            self.first.catch_up(self.second)
            self.first.promote()
        self.names |= {WRITER: self.first, READER: self.second}
        self.second.follow(self.first)
        self.second.catch_up(self.first)


def started(server: Server) -> Iterator[Pair]:
    """A replica of the server, for as long as it is needed."""
    with mysql.replica(server.host, server.password) as space:
        first = Node(server, mysql.SOURCE)
        second = Node(dataclasses.replace(server, host=mysql.GUESTS[2]), mysql.REPLICA)
        second.follow(first)
        second.catch_up(first)
        yield Pair(first, second, space, {WRITER: first, READER: second})
        first.server.run("RESET REPLICA ALL", "SET GLOBAL read_only = OFF")


def lead(pair: Pair, patch: pytest.MonkeyPatch) -> None:
    """In this process the names lead where the pair says."""
    connect = socket.create_connection

    def redirected(to: tuple[str, int], *arguments: object, **options: object) -> socket.socket:
        node = pair.names.get(to[0])
        return connect((node.server.host, to[1]) if node else to, *arguments, **options)  # type: ignore[arg-type]

    patch.setattr(socket, "create_connection", redirected)


def until(true: Callable[[], bool], seconds: float = 10) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end
        time.sleep(0.05)
