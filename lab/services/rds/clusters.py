"""
RDS: Aurora MySQL clusters: their members in the zones, who writes, states, endpoints, deletion.

What stands behind a cluster tells it through `set_writer`; a cluster's state follows from its members' otherwise.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

from moto.rds.exceptions import (
    DBClusterParameterGroupNotFoundError,
    DBClusterToBeDeletedHasActiveMembers,
    InvalidDBClusterStateFault,
    InvalidParameterCombination,
    InvalidParameterValue,
    RDSClientError,
)
from moto.rds.models import DBCluster, DBInstanceClustered, RDSBackend

from ... import backends, instance_types
from ...durations import held
from ...monkeypatch import wrap
from . import store

ENGINE = "aurora-mysql"
VERSIONS = ("8.0.mysql_aurora.3.08.2", "8.0.mysql_aurora.3.10.0", "8.0.mysql_aurora.3.10.1")
CLASSES = (
    "db.serverless",
    *(f"db.{family}.{size}" for family in ("t3", "t4g") for size in ("medium", "large")),
    *(
        f"db.{family}.{size}"
        for family in ("r5", "r6g", "r6i", "r7g")
        for size in ("large", "xlarge", "2xlarge", "4xlarge", "8xlarge", "12xlarge", "16xlarge")
    ),
)
_DEFAULT_VERSION = VERSIONS[-1]
_DEFAULT_GROUP = "default.aurora-mysql8.0"
_IN_ENDPOINTS = "aaaaaaaaaa"  # of the account and region: instances have it in their names, too
_moto: dict[str, Any] = {}


def all_clusters() -> Iterator[DBCluster]:
    """All Aurora clusters of all regions, those that are being deleted too."""
    for backend in backends.regions("rds"):
        yield from (cluster for cluster in list(backend.clusters.values()) if cluster.engine == ENGINE)


def members(cluster: DBCluster) -> list[DBInstanceClustered]:
    """The cluster's instances, those that are being deleted too."""
    found: list[DBInstanceClustered] = cluster._members
    return found


def writer(cluster: DBCluster) -> DBInstanceClustered | None:
    found: list[DBInstanceClustered] = [member for member in members(cluster) if member.is_cluster_writer]
    return found[0] if found else None


def failover_target(cluster: DBCluster) -> DBInstanceClustered | None:
    """Whom a call of FailoverDBCluster wants as the writer, as long as it is not."""
    target: DBInstanceClustered | None = store.of_cluster(cluster).failover_to
    return target


def set_failover_target(cluster: DBCluster, member: DBInstanceClustered) -> None:
    """Say who is about to write; the cluster is `failing-over` until it does."""
    store.of_cluster(cluster).failover_to = member


def rank(member: DBInstanceClustered) -> tuple[int, int, str]:
    """Smaller is promoted sooner: by tier, of those in one tier the one with the most memory."""
    memory = instance_types.limits(member.db_instance_class).memory or 0
    return int(member.promotion_tier), -memory, str(member.db_instance_identifier)


def set_writer(cluster: DBCluster, member: DBInstanceClustered) -> None:
    """Say which member writes from now on. It ends a failover that a call has asked for."""
    for one in members(cluster):
        one.is_cluster_writer = one is member
    store.of_cluster(cluster).failover_to = None


def promotion_order(cluster: DBCluster) -> list[DBInstanceClustered]:
    """The readers that are available, in the order in which Aurora promotes them."""
    readers = [one for one in members(cluster) if not one.is_cluster_writer and one.status == "available"]
    return sorted(readers, key=rank)


def _make_as_aurora(original: Any) -> Any:
    """moto's default version is one of MySQL 5.7, its group one that is nobody's, its endpoints move with a rename."""

    def __init__(self: DBCluster, backend: Any, *args: Any, **kwargs: Any) -> None:
        if kwargs.get("engine") != ENGINE:
            original(self, backend, *args, **kwargs)
            return
        kwargs["engine_version"] = _version(kwargs.get("engine_version"))
        group = kwargs["db_cluster_parameter_group_name"] = (
            kwargs.get("db_cluster_parameter_group_name") or _DEFAULT_GROUP
        )
        _check_group(backend, group)
        if subnets := kwargs.get("db_subnet_group_name"):
            backend.describe_db_subnet_groups(subnets)  # refuses one that is not there
        original(self, backend, *args, **kwargs)
        self._status = "available"
        support = kwargs.get("engine_lifecycle_support") or "open-source-rds-extended-support"
        vars(self)["engine_lifecycle_support"] = support
        self.url_identifier = _IN_ENDPOINTS
        held("database_cluster", self)  # time runs from here

    return __init__


