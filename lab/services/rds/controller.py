"""RDS instances: MySQL in guests, one of them at the endpoint's name, with TLS and the master user it was made with."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from ... import config, durations, netns
from ...ports import Port
from . import backups, groups, instances, mysql, placement, replication
from .groups import Group, Member
from .nodes import Node
from .replicas import Replicas

log = logging.getLogger("lab.databases")
_SOON = 0.2  # seconds until what is on its way is looked at again
_STEP = 0.4  # seconds between two looks at a machine that is not in step with the writer
_WATCH = 1.0  # seconds between two looks at a database with a standby


class Databases:
    """Boots, restarts and destroys database guests; the master user follows the API's password."""

    workers = 6

    def __init__(self, changed: Callable[[], None]) -> None:
        """:param changed: called when a database has come to another state."""
        self._changed = changed
        self._replicas: dict[str, Replicas] = {}  # by group

    def ports(self) -> Iterator[Port]:
        for group in groups.all_groups():
            found = [(one, placement.address(one.database, one.place)) for one in group.members]
            addresses = [address for _, address in found if address]
            for member, own in found:
                if own:
                    allowed = tuple(member.database.vpc_security_group_ids)
                    peers = tuple(one for one in addresses if one != own)
                    yield Port(member.place.name, group.vpc_id, (own,), allowed, peers=peers)

    def keys(self) -> Iterable[str]:
        """Nodes that there are to be, and those that there are."""
        wanted = {member.place.name for group in groups.all_groups() for member in group.members}
        return wanted | {name for replicas in list(self._replicas.values()) for name in list(replicas.nodes)}

    def reconcile(self, name: str) -> float | None:
        for group in groups.all_groups():
            for member in group.members:
                if member.place.name == name:
                    before = member.database.status
                    again = self._carry_on(group, member)
                    if member.database.status != before:
                        self._changed()
                    return again
        self._clear_away(name)
        return None

    def _carry_on(self, group: Group, member: Member) -> float | None:
        replicas = self._replicas.setdefault(group.name, Replicas())
        state, is_writer = member.database.status, member == group.writer
        if state == "deleting":
            return self._delete(replicas, group, member)
        if state == "stopping":
            return self._stop(replicas, group, member)
        if state == "stopped":
            if is_writer and (node := replicas.node(member)):
                backups.take(node.machine, group.snapshots_source)
            return None
        if not netns.exists(f"{config.PREFIX}{member.place.name}"):
            return _SOON  # its port is on its way
        return self._write(replicas, group) if is_writer else self._follow(replicas, group, member)

    def status(self) -> list[dict[str, Any]]:
        rows = []
        for group in groups.all_groups():
            nodes = self._replicas[group.name].nodes if group.name in self._replicas else {}
            for member in group.members:
                node = nodes.get(member.place.name)
                state, behind = member.database.status, str(node.machine if node else "no machine")
                name, kind = group.label(member)
                row = {"resource": name, "kind": kind, "state": state, "behind": f"{behind}, in {member.place.zone}"}
                rows.append({**row, "pid": node.machine.init if node else None})
        return rows

    def close(self) -> None:
        for replicas in self._replicas.values():
            for node in replicas.nodes.values():
                node.machine.destroy()

    def _write(self, replicas: Replicas, group: Group) -> float | None:
        """Carry the node on that the endpoint leads to; another one takes over if it cannot write."""
        database, node = group.writer.database, replicas.node(group.writer)
        if node and node.has_written and group.followers and self._hand_on(replicas, group, node):
            return _SOON
        if database.status == "rebooting" and node:
            node.restart = True
        settings = group.settings(group.writer)
        if not node or not node.is_ready(settings) or not node.writes or self._is_behind(replicas, group):
            return self._run(replicas, group)
        node.refresh(settings)
        backups.take(node.machine, group.snapshots_source)
        if not group.followers:
            return None
        try:
            replicas.write(group)
        except RuntimeError:
            if node.machine.booted():
                raise
            return _SOON  # it has just died
        return _WATCH

    def _hand_on(self, replicas: Replicas, group: Group, node: Node) -> bool:
        """Let another node write, if this one is lost or a call wants it; False: this one goes on."""
        lost = node.is_lost(group.vpc_id, group.port)
        if not lost and not group.wants_failover():
            return node.silent > 0  # it is looked at once more
        if target := replicas.successor(group):
            replicas.fail_over(group, target, planned=not lost)
            self._changed()
            return True
        if group.wants_failover():
            group.abandon_failover()
        return lost and node.machine.pid is not None  # nobody takes over from a machine that is out of reach

    def _is_behind(self, replicas: Replicas, group: Group) -> bool:
        """Whether its writer's server lacks something that the API wants."""
        database, followed = group.writer.database, bool(group.followers) <= replicas.let_follow
        known = replicas.password == instances.master_password(database)
        return not (known and followed and database.status == "available")

    def _run(self, replicas: Replicas, group: Group) -> float | None:
        """Bring the writer up from whatever state it is in; a guest that died comes back with its data."""
        database, name, begin = group.writer.database, group.writer.place.name, time.monotonic()
        if name not in replicas.nodes:
            replicas.nodes[name] = self._make(group)
        node = replicas.nodes[name]
        node.bring_up(group.settings(group.writer))
        replicas.write(group)
        password = instances.master_password(database)
        if replicas.password != password:
            mysql.make_master(node.machine, database.master_username, password, database.db_name)
            replicas.password = password
        if group.followers and not replicas.let_follow:
            replication.let_follow(node.machine, replicas.secret)
            replicas.let_follow = True
        if durations.held(instances.kind_of_database(database), database):
            return _SOON  # ready, but sooner than on AWS
        waits = group.waits_for_followers and database.status in ("creating", "modifying", "starting")
        if waits and len(replicas.in_step) < len(group.followers):
            return _SOON
        if database.status != "deleting":
            instances.set_database_state(database, "available")
        log.info("%s: available after %.1f s", database.db_instance_identifier, time.monotonic() - begin)
        return _WATCH if group.followers else None

    def _follow(self, replicas: Replicas, group: Group, member: Member) -> float | None:
        """Carry a node on that follows the writer."""
        name, database, settings = member.place.name, member.database, group.settings(member)
        node = replicas.node(member)
        own = database is not group.writer.database  # not the writer's, whose state is the writer's to tell
        if own and node and database.status == "rebooting":
            node.restart = True
        if node is None or not node.is_ready(settings):
            replicas.leave(group, name)
        if node is None:
            node = Node(member.place)
            node.prepare()
            replicas.nodes[name] = node
        node.bring_up(settings)
        if own and database.status == "rebooting":
            instances.set_database_state(database, "available")
        writer = replicas.node(group.writer)
        if not writer or not writer.writes or not replicas.let_follow or writer.machine.pid is None:
            return _SOON
        replicas.join(group, member)
        if name not in replicas.in_step:
            return _STEP
        if (lag := node.lag.milliseconds()) is not None:
            group.tell_lag(member, lag)
        if own and database.status not in ("available", "deleting", "stopping"):
            if durations.held(instances.kind_of_database(database), database):
                return _SOON
            instances.set_database_state(database, "available")
        return _WATCH

    def _make(self, group: Group) -> Node:
        """A node with its first data; one that did not get all of it is begun anew with the next round."""
        node = Node(group.writer.place)
        try:
            node.prepare()
            data, origin = group.beginning()
            if data:
                backups.put_under(node.machine, data)
            if origin and origin.until:
                node.bring_up(group.settings(group.writer))
                replication.let_write(node.machine, acknowledged=False)
                source = groups.group_of(origin.source)
                writer = self._replicas[source.name].nodes[source.writer.place.name]
                backups.catch_up(node.machine, origin.until, writer.machine, source.note.logs)
        except Exception:
            node.machine.destroy()
            raise
        return node

    def _stop(self, replicas: Replicas, group: Group, member: Member) -> float | None:
        """The writer is stopped first, for its last commits wait for a follower."""
        writer = replicas.node(group.writer)
        if member != group.writer and writer and writer.machine.pid and group.writer.database.status == "stopping":
            return _SOON
        if node := replicas.node(member):
            node.stop()
        off = not any(one.machine.pid for one in self._nodes_of(replicas, group, member.database))
        if off and member.database.status == "stopping":
            instances.set_database_state(member.database, "stopped")
        return None

    def _delete(self, replicas: Replicas, group: Group, member: Member) -> float | None:
        database = member.database
        if durations.held("database_deletion", database):
            return _SOON
        if member == group.writer and any(one.database.status != "deleting" for one in group.followers):
            if target := replicas.successor(group):
                replicas.fail_over(group, target, planned=True)
                self._changed()
            return _SOON  # the others go on with its data
        if node := replicas.node(member):
            replicas.leave(group, member.place.name)
            if member == group.writer:
                backups.take(node.machine, group.snapshots_source)  # the last one, if it was asked for
                group.keep_data(node.machine)
            node.machine.destroy()
            del replicas.nodes[member.place.name]
        if not replicas.nodes:
            self._replicas.pop(group.name, None)
            backups.forget_logs(group.note.logs)
        if not self._nodes_of(replicas, group, database):
            instances.forget_database(database)
            log.info("%s: deleted", database.db_instance_identifier)
        return None

    def _nodes_of(self, replicas: Replicas, group: Group, database: Any) -> list[Node]:
        names = [member.place.name for member in group.members if member.database is database]
        return [replicas.nodes[name] for name in names if name in replicas.nodes]

    def _clear_away(self, name: str) -> None:
        """A standby that is no longer wanted."""
        for group in groups.all_groups():
            replicas = self._replicas.get(group.name)
            if replicas and name in replicas.nodes:
                replicas.leave(group, name)
                replicas.drop(group, name)
