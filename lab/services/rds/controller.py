"""RDS instances: MySQL in a guest of its own, at the endpoint's name, with TLS and the master user it was made with."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from ... import backends, config, durations, images, instance_types, netns, pki
from ...machine import Machine
from ...ports import Port
from . import backups, instances, mysql, snapshots, store

log = logging.getLogger("lab.databases")
_SOON = 0.2  # seconds until what is on its way is looked at again


class Databases:
    """Boots, restarts and destroys database guests; the master user follows the API's password."""

    workers = 6

    def __init__(self, changed: Callable[[], None]) -> None:
        """:param changed: called when a database has come to another state."""
        self._changed = changed
        self.machines: dict[str, Machine] = {}
        self._passwords: dict[str, str] = {}
        self._certified: dict[str, str] = {}  # the address that a machine's certificate is for

    def ports(self) -> Iterator[Port]:
        for database in instances.all_databases():
            if address := _address(database):
                groups = tuple(database.vpc_security_group_ids)
                yield Port(_name(database), database.db_subnet_group.vpc_id, (address,), groups)

    def keys(self) -> Iterable[str]:
        return [_name(database) for database in instances.all_databases()]

    def reconcile(self, name: str) -> float | None:
        database = next((found for found in instances.all_databases() if _name(found) == name), None)
        if database is None:
            return None
        before = database.status
        again = self._carry_on(database)
        if database.status != before:
            self._changed()
        return again

    def _carry_on(self, database: Any) -> float | None:
        if database.status == "deleting":
            return self._delete(database)
        if database.status == "stopping":
            self.machines[_name(database)].stop()
            instances.set_database_state(database, "stopped")
        elif database.status == "rebooting":
            return self._reboot(database)
        elif database.status != "stopped" and self._is_behind(database):
            return self._run(database)
        elif machine := self.machines.get(_name(database)):
            backups.take(machine, database)
        return None

    def status(self) -> list[dict[str, Any]]:
        rows = []
        for database in instances.all_databases():
            machine = self.machines.get(_name(database))
            behind = str(machine or "no machine")
            name, state = database.db_instance_identifier, database.status
            row = {"resource": name, "kind": "database", "state": state, "behind": behind}
            rows.append({**row, "pid": machine.init if machine else None})
        return rows

    def close(self) -> None:
        for machine in self.machines.values():
            machine.destroy()

    def _is_behind(self, database: Any) -> bool:
        machine = self.machines.get(_name(database))
        current = machine is not None and machine.pid is not None
        known = self._passwords.get(_name(database)) == instances.master_password(database)
        named = self._certified.get(_name(database)) == database.address
        return not (current and known and named and database.status == "available")

    def _run(self, database: Any) -> float | None:
        """Bring it up from whatever state it is in; a guest that died comes back with its data."""
        name, begin = _name(database), time.monotonic()
        if not netns.exists(f"{config.PREFIX}{name}"):
            return _SOON  # its port is on its way
        machine = self.machines.get(name) or self._make(database)
        if self._certified.get(name) != database.address:  # it was renamed, which takes a restart
            machine.stop()
            _equip(machine, database)
            self._certified[name] = database.address
        if machine.pid is None:
            _configure(machine, database)
            machine.start()
        mysql.wait(machine)
        password = instances.master_password(database)
        if self._passwords.get(name) != password:
            mysql.make_master(machine, database.master_username, password, database.db_name)
            self._passwords[name] = password
        if durations.held(instances.kind_of_database(database), database):
            return _SOON  # ready, but sooner than on AWS
        if database.status != "deleting":
            instances.set_database_state(database, "available")
        log.info("%s: available after %.1f s", database.db_instance_identifier, time.monotonic() - begin)
        return None

    def _make(self, database: Any) -> Machine:
        """A machine with its first data; one that did not get all of it is begun anew with the next round."""
        name = _name(database)
        machine = Machine(name, f"{config.PREFIX}{name}", [images.database().path])
        machine.prepare()
        try:
            if origin := snapshots.origin(database):
                backups.put_under(machine, origin)
                _equip(machine, database)
                machine.start()
                mysql.wait(machine)
                known = {db: self.machines[_name(db)] for db in instances.all_databases() if _name(db) in self.machines}
                backups.catch_up(machine, origin, known)
        except Exception:
            machine.destroy()
            raise
        self.machines[name] = machine
        return machine

    def _reboot(self, database: Any) -> float | None:
        if machine := self.machines.get(_name(database)):
            machine.stop()
        return self._run(database)

    def _delete(self, database: Any) -> float | None:
        if durations.held("database_deletion", database):
            return _SOON
        if machine := self.machines.get(_name(database)):
            backups.take(machine, database)  # the last one, if it was asked for
            machine.destroy()
            del self.machines[_name(database)]
        self._passwords.pop(_name(database), None)
        self._certified.pop(_name(database), None)
        instances.forget_database(database)
        log.info("%s: deleted", database.db_instance_identifier)
        return None


def _name(database: Any) -> str:
    """By what no modification changes: its identifier may."""
    return str(database.dbi_resource_id[:15].lower())


def _address(database: Any) -> str | None:
    """Its private address, out of the first subnet of its group."""
    note = store.of_instance(database)
    if note.address is None and getattr(database, "db_subnet_group", None):
        wanted = database.db_subnet_group._subnets[0]
        zones = backends.backend("ec2", database.region).subnets
        subnet = next((s for zone in list(zones.values()) for s in list(zone.values()) if s.id == wanted.id), None)
        if subnet is not None:
            note.address = subnet.get_available_subnet_ip(database)
    return note.address


def _equip(machine: Machine, database: Any) -> None:
    """Give the guest its certificate before it boots."""
    machine.prepare()
    certificate, key = pki.issue(database.address)
    mysql.equip(machine, config.CA_CERT.read_bytes(), certificate, key)
    _configure(machine, database)


def _configure(machine: Machine, database: Any) -> None:
    """Give it what is as the API says from its next start on: its class's limits and its parameters."""
    machine.limits = instance_types.limits(database.db_instance_class)
    machine.prepare()
    file = machine.root / "etc/mysql/mysql.conf.d/zzz-parameters.cnf"
    file.write_text(mysql.options(_parameters(database), int(database.port), int(database.backup_retention_period) > 0))


def _parameters(database: Any) -> dict[str, str]:
    """What the database's parameter group sets."""
    name = database.db_parameter_group_name  # None: the engine's defaults
    group = backends.backend("rds", database.region).db_parameter_groups.get(name) if name else None
    found = group.parameters.items() if group is not None else ()
    return {name: str(parameter.get("ParameterValue", "")) for name, parameter in found}
