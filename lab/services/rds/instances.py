"""RDS: a database is `creating` until its guest answers; real master passwords; what MySQL 8.4 needs."""

from __future__ import annotations

import json
import secrets
import string
from collections.abc import Iterator
from typing import Any

from moto.core.responses import ActionResult
from moto.ec2.models.instance_types import INSTANCE_TYPES
from moto.rds.exceptions import (
    DBParameterGroupNotFoundError,
    InvalidDBInstanceStateError,
    InvalidParameterCombination,
    InvalidParameterValue,
)
from moto.rds.models import DBCluster, DBInstance, MasterUserSecret, RDSBackend
from moto.rds.responses import RDSResponse

from ... import backends
from ...durations import held
from ...monkeypatch import wrap
from ...transient_states import hold
from . import clusters, mysql, placement, store

_moto: dict[str, Any] = {}
_FAMILIES = ("t3", "t4g", "m5", "m6g", "m6i", "m7g", "r5", "r6g", "r6i", "r7g")
_CLASSES = tuple(
    f"db.{name}"
    for name in INSTANCE_TYPES
    if name.partition(".")[0] in _FAMILIES and not name.endswith((".nano", ".metal"))
)


def all_databases() -> Iterator[DBInstance]:
    """All DB instances of all regions, those that are being deleted too."""
    for backend in backends.regions("rds"):
        yield from list(backend.databases.values())


def kind_of_database(database: DBInstance) -> str:
    return "database_multi_az" if getattr(database, "multi_az", False) else "database"


def set_database_state(database: DBInstance, name: str) -> None:
    """Say what the database's machine has come to: `available`, `stopped`, `failed`, …"""
    database.status = name


def forget_database(database: DBInstance) -> None:
    """Say that a database in state `deleting` has gone: the API no longer lists it, its managed secret is deleted."""
    arguments = store.of_instance(database).delete
    if database.db_instance_identifier in database.backend.databases:
        if arguments.get("delete_automated_backups", True):
            for name, found in list(database.backend.database_snapshots.items()):  # those from before a rename too
                if found.snapshot_type == "automated" and found.dbi_resource_id == database.dbi_resource_id:
                    del database.backend.database_snapshots[name]
        _moto["delete"](database.backend, database.db_instance_identifier, **arguments)


def master_password(database: DBInstance | DBCluster) -> str:
    """The password the API's user wants the master user to have now. A cluster's members have the cluster's."""
    database = getattr(database, "cluster", database)
    if not getattr(database, "manage_master_user_password", False):
        return database._master_user_password or ""  # moto keeps it but has no reader for it
    secret = database.master_user_secret.secret
    version = next(v for v in list(secret.versions.values()) if "AWSCURRENT" in v["version_stages"])
    return str(json.loads(version["secret_string"])["password"])


def make_master_password(_original: Any) -> Any:
    """moto's managed secret holds the same user and password for everyone."""

    def _generate_secret_string(self: MasterUserSecret) -> str:
        alphabet = string.ascii_letters + string.digits + "!#$%&*+-:;<=>?_~"
        password = "".join(secrets.choice(alphabet) for _ in range(28))
        return json.dumps({"username": self.resource.master_username, "password": password})

    return _generate_secret_string


def tell_databases_apart(original: Any) -> Any:
    """Each instance has its own resource id and says what it was asked to be: its throughput, its lifecycle support."""

    def __init__(self: Any, *args: Any, **kwargs: Any) -> None:
        origin = kwargs.pop("origin", None)  # see snapshots.py
        original(self, *args, **kwargs)
        store.of_instance(self).origin = origin
        self.engine_lifecycle_support = kwargs.get("engine_lifecycle_support", "open-source-rds-extended-support")
        alphabet = string.ascii_uppercase + "234567"
        self.dbi_resource_id = "db-" + "".join(secrets.choice(alphabet) for _ in range(26))
        placement.begin(self, kwargs.get("availability_zone"))
        if getattr(self, "storage_type", None) == "gp3" and not self.storage_throughput:
            self.storage_throughput = 125
            self.iops = self.iops or 3000  # what gp3 has without being asked

    return __init__


def report_unknown_parameter_group(original: Any) -> Any:
    def describe_db_parameter_groups(self: Any, db_parameter_group_kwargs: dict[str, Any]) -> Any:
        found = original(self, db_parameter_group_kwargs)
        name = db_parameter_group_kwargs.get("db_parameter_group_name")
        if name and not found:
            raise DBParameterGroupNotFoundError(name)
        return found

    return describe_db_parameter_groups