def _version(wanted: str | None) -> str:
    """A version in full: `8.0` stands for the default one."""
    if wanted in (None, "8.0"):
        return _DEFAULT_VERSION
    if wanted not in VERSIONS:
        raise InvalidParameterCombination(f"Cannot find version {wanted} for {ENGINE}")
    return str(wanted)


def _check_group(backend: Any, name: str) -> None:
    if not name.startswith("default.") and name not in backend.db_cluster_parameter_groups:
        raise DBClusterParameterGroupNotFoundError(name)


def _state(original: property) -> property:
    """A cluster's state follows from its members'; moto's comes and goes with being looked at."""

    def get(self: DBCluster) -> str:
        if self.engine != ENGINE:
            return str(original.fget(self))  # type: ignore[misc]
        states = {member.status for member in members(self)}
        if self._status == "available":
            if held("database_cluster", self):
                return "creating"
            if store.of_cluster(self).failover_to is not None:
                return "failing-over"
            return "starting" if "starting" in states else "available"
        if self._status == "stopped":
            return "stopped" if states <= {"stopped"} else "stopping"
        return self._status

    def put(self: DBCluster, value: str) -> None:
        self._status = value

    return property(get, put)


def _default_version(original: Any) -> Any:
    def default_engine_version(engine: str) -> str:
        return _DEFAULT_VERSION if engine == ENGINE else str(original(engine))

    return staticmethod(default_engine_version)


def _begin_member(original: Any) -> Any:
    """A member is in a zone of its cluster's subnet group, the one with the fewest of them."""

    def __init__(self: DBInstanceClustered, db_cluster_identifier: str, **kwargs: Any) -> None:
        cluster = kwargs["backend"].describe_db_clusters(db_cluster_identifier)[0]
        if cluster.engine == ENGINE:
            _check_member(cluster, kwargs)
            kwargs["db_subnet_group_name"] = cluster.db_subnet_group_name
            kwargs["availability_zone"] = kwargs.get("availability_zone") or _zone_for_another(cluster)
            kwargs.setdefault("db_parameter_group_name", _DEFAULT_GROUP)
        original(self, db_cluster_identifier, **kwargs)

    return __init__


def _check_member(cluster: DBCluster, wanted: dict[str, Any]) -> None:
    instance_class, zone = wanted["db_instance_class"], wanted.get("availability_zone")
    if instance_class not in CLASSES:
        raise InvalidParameterCombination(
            "RDS does not support creating a DB instance with the following combination: "
            f"DBInstanceClass={instance_class}, Engine={ENGINE}, EngineVersion={cluster.engine_version}, "
            "LicenseModel=general-public-license. For supported combinations of instance class and database engine "
            "version, see the documentation."
        )
    if instance_class == "db.serverless" and not cluster.serverless_v2_scaling_configuration:
        raise InvalidDBClusterStateFault(
            "Set the Serverless v2 scaling configuration on the parent DB cluster before creating a Serverless v2 DB "
            "instance."
        )
    if zone and zone not in _zones(cluster):
        raise InvalidParameterValue(f"The subnet group of the cluster has no subnet in {zone}.")


def _zones(cluster: DBCluster) -> list[str]:
    group = cluster.backend.describe_db_subnet_groups(cluster.db_subnet_group_name)[0]
    return [subnet.availability_zone for subnet in group._subnets]


def _zone_for_another(cluster: DBCluster) -> str:
    taken = [member.availability_zone for member in members(cluster) if member.status != "deleting"]
    return min(_zones(cluster), key=taken.count)


