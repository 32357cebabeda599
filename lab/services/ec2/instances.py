"""EC2 instances: their states take as long as their machines do; what a controller needs to read and write them."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from typing import Any

from moto.core.utils import utcnow
from moto.ec2.exceptions import EC2ClientError
from moto.ec2.models.instances import (
    Instance,
    InstanceBackend,
    InstanceState,
    StateReason,
)
from moto.ec2.models.vpcs import VPCBackend

from ... import backends
from ...durations import held
from ...monkeypatch import wrap
from . import store, volumes
from .images import refuse_unknown_image

_CODES = {
    "pending": 0,
    "running": 16,
    "shutting-down": 32,
    "terminated": 48,
    "stopping": 64,
    "stopped": 80,
}
_moto: dict[str, Any] = {}  # moto's own stop and terminate: what is done when a machine has really gone


def all_instances() -> Iterator[Instance]:
    """All instances of all regions, terminated ones too."""
    for backend in backends.regions("ec2"):
        for reservation in list(backend.reservations.values()):
            yield from list(reservation.instances)


def set_state(instance: Instance, name: str) -> None:
    """Say that the machine has got there: `running`, `stopped` or `terminated`."""
    if instance.state == name:
        return
    reason = (instance._reason, instance.state_reason)
    if name == "terminated":
        _moto["terminate"](instance)
        _drop_own_interfaces(instance)
        instance._reason, instance.state_reason = reason
    elif name == "stopped":
        _moto["stop"](instance)
        if reason[0]:
            instance._reason, instance.state_reason = reason
    _become(instance, name)


def set_impaired(instance: Instance, impaired: bool) -> None:
    """Say what the status checks of a running instance see."""
    store.of_instance(instance).impaired = impaired


def _become(instance: Instance, name: str) -> None:
    instance._state.name, instance._state.code = name, _CODES[name]


def _drop_own_interfaces(instance: Instance) -> None:
    """An interface that was made with its instance goes with it, unless told otherwise; moto keeps it."""
    for interface in list(instance.nics.values()):
        if interface.description == "Primary network interface" and interface.id in instance.ec2_backend.enis:
            interface.delete()


def _because_of_user(instance: Instance) -> None:
    instance._reason = f"User initiated ({utcnow():%Y-%m-%d %H:%M:%S} GMT)"
    instance.state_reason = StateReason(
        "Client.UserInitiatedShutdown: User initiated shutdown",
        "Client.UserInitiatedShutdown",
    )


def _refuse(instance: Instance, verb: str) -> EC2ClientError:
    return EC2ClientError(
        "IncorrectInstanceState",
        f"The instance '{instance.id}' is not in a state from which it can be {verb}.",
    )


def begin_as_pending(original: Any) -> Any:
    def __init__(self: Instance, *args: Any, **kwargs: Any) -> None:
        original(self, *args, **kwargs)
        self._state = InstanceState()

    return __init__


def start_through_pending(original: Any) -> Any:
    def start(self: Instance) -> InstanceState:
        if self.state in ("pending", "running"):
            return copy.copy(self._state)
        if self.state != "stopped":
            raise _refuse(self, "started")
        previous: InstanceState = original(self)
        _become(self, "pending")
        return previous

    return start


def stop_through_stopping(original: Any) -> Any:
    _moto["stop"] = original

    def stop(self: Instance) -> InstanceState:
        previous = copy.copy(self._state)
        if self.state in ("terminated", "shutting-down"):
            raise _refuse(self, "stopped")
        if self.state != "stopped":
            _because_of_user(self)
            _become(self, "stopping")
        return previous

    return stop


def terminate_through_shutting_down(original: Any) -> Any:
    """The machine keeps its interfaces and addresses until it has gone."""
    _moto["terminate"] = original

    def terminate(self: Instance) -> InstanceState:
        previous = copy.copy(self._state)
        if self.state not in ("terminated", "shutting-down"):
            _because_of_user(self)
            _become(self, "shutting-down")
        return previous

    return terminate


def ask_machine_to_reboot(_original: Any) -> Any:
    def reboot(self: Instance) -> None:
        if self.state != "running":
            raise _refuse(self, "rebooted")
        store.of_instance(self).reboot_requested = True

    return reboot


def show_impaired_status(original: Any) -> Any:
    def status(self: Instance) -> dict[str, Any]:
        found: dict[str, Any] = original.fget(self)
        if self.state == "running" and store.of_instance(self).impaired:
            return {
                "Status": "impaired",
                "Details": [{"Name": "reachability", "Status": "failed"}],
            }
        return found

    return property(status)


def take_interfaces_along(original: Any) -> Any:
    """What set_state does where machines stand behind the API."""

    def terminate(self: Instance) -> InstanceState:
        previous: InstanceState = original(self)
        _drop_own_interfaces(self)
        return previous

    return terminate


def take_default_acl_along(original: Any) -> Any:
    """A VPC's own network ACL goes with it; moto keeps it."""

    def delete_vpc(self: Any, vpc_id: str) -> Any:
        deleted = original(self, vpc_id)
        for acl in list(self.network_acls.values()):
            if acl.vpc_id == vpc_id:
                del self.network_acls[acl.id]
        return deleted

    return delete_vpc


def refuse_unknown_key_pair(original: Any) -> Any:
    def run_instances(self: Any, *args: Any, **kwargs: Any) -> Any:
        if kwargs.get("key_name"):
            self.describe_key_pairs(key_names=[kwargs["key_name"]])
        return original(self, *args, **kwargs)

    return run_instances


def _hold_state(machines: bool, name: str, of: Callable[[InstanceState], Any]) -> None:
    def make(_original: property) -> property:
        def get(self: Instance) -> Any:
            if self._state.name == "terminated" and held("instance_termination", self):
                return of(InstanceState("shutting-down", 32))
            # Without machines, moto registers a group's instances as targets at once, and only what runs can be one.
            waits = machines or not any(tag["key"] == "aws:autoscaling:groupName" for tag in self.get_tags())
            early = self._state.name == "running" and waits and held("instance", self)
            return of(InstanceState("pending", 0) if early else self._state)

        return property(get)

    wrap(Instance, name, make)


def install(machines: bool = False) -> None:
    wrap(
        InstanceBackend,
        "run_instances",
        lambda original: refuse_unknown_key_pair(
            refuse_unknown_image(volumes.launch_as_image_and_template_say(original))
        ),
    )
    wrap(VPCBackend, "delete_vpc", take_default_acl_along)
    if not machines:
        wrap(Instance, "terminate", take_interfaces_along)
    else:
        wrap(Instance, "__init__", begin_as_pending)
        wrap(Instance, "start", start_through_pending)
        wrap(Instance, "stop", stop_through_stopping)
        wrap(Instance, "terminate", terminate_through_shutting_down)
        wrap(Instance, "reboot", ask_machine_to_reboot)
        for name in ("instance_status", "system_status"):
            wrap(Instance, name, show_impaired_status)
    _hold_state(machines, "state", lambda state: state.name)
    _hold_state(machines, "state_code", lambda state: state.code)
    _hold_state(machines, "instance_state", lambda state: state)
