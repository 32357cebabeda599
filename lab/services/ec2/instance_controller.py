"""EC2 instances and AMIs: a guest for each instance, a frozen layer for each image."""

from __future__ import annotations

import logging
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ... import config, durations, instance_types, netns
from ... import images as guest_images
from ...jobs import Jobs
from ...machine import Machine
from ...ports import Port
from . import images, instances

log = logging.getLogger("lab.instances")

_PLUGGED = ("pending", "running", "stopping", "shutting-down")
_REBOOT = 133  # how a guest's holder ends when the guest asked to be rebooted


def by_address(vpc_id: str, address: str) -> Any:
    """The instance that has a private address in a VPC, None if none has."""
    return next(
        (
            i
            for i in instances.all_instances()
            if i.state in _PLUGGED and i.vpc_id == vpc_id and i.private_ip == address
        ),
        None,
    )


class Instances:
    """Boots, stops, reboots, freezes and destroys guests until they are as the API says, and tells it when they are."""

    def __init__(self) -> None:
        self.machines: dict[str, Machine] = {}
        self._layers: dict[str, tuple[Path, ...]] = {}
        self._since: dict[str, float] = {}
        self._jobs = Jobs()
        distribution = guest_images.release()
        name = f"{distribution['ID']}-{distribution['VERSION_ID']}-amd64-{guest_images.base().digest}"
        if distribution["ID"] == "ubuntu":
            series = f"{distribution['VERSION_CODENAME']}-{distribution['VERSION_ID']}"
            name = f"ubuntu/images/hvm-ssd-gp3/ubuntu-{series}-amd64-server-{guest_images.base().digest}"
        owner = {"debian": "136693071363", "ubuntu": "099720109477"}[distribution["ID"]]
        self._layers[images.register_base_image(name, owner=owner).id] = (guest_images.base().path,)

    def ports(self) -> Iterator[Port]:
        for instance in instances.all_instances():
            if instance.state in _PLUGGED and instance.vpc_id:
                interface = instance.nics[0]
                public = {instance.private_ip: instance.public_ip} if instance.public_ip else {}
                groups = tuple(group.id for group in interface.group_set)
                yield Port(instance.id, instance.vpc_id, (instance.private_ip,), groups, public)

    def reconcile(self) -> None:
        for instance in instances.all_instances():
            if instance.id not in self._jobs:
                getattr(self, f"_{instance.state.replace('-', '_')}")(instance)
        for ami in images.all_images():
            if ami.state == "pending":
                self._image(ami)
        self._forget_images()

    def status(self) -> list[dict[str, Any]]:
        rows = []
        for instance in instances.all_instances():
            machine = self.machines.get(instance.id)
            behind = str(machine or "no machine")
            row = {"resource": instance.id, "kind": "instance", "state": instance.state, "behind": behind}
            rows.append({**row, "pid": machine.init if machine else None})
        for ami_id, layers in self._layers.items():
            rows.append({"resource": ami_id, "kind": "image", "state": "available", "behind": str(layers[-1])})
        return rows

    def close(self) -> None:
        self._jobs.close()
        for machine in self.machines.values():
            machine.kill()
        for machine in self.machines.values():
            machine.destroy()

    def _pending(self, instance: Any) -> None:
        machine = self.machines.get(instance.id)
        if machine is None:
            layers = self._layers.get(instance.image_id)
            if layers is None or not netns.exists(f"{config.PREFIX}{instance.id}"):
                return  # its port comes with the next round
            machine = self.machines[instance.id] = Machine(instance.id, f"{config.PREFIX}{instance.id}", layers)
        if not machine.pid:
            machine.limits = instance_types.limits(instance.instance_type)
            machine.start()
            self._since[instance.id] = time.monotonic()
            log.info("%s: booting in %s", instance.id, instance.subnet_id)
        elif machine.booted() and not durations.held("instance", instance):
            instances.set_impaired(instance, False)
            instances.set_state(instance, "running")
            log.info("%s: running after %.1f s", instance.id, time.monotonic() - self._since[instance.id])

    def _running(self, instance: Any) -> None:
        machine = self.machines[instance.id]
        if machine.pid is None:
            if machine.exit_code == _REBOOT:
                self._jobs.start(instance.id, machine.start)
            elif machine.exit_code == 0:
                log.info("%s: powered off from inside", instance.id)
                (
                    instance.terminate
                    if instance.instance_initiated_shutdown_behavior == "terminate"
                    else instance.stop
                )()
            else:  # as when the hardware under it fails
                instances.set_impaired(instance, True)
        elif instance.lab_reboot_requested:
            instance.lab_reboot_requested = False
            self._jobs.start(instance.id, lambda: _restart(machine))

    def _stopping(self, instance: Any) -> None:
        def work() -> None:
            if machine := self.machines.get(instance.id):
                machine.stop()
            instances.set_state(instance, "stopped")
            log.info("%s: stopped", instance.id)

        self._jobs.start(instance.id, work)

    def _stopped(self, instance: Any) -> None:
        """Nothing to do: its disk waits."""

    def _shutting_down(self, instance: Any) -> None:
        def work() -> None:
            if machine := self.machines.pop(instance.id, None):
                machine.stop()
                machine.destroy()
            instances.set_state(instance, "terminated")
            log.info("%s: terminated", instance.id)

        self._jobs.start(instance.id, work)

    def _terminated(self, instance: Any) -> None:
        if machine := self.machines.pop(instance.id, None):
            self._jobs.start(instance.id, machine.destroy)

    def _image(self, ami: Any) -> None:
        instance = ami.lab_source_instance
        machine = self.machines.get(instance.id)
        if ami.id in self._layers:
            if not durations.held("image", ami):
                images.finish_image(ami)
            return
        if machine is None:
            return

        def work() -> None:
            was_running = machine.pid is not None
            if was_running and not ami.no_reboot:
                machine.stop()
            self._layers[ami.id] = machine.freeze(config.LAYERS / ami.id)
            if was_running and not machine.pid:
                machine.start()
            log.info("%s: frozen from %s", ami.id, instance.id)

        self._jobs.start(instance.id, work)

    def _forget_images(self) -> None:
        known = {ami.id for ami in images.all_images()}
        gone = [ami_id for ami_id in self._layers if ami_id not in known]
        for ami_id in gone:
            del self._layers[ami_id]
        if gone:
            images_use = {layer for layers in self._layers.values() for layer in layers}
            used = images_use | {layer for machine in list(self.machines.values()) for layer in machine.layers}
            for layer in config.LAYERS.glob("ami-*"):
                if layer not in used and layer.name not in known:
                    shutil.rmtree(layer, ignore_errors=True)


def _restart(machine: Machine) -> None:
    machine.stop()
    machine.start()
