"""The nodes of one database as a set: who has all that was acknowledged, who takes over from whom."""

from __future__ import annotations

import contextlib
import logging
import secrets
import subprocess
import threading
import time

from . import backups, mysql, replication
from .groups import Group, Member
from .nodes import Node

log = logging.getLogger("lab.databases")
_CAUGHT_UP = 5.0  # seconds that a follower may be behind when commits begin to wait for it
_PURGED = ("1236", "13114")  # the source no longer has the log that a follower needs
_FAILURES = RuntimeError, TimeoutError, subprocess.TimeoutExpired


class Replicas:
    """Held by `lock` while it is decided who writes."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self._cloning = threading.Lock()  # a server is cloned by one at a time
        self.secret = secrets.token_urlsafe(24)  # of the user that replicates
        self.nodes: dict[str, Node] = {}
        self.in_step: set[str] = set()  # nodes that have every acknowledged transaction: only they may take over
        self.password: str | None = None  # the master user's, as the servers know it
        self.let_follow = False  # whether there is a user that replicates

    def node(self, member: Member) -> Node | None:
        return self.nodes.get(member.place.name)

    def successor(self, group: Group) -> Member | None:
        """Who is to write if the writer cannot."""
        for member in group.followers:
            node = self.node(member)
            if member.database.status == "deleting":
                continue
            if node and member.place.name in self.in_step and node.answers(group.vpc_id, group.port):
                return member
        return None

    def write(self, group: Group) -> None:
        """Have the writer write, and its commits wait for a follower if one is in step."""
        node = self.nodes[group.writer.place.name]
        with self.lock:
            self.in_step &= {member.place.name for member in group.followers}
            seen = mysql.execute(node.machine, "SELECT @@GLOBAL.super_read_only, @@GLOBAL.rpl_semi_sync_source_enabled")
            if seen.split() != ["0", str(int(bool(self.in_step)))]:
                replication.let_write(node.machine, bool(self.in_step))
            node.writes = node.has_written = True

    def leave(self, group: Group, name: str) -> None:
        """This follower counts no longer; without another one commits wait for nobody."""
        with self.lock:
            if name not in self.in_step:
                return
            self.in_step.discard(name)
            for member in group.followers:
                if member.place.name == name:
                    group.set_serving(member, False)
            log.info("%s: is out of step", name)
            writer = self.node(group.writer)
            if not self.in_step and writer and writer.writes and writer.machine.pid:
                with contextlib.suppress(RuntimeError):  # a server that is down is told when it is back: write()
                    mysql.execute(writer.machine, replication.acknowledge(False))

    def join(self, group: Group, member: Member) -> None:
        """Carry a follower that runs one step on, until it is in step."""
        node, writer = self.nodes[member.place.name], self.nodes[group.writer.place.name]
        seen = replication.status(node.machine)
        hopeless = seen.get("Last_IO_Errno") in _PURGED or seen.get("Last_SQL_Errno", "0") != "0"
        if seen.get("Source_Host") != writer.place.address:
            self._attach(group, member)
        elif hopeless:
            self.start_over(group, member)
        elif seen["Replica_IO_Running"] == "No":  # its server was restarted
            self._attach(group, member)
        elif seen["Replica_IO_Running"] == "Yes" and seen["Replica_SQL_Running"] == "Yes":
            node.silent = 0
            if member.place.name not in self.in_step:
                self._get_in_step(group, member)
        elif node.place.name in self.in_step and writer.answers(group.vpc_id, group.port):
            node.silent += 1
            if node.silent > 2:
                self.leave(group, node.place.name)

    def start_over(self, group: Group, member: Member) -> None:
        """Destroy a follower that cannot go on with what it has; a new one takes its place."""
        name = member.place.name
        with self.lock:
            if group.stands():  # else it may be the one that writes by now
                log.info("%s: begins anew", name)
                self.leave(group, name)
                self.drop(group, name)

    def drop(self, group: Group, name: str) -> None:
        node = self.nodes.pop(name)
        if node.has_written:
            group.keep_log(node.machine)
        node.machine.destroy()

    def fail_over(self, group: Group, target: Member, planned: bool) -> None:
        """
        Let a follower that is in step write from now on; the others follow it.

        :param planned: whether the writer still does; else it is powered off first, so that two never write.
        """
        begin = time.monotonic()
        with self.lock:
            old, new = self.nodes[group.writer.place.name], self.nodes[target.place.name]
            if not group.stands():
                return
            rest = [node for node in map(self.node, group.followers) if node and node is not new and node.machine.pid]
            group.begin_failover(target)
            handed_over = planned and _hand_over(old, new)
            if not handed_over:
                old.machine.kill()
            replication.promote(new.machine)
            if not handed_over:
                for node in rest:
                    _fetch(new, node)
            old.writes, old.restart = False, True
            new.writes = new.has_written = True
            in_step, self.in_step = self.in_step, set()
            group.end_failover(target)
            for node in rest:
                with contextlib.suppress(*_FAILURES):  # it joins later, or is going
                    if node.place.name in in_step:
                        replication.follow(node.machine, str(new.place.address), group.port, self.secret)
                        self.in_step.add(node.place.name)
            mysql.execute(new.machine, replication.acknowledge(bool(self.in_step)))
        log.info("%s: writes in the place of %s after %.1f s", new.place.name, old.place.name, time.monotonic() - begin)

    def _attach(self, group: Group, member: Member) -> None:
        node, writer = self.nodes[member.place.name], self.nodes[group.writer.place.name]
        source = str(writer.place.address)
        mine = replication.executed(node.machine)
        if not mine:
            begin = time.monotonic()
            with self._cloning:
                replication.clone(node.machine, source, group.port, self.secret)
            log.info("%s: cloned from %s in %.1f s", node.place.name, writer.place.name, time.monotonic() - begin)
        elif replication.lacking(node.machine, mine, replication.executed(writer.machine)):
            self.start_over(group, member)  # it has what was never acknowledged
            return
        with self.lock:
            if writer.writes:
                replication.follow(node.machine, source, group.port, self.secret)

    def _get_in_step(self, group: Group, member: Member) -> None:
        node, writer = self.nodes[member.place.name], self.nodes[group.writer.place.name]
        with self.lock:
            if not writer.writes:
                return
            try:
                replication.wait_for(node.machine, replication.executed(writer.machine), _CAUGHT_UP)
                mysql.execute(writer.machine, replication.acknowledge(True))
                replication.wait_for(node.machine, replication.executed(writer.machine), _CAUGHT_UP)
            except TimeoutError:  # too far behind yet
                mysql.execute(writer.machine, replication.acknowledge(bool(self.in_step)))
                return
            self.in_step.add(node.place.name)
            group.set_serving(member, True)
            log.info("%s: is in step with %s", node.place.name, writer.place.name)


def _hand_over(old: Node, new: Node) -> bool:
    """Let the writer end what it does, and its follower have all of it; False if it cannot."""
    try:
        replication.wait_for(new.machine, replication.freeze(old.machine), 20)
    except _FAILURES as error:
        log.warning("%s does not hand over: %s", old.place.name, error)
        return False
    return True


def _fetch(new: Node, other: Node) -> None:
    """
    Let a new writer do what another follower has and it has not: one acknowledgement was enough for a commit.

    The host carries the log from one to the other, for their zones may not reach each other.
    """
    try:
        received = replication.receive_no_more(other.machine)
        has = ",".join(filter(None, (received, replication.executed(other.machine))))
        if missing := replication.lacking(new.machine, has, replication.executed(new.machine)):
            replication.wait_for(other.machine, received, 60)
            backups.replay(new.machine, mysql.logs(other.machine.root / mysql.DATA), missing)
            log.info("%s: has %s from %s", new.place.name, missing, other.place.name)
    except _FAILURES as error:
        log.warning("%s cannot be asked for what it has: %s", other.place.name, error)
