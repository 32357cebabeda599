"""RDS: Multi-AZ as the API shows it: the standby's zone, a reboot by failover; moto passes over both."""

from __future__ import annotations

from typing import Any

from moto.core.responses import ActionResult
from moto.rds.exceptions import InvalidParameterCombination
from moto.rds.models import DBInstance
from moto.rds.responses import RDSResponse

from ...monkeypatch import wrap
from . import events, placement, store


def _reboot_by_failover(machines: bool) -> Any:
    def make(original: Any) -> Any:
        def reboot_db_instance(self: RDSResponse) -> ActionResult:
            if not self.params.get("ForceFailover"):
                return original(self)  # type: ignore[no-any-return]
            database = self.backend.describe_db_instances(self.params["DBInstanceIdentifier"])[0]
            if placement.secondary_zone(database) is None:
                raise InvalidParameterCombination(
                    "ForceFailover cannot be specified since the instance is not configured for either MultiAZ or High "
                    "Availability"
                )
            store.of_instance(database).failover = machines  # the controller may look as soon as it is `rebooting`
            answer: ActionResult = original(self)
            if not machines:
                events.tell(database, "RDS-EVENT-0013")
                placement.swap(database)
                events.tell(database, "RDS-EVENT-0006", "RDS-EVENT-0015", "RDS-EVENT-0049")
            return answer

        return reboot_db_instance

    return make


def _convert(original: Any) -> Any:
    def update(self: DBInstance, *args: Any, **kwargs: Any) -> None:
        before = placement.secondary_zone(self)
        original(self, *args, **kwargs)
        after = placement.secondary_zone(self)
        if before is None and after is not None:
            events.tell(self, "RDS-EVENT-0024", "RDS-EVENT-0025")
        elif before is not None and after is None:
            events.tell(self, "RDS-EVENT-0029", "RDS-EVENT-0030")

    return update


def install(machines: bool = False) -> None:
    wrap(DBInstance, "secondary_availability_zone", lambda _: property(placement.secondary_zone))
    wrap(DBInstance, "update", _convert)
    wrap(RDSResponse, "reboot_db_instance", _reboot_by_failover(machines))