def _create(original: Any) -> Any:
    def create_db_cluster(self: Any, kwargs: dict[str, Any]) -> DBCluster:
        name = kwargs["db_cluster_identifier"]
        if name in self.clusters:
            raise RDSClientError("DBClusterAlreadyExistsFault", f"DB Cluster {name} already exists")
        cluster: DBCluster = original(self, kwargs)
        return cluster

    return create_db_cluster


def _modify(original: Any) -> Any:
    """moto takes the cluster out of its list meanwhile, and knows neither logs nor IAM users of a cluster."""

    def modify_db_cluster(self: Any, kwargs: dict[str, Any]) -> DBCluster:
        cluster: DBCluster = self.describe_db_clusters(kwargs["db_cluster_identifier"])[0]
        if cluster.engine != ENGINE:
            return original(self, kwargs)  # type: ignore[no-any-return]
        if cluster.status not in ("available", "failing-over"):
            raise InvalidDBClusterStateFault(f"DbCluster {cluster.db_cluster_identifier} is in {cluster.status} state")
        wanted = dict(kwargs.items())
        logs = wanted.pop("cloudwatch_logs_export_configuration", None) or {}
        if version := wanted.get("engine_version"):
            wanted["engine_version"] = _upgrade(cluster, version, bool(wanted.get("allow_major_version_upgrade")))
        if group := wanted.get("db_cluster_parameter_group_name"):
            _check_group(self, group)
        if (enabled := wanted.pop("enable_iam_database_authentication", None)) is not None:
            cluster.iam_auth = enabled
        exported = set(cluster.enabled_cloudwatch_logs_exports) | set(logs.get("EnableLogTypes", []))
        cluster.enabled_cloudwatch_logs_exports = sorted(exported - set(logs.get("DisableLogTypes", [])))
        name = cluster.db_cluster_identifier
        original(self, wanted)
        if new := wanted.get("new_db_cluster_identifier"):
            for member in [one for one in self.databases.values() if one.db_cluster_identifier == name]:
                member.db_cluster_identifier = new
        return cluster

    return modify_db_cluster


def _upgrade(cluster: DBCluster, version: str, major: bool) -> str:
    wanted = cluster.engine_version if version == "8.0" else _version(version)
    if VERSIONS.index(wanted) < VERSIONS.index(cluster.engine_version):
        raise InvalidParameterCombination(f"Cannot upgrade {ENGINE} from {cluster.engine_version} to {wanted}")
    return wanted


def _failover(original: Any) -> Any:
    """By tiers of promotion; with machines the controller makes it so, and the cluster is `failing-over` until then."""

    def failover_db_cluster(
        self: Any, db_cluster_identifier: str, target_db_instance_identifier: str | None = None
    ) -> DBCluster:
        cluster: DBCluster = self.describe_db_clusters(db_cluster_identifier)[0]
        if cluster.engine != ENGINE:
            return original(self, db_cluster_identifier, target_db_instance_identifier)  # type: ignore[no-any-return]
        if cluster.status != "available":
            raise InvalidDBClusterStateFault(f"DbCluster {db_cluster_identifier} is in {cluster.status} state")
        order = promotion_order(cluster)
        target = target_db_instance_identifier
        if target is not None:
            order = [one for one in order if one.db_instance_identifier == target.lower()]
        if not order:
            raise InvalidDBClusterStateFault(
                f"Database cluster:{db_cluster_identifier} should have at least two database instances in valid states "
                "or a valid target instance for failover."
            )
        if _moto["machines"]:
            store.of_cluster(cluster).failover_to = order[0]
        else:
            set_writer(cluster, order[0])
        return cluster

    return failover_db_cluster


def _stop(original: Any) -> Any:
    def stop_db_cluster(self: Any, cluster_identifier: str) -> DBCluster:
        cluster: DBCluster = self.describe_db_clusters(cluster_identifier)[0]
        if cluster.engine != ENGINE:
            return original(self, cluster_identifier)  # type: ignore[no-any-return]
        if cluster.status != "available":
            raise InvalidDBClusterStateFault(
                f"DbCluster {cluster_identifier} is in {cluster.status} state but expected it to be one of available."
            )
        _move_members(cluster, "stopping", "stopped")
        cluster.status = "stopped"
        return cluster

    return stop_db_cluster


