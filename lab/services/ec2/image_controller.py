"""AMIs: an image is a stack of read-only layers, the last one frozen from an instance's disk."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from ... import config, durations
from ... import images as guest_images
from ...machine import Machine
from . import images, store

log = logging.getLogger("lab.images")


class Images:
    """Freezes disks, and drops the layers that no image and no instance needs any more."""

    workers = 1

    def __init__(self) -> None:
        self._layers: dict[str, tuple[Path, ...]] = {}
        self._used: dict[str, tuple[Path, ...]] = {}  # by instances
        distribution = guest_images.release()
        name = f"{distribution['ID']}-{distribution['VERSION_ID']}-amd64-{guest_images.base().digest}"
        if distribution["ID"] == "ubuntu":
            series = f"{distribution['VERSION_CODENAME']}-{distribution['VERSION_ID']}"
            name = f"ubuntu/images/hvm-ssd-gp3/ubuntu-{series}-amd64-server-{guest_images.base().digest}"
        images.publish(name, {"debian": images.DEBIAN, "ubuntu": images.UBUNTU}[distribution["ID"]])

    def layers_of(self, image_id: str) -> tuple[Path, ...] | None:
        """Lowest first; None if there is no such image yet."""
        return (guest_images.base().path,) if images.is_published(image_id) else self._layers.get(image_id)

    def freeze(self, ami: Any, machine: Machine) -> None:
        """Make a pending image of a machine's disk; as soon as it is there and AWS would have it, it is available."""
        note = store.of_image(ami)
        if ami.id not in self._layers:
            was_running = machine.pid is not None
            if was_running and not note.no_reboot:
                machine.stop()
            self._layers[ami.id] = machine.freeze(config.LAYERS / ami.id)
            if was_running and not machine.pid:
                machine.start()
            log.info("%s: frozen from %s", ami.id, note.source.id)
        if not durations.held("image", ami):
            images.finish_image(ami)

    def use(self, instance_id: str, layers: tuple[Path, ...] | None) -> None:
        """Say what an instance stands on, None when it is gone."""
        if layers is None:
            self._used.pop(instance_id, None)
        else:
            self._used[instance_id] = layers

    def keys(self) -> Iterable[str]:
        """Those that the API no longer has."""
        known = {ami.id for ami in images.all_images()}
        frozen = {layer.name for layer in config.LAYERS.glob("ami-*") if not layer.suffix}
        return (self._layers.keys() | frozen) - known

    def reconcile(self, image_id: str) -> None:
        self._layers.pop(image_id, None)
        layer = config.LAYERS / image_id
        if not any(layer in stack for stack in [*self._layers.values(), *self._used.values()]):
            shutil.rmtree(layer, ignore_errors=True)

    def status(self) -> list[dict[str, Any]]:
        found = {image_id: layers[-1] for image_id, layers in list(self._layers.items())}
        found |= {ami.id: guest_images.base().path for ami in images.all_images() if images.is_published(ami.id)}
        rows = [{"resource": name, "kind": "image", "state": "available"} for name in found]
        return [{**row, "behind": str(found[row["resource"]])} for row in rows]

    def close(self) -> None:
        """The layers go with the lab's directory."""
