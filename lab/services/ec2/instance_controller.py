"""EC2 instances: a guest for each."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from ... import config, durations, instance_types, netns
from ...machine import Machine
from ...ports import Port
from . import images, instances, store
from .image_controller import Images
from .status_checks import StatusChecks

log = logging.getLogger("lab.instances")

_PLUGGED = ("pending", "running", "stopping", "shutting-down")
_REBOOT = 133  # how a guest's holder ends when the guest asked to be rebooted
_SOON = 0.1  # seconds until a guest that boots is looked at again
_CALM = 1.0  # seconds until one that runs is


def by_address(vpc_id: str, address: str) -> Any:
    """The instance that has a private address in a VPC, None if none has."""
    plugged = (found for found in instances.all_instances() if found.state in _PLUGGED)
    return next((found for found in plugged if found.vpc_id == vpc_id and found.private_ip == address), None)


class Instances:
    """Boots, stops, reboots and destroys guests until they are as the API says, and tells it when they are."""

    workers = 8

    def __init__(self, layers: Images, changed: Callable[[], None]) -> None:
        """:param changed: called when an instance has come to another state."""
        self._images, self._changed = layers, changed
        self._checks = StatusChecks()
        self.machines: dict[str, Machine] = {}
        self._since: dict[str, float] = {}

    def ports(self) -> Iterator[Port]:
        for instance in instances.all_instances():
            address = instance.private_ip
            if instance.state in _PLUGGED and instance.vpc_id and address:
                public = {address: instance.public_ip} if instance.public_ip else {}
                groups = tuple(group.id for group in instance.nics[0].group_set)
                yield Port(instance.id, instance.vpc_id, (address,), groups, public)

    def keys(self) -> Iterable[str]:
        return {instance.id for instance in instances.all_instances()} | self.machines.keys()

    def reconcile(self, instance_id: str) -> float | None:
        instance = next((found for found in instances.all_instances() if found.id == instance_id), None)
        if instance is None or instance.state == "terminated":
            self._destroy(instance_id)
            return None
        before = instance.state
        again: float | None = getattr(self, f"_{before.replace('-', '_')}")(instance)
        if machine := self.machines.get(instance_id):
            for ami in images.all_images():
                if ami.state == "pending" and store.of_image(ami).source is instance:
                    self._images.freeze(ami, machine)
                    again = _SOON
        if instance.state != before:
            self._changed()
        return again

    def status(self) -> list[dict[str, Any]]:
        rows = []
        for instance in instances.all_instances():
            machine = self.machines.get(instance.id)
            behind = str(machine or "no machine")
            row = {"resource": instance.id, "kind": "instance", "state": instance.state, "behind": behind}
            rows.append({**row, "pid": machine.init if machine else None})
        return rows

    def close(self) -> None:
        for machine in self.machines.values():
            machine.kill()
        for machine in self.machines.values():
            machine.destroy()

    def _pending(self, instance: Any) -> float:
        machine = self.machines.get(instance.id)
        if machine is None:
            layers = self._images.layers_of(instance.image_id)
            if layers is None or not netns.exists(f"{config.PREFIX}{instance.id}"):
                return _SOON  # its image or its port is on its way
            self._images.use(instance.id, layers)
            machine = self.machines[instance.id] = Machine(instance.id, f"{config.PREFIX}{instance.id}", layers)
            _equip(machine, instance)
        if not machine.pid:
            machine.limits = instance_types.limits(instance.instance_type)
            machine.start()
            self._since[instance.id] = time.monotonic()
            self._checks.forget(instance.id)
            log.info("%s: booting in %s", instance.id, instance.subnet_id)
        elif self._checks.started(instance.id, machine) and not durations.held("instance", instance):
            instances.set_state(instance, "running")
            log.info("%s: running after %.1f s", instance.id, time.monotonic() - self._since[instance.id])
        return _SOON

    def _running(self, instance: Any) -> float:
        machine, note = self.machines.get(instance.id), store.of_instance(instance)
        if machine is None or machine.pid is None:
            if machine and machine.exit_code == _REBOOT:
                machine.start()
                self._checks.forget(instance.id)
            elif machine and machine.exit_code == 0:
                log.info("%s: powered off from inside", instance.id)
                ends = instance.instance_initiated_shutdown_behavior == "terminate"
                (instance.terminate if ends else instance.stop)()
            else:  # as when the hardware under it fails
                self._say(instance, "its machine has gone")
        elif note.reboot_requested:
            note.reboot_requested = False
            machine.stop()
            machine.start()
            self._checks.forget(instance.id)
        else:
            self._say(instance, self._checks.failing(instance.id, machine))
        return _CALM

    def _say(self, instance: Any, why: str | None) -> None:
        """Tell the API what the status checks see."""
        if bool(why) != store.of_instance(instance).impaired:
            instances.set_impaired(instance, bool(why))
            log.info("%s: %s", instance.id, f"impaired, for {why}" if why else "its status checks pass again")
            self._changed()

    def _stopping(self, instance: Any) -> None:
        if machine := self.machines.get(instance.id):
            machine.stop()
        instances.set_state(instance, "stopped")
        log.info("%s: stopped", instance.id)

    def _stopped(self, instance: Any) -> None:
        """Nothing to do: its disk waits."""

    def _shutting_down(self, instance: Any) -> None:
        if machine := self.machines.get(instance.id):
            machine.stop()
        self._destroy(instance.id)
        instances.set_state(instance, "terminated")
        log.info("%s: terminated", instance.id)

    def _destroy(self, instance_id: str) -> None:
        if machine := self.machines.get(instance_id):
            machine.destroy()
            del self.machines[instance_id]
        self._images.use(instance_id, None)
        self._since.pop(instance_id, None)
        self._checks.forget(instance_id)


def _equip(machine: Machine, instance: Any) -> None:
    """Give the guest what is not in its image: the domain of its region, and where S3 and DynamoDB answer."""
    machine.prepare()
    region = instance.ec2_backend.region_name
    domain = "ec2.internal" if region == "us-east-1" else f"{region}.compute.internal"
    text = f"nameserver {config.RESOLVER_ADDRESS}\nsearch {domain}\n"
    (machine.root / "etc/resolv.conf").write_text(text)
    variables = " ".join(f"{name}={value}" for name, value in config.endpoint_variables().items())
    (machine.root / "etc/systemd/system.conf.d/endpoints.conf").write_text(
        f"[Manager]\nDefaultEnvironment={variables}\n"
    )