def list_engine_parameters(original: Any) -> Any:
    """A group has all of its engine's parameters, with a value where the user or the engine sets one."""

    def describe_db_parameters(self: Any) -> Any:
        answer = original(self)
        found = {parameter["ParameterName"]: parameter for parameter in answer.result["Parameters"]}
        answer.result["Parameters"] = engine_parameters(found, self.params.get("Source"))
        return answer

    return describe_db_parameters


def engine_parameters(found: dict[str, Any], source: str | None) -> list[dict[str, Any]]:
    """A group's parameters as RDS lists them; those that a user has set alone, if the source is `user`."""
    return [
        {
            "ParameterName": name,
            "DataType": data_type,
            "ApplyType": apply_type,
            "AllowedValues": allowed,
            "IsModifiable": True,
            "Source": "user" if name in found else "engine-default",
            **found.get(name, {}),
        }
        for name, (data_type, apply_type, allowed) in mysql.PARAMETERS.items()
        if name in found or source != "user"
    ]


def refuse_unknown_parameters(original: Any) -> Any:
    def modify_db_parameter_group(self: Any) -> ActionResult:
        for parameter in self.params.get("Parameters", []):
            check_parameter(parameter["ParameterName"])
        answer: ActionResult = original(self)
        return answer

    return modify_db_parameter_group


def reset_parameters(_original: Any) -> Any:
    """Moto has none."""

    def reset_db_parameter_group(self: Any) -> ActionResult:
        name = self.params["DBParameterGroupName"]
        group = self.backend.describe_db_parameter_groups({"db_parameter_group_name": name})[0]
        if self.params.get("ResetAllParameters", True):
            group.parameters.clear()
        for parameter in self.params.get("Parameters", []):
            check_parameter(parameter["ParameterName"])
            group.parameters.pop(parameter["ParameterName"], None)
        return ActionResult({"DBParameterGroupName": name})

    return reset_db_parameter_group


def check_parameter(name: str) -> None:
    if name not in mysql.PARAMETERS:
        raise InvalidParameterValue(f"Could not find parameter with name: {name}")


def offer_mysql(original: Any) -> Any:
    def describe_orderable_db_instance_options(self: Any, engine: str, engine_version: str) -> Any:
        if engine not in ("mysql", clusters.ENGINE):
            return original(self, engine, engine_version)
        aurora = engine == clusters.ENGINE
        zones = backends.backend("ec2", self.region_name, self.account_id).describe_availability_zones()
        return [
            {
                "Engine": engine,
                "EngineVersion": version,
                "DBInstanceClass": instance_class,
                "LicenseModel": "general-public-license",
                "AvailabilityZones": [{"Name": zone.name} for zone in zones],
                "MultiAZCapable": not aurora,
                "ReadReplicaCapable": not aurora,
                "Vpc": True,
                "SupportsStorageEncryption": True,
                "StorageType": storage,
                "SupportsIops": storage == "gp3",
                "SupportsStorageAutoscaling": True,
                "SupportsIAMDatabaseAuthentication": True,
                "MinStorageSize": 20,
                "MaxStorageSize": 65536,
            }
            for version in (clusters.VERSIONS if aurora else ("8.0.42", "8.4.5", "8.4.6", "8.4.7"))
            if version == (engine_version or version)
            for instance_class in (clusters.CLASSES if aurora else _CLASSES)
            for storage in (("aurora",) if aurora else ("gp2", "gp3"))
        ]

    return describe_orderable_db_instance_options


def offer_one_class(original: Any) -> Any:
    """moto passes over the class that is asked for."""

    def describe_orderable_db_instance_options(self: RDSResponse) -> Any:
        answer, wanted = original(self), self.params.get("DBInstanceClass")
        options = answer.result["OrderableDBInstanceOptions"]
        options[:] = [one for one in options if one["DBInstanceClass"] == (wanted or one["DBInstanceClass"])]
        return answer

    return describe_orderable_db_instance_options


def default_to_mysql_8_4(original: dict[str, str]) -> dict[str, str]:
    return {**original, "mysql": "8.4.7", "MySQL": "8.4.7"}