def _start(original: Any) -> Any:
    def start_db_cluster(self: Any, cluster_identifier: str) -> DBCluster:
        cluster: DBCluster = self.describe_db_clusters(cluster_identifier)[0]
        if cluster.engine != ENGINE:
            return original(self, cluster_identifier)  # type: ignore[no-any-return]
        if cluster.status != "stopped":
            raise InvalidDBClusterStateFault(
                f"DbCluster {cluster_identifier} is in {cluster.status} state but expected it to be one of "
                "stopped,inaccessible-encryption-credentials-recoverable."
            )
        _move_members(cluster, "starting", "available")
        cluster.status = "available"
        return cluster

    return start_db_cluster


def _move_members(cluster: DBCluster, way: str, end: str) -> None:
    for member in members(cluster):
        if member.status != "deleting":
            member.status = way if _moto["machines"] else end


def _delete(original: Any) -> Any:
    """A cluster may go once its members are going; it is listed as `deleting` until they are gone."""
    _moto["delete"] = original

    def delete_db_cluster(self: Any, cluster_identifier: str, snapshot_name: str | None = None) -> DBCluster:
        cluster: DBCluster = self.describe_db_clusters(cluster_identifier)[0]
        if cluster.engine != ENGINE:
            return original(self, cluster_identifier, snapshot_name)  # type: ignore[no-any-return]
        if cluster.status == "deleting":
            raise InvalidDBClusterStateFault(f"DbCluster {cluster_identifier} is in deleting state")
        if cluster.deletion_protection:
            raise InvalidParameterCombination(
                "Cannot delete protected Cluster, please disable deletion protection and try again."
            )
        if any(member.status != "deleting" for member in members(cluster)):
            raise DBClusterToBeDeletedHasActiveMembers()
        if snapshot_name:
            self.create_db_cluster_snapshot(cluster_identifier, snapshot_name)
        shown = copy.copy(cluster)
        cluster.status = shown.status = "deleting"
        _forget_those_gone(self)
        return shown

    return delete_db_cluster


def _forget_those_gone(backend: Any) -> None:
    for name, cluster in list(backend.clusters.items()):
        going = cluster.engine == ENGINE and cluster._status == "deleting" and not members(cluster)
        if going and not held("database_cluster_deletion", cluster):
            for one, snapshot in list(backend.cluster_snapshots.items()):
                if snapshot.snapshot_type == "automated" and snapshot.db_cluster_identifier == name:
                    del backend.cluster_snapshots[one]
            _moto["delete"](backend, name)


def _look_after_those_gone(original: Any) -> Any:
    def describe_db_clusters(self: Any, *args: Any, **kwargs: Any) -> list[DBCluster]:
        self.describe_db_instances()  # those of its members that are gone by now are forgotten with that
        _forget_those_gone(self)
        found: list[DBCluster] = original(self, *args, **kwargs)
        return found

    return describe_db_clusters


def _without_backups_of_its_own(original: Any) -> Any:
    """The cluster is backed up, not its members."""

    def save_automated_backup(self: Any) -> None:
        if not isinstance(self, DBInstanceClustered):
            original(self)

    return save_automated_backup


def install(machines: bool = False) -> None:
    from moto.rds.models import DBInstance

    _moto["machines"] = machines
    wrap(DBCluster, "__init__", _make_as_aurora)
    wrap(DBCluster, "status", _state)
    wrap(DBCluster, "default_engine_version", _default_version)
    wrap(DBInstanceClustered, "__init__", _begin_member)
    wrap(DBInstance, "save_automated_backup", _without_backups_of_its_own)
    wrap(RDSBackend, "create_db_cluster", _create)
    wrap(RDSBackend, "modify_db_cluster", _modify)
    wrap(RDSBackend, "failover_db_cluster", _failover)
    wrap(RDSBackend, "stop_db_cluster", _stop)
    wrap(RDSBackend, "start_db_cluster", _start)
    wrap(RDSBackend, "delete_db_cluster", _delete)
    wrap(RDSBackend, "describe_db_clusters", _look_after_those_gone)