def _through(state: str, verb: str) -> Any:
    """A call that needs an available database and leaves it in a transient state, for the controller to end."""

    def make(original: Any) -> Any:
        def call(self: Any, db_instance_identifier: str, *args: Any, **kwargs: Any) -> DBInstance:
            found = self.describe_db_instances(db_instance_identifier)[0]
            if found.status in ("creating", "deleting"):
                raise InvalidDBInstanceStateError(db_instance_identifier, verb)
            database: DBInstance = original(self, db_instance_identifier, *args, **kwargs)
            if database.status in ("available", "stopped") or verb in ("start", "stop"):
                database.status = state
            return database

        return call

    return make


def begin_as_creating(original: Any) -> Any:
    def __init__(self: Any, *args: Any, **kwargs: Any) -> None:
        original(self, *args, **kwargs)
        self.status = "creating"

    return __init__


def show_endpoint_when_there_is_one(original: Any) -> Any:
    """RDS tells no address until the instance has been made."""
    return property(lambda self: None if self.status == "creating" else original.fget(self))


def list_while_deleting(original: Any) -> Any:
    """A deleted database stays listed as `deleting` until forget_database()."""
    _moto["delete"] = original

    def delete_db_instance(
        self: Any,
        db_instance_identifier: str,
        final_db_snapshot_identifier: str | None = None,
        skip_final_snapshot: bool | None = False,
        delete_automated_backups: bool | None = True,
    ) -> DBInstance:
        database: DBInstance = self.describe_db_instances(db_instance_identifier)[0]
        if database.deletion_protection:
            original(self, db_instance_identifier)  # moto refuses, in AWS's words
        if database.status == "deleting":
            raise InvalidDBInstanceStateError(db_instance_identifier, "delete")
        if final_db_snapshot_identifier and database.db_cluster_identifier:
            raise InvalidParameterCombination(
                "FinalDBSnapshotIdentifier can not be specified when deleting a cluster instance"
            )
        if final_db_snapshot_identifier and not skip_final_snapshot:
            self.create_db_snapshot(
                db_instance_identifier,
                final_db_snapshot_identifier,
                snapshot_type="manual",
            )
        database.status = "deleting"
        store.of_instance(database).delete["delete_automated_backups"] = delete_automated_backups
        return database

    return delete_db_instance


def _forget_those_gone(backend: Any) -> None:
    """Without machines nobody else does, when it is time."""
    for database in list(backend.databases.values()):
        if database.status == "deleting" and not held("database_deletion", database):
            forget_database(database)


def delete_in_time(original: Any) -> Any:
    begin = list_while_deleting(original)

    def delete_db_instance(self: Any, *args: Any, **kwargs: Any) -> DBInstance:
        database: DBInstance = begin(self, *args, **kwargs)
        _forget_those_gone(self)
        return database

    return delete_db_instance


def look_after_those_gone(original: Any) -> Any:
    def describe_db_instances(self: Any, *args: Any, **kwargs: Any) -> list[DBInstance]:
        _forget_those_gone(self)
        found: list[DBInstance] = original(self, *args, **kwargs)
        return found

    return describe_db_instances


def install(machines: bool = False) -> None:
    def __init__(original: Any) -> Any:
        mended = tell_databases_apart(original)
        return begin_as_creating(mended) if machines else mended

    wrap(DBInstance, "__init__", __init__)
    hold(DBInstance, "status", ("available", "creating", kind_of_database))
    wrap(DBInstance, "endpoint", show_endpoint_when_there_is_one)
    wrap(DBInstance, "default_engine_versions", default_to_mysql_8_4)
    wrap(MasterUserSecret, "_generate_secret_string", make_master_password)
    wrap(RDSBackend, "describe_db_parameter_groups", report_unknown_parameter_group)
    wrap(RDSResponse, "describe_db_parameters", list_engine_parameters)
    wrap(RDSResponse, "modify_db_parameter_group", refuse_unknown_parameters)
    wrap(RDSResponse, "reset_db_parameter_group", reset_parameters)
    wrap(RDSBackend, "describe_orderable_db_instance_options", offer_mysql)
    wrap(RDSResponse, "describe_orderable_db_instance_options", offer_one_class)
    if machines:
        wrap(RDSBackend, "modify_db_instance", _through("modifying", "modify"))
        wrap(RDSBackend, "reboot_db_instance", _through("rebooting", "reboot"))
        wrap(RDSBackend, "stop_db_instance", _through("stopping", "stop"))
        wrap(RDSBackend, "start_db_instance", _through("starting", "start"))
        wrap(RDSBackend, "delete_db_instance", list_while_deleting)
    else:
        wrap(RDSBackend, "delete_db_instance", delete_in_time)
        wrap(RDSBackend, "describe_db_instances", look_after_those_gone)
