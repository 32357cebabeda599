"""Volumes: an instance has those of its image, changed as its template and its launch say; an image has all of them."""

from __future__ import annotations

from typing import Any

from moto.ec2.models.amis import Ami
from moto.ec2.models.elastic_block_store import Volume
from moto.ec2.models.instances import Instance
from moto.ec2.responses.elastic_block_store import ElasticBlockStore
from moto.ec2.responses.instances import InstanceResponse

from ...monkeypatch import wrap
from . import store

_ROOT = {"VolumeSize": 8, "VolumeType": "gp2", "DeleteOnTermination": True, "Encrypted": False}


def devices_of(image: Ami) -> dict[str, dict[str, Any]]:
    """The block devices that instances of an image begin with: device name to its Ebs."""
    return store.of_image(image).devices or {image.root_device_name: {**_ROOT, "SnapshotId": image.ebs_snapshot.id}}


def keep_devices(image: Ami, instance: Instance) -> None:
    """Make a snapshot of each of the instance's volumes, encrypted as the volume is; the image consists of them."""
    backend, found = image.ec2_backend, store.of_image(image).devices
    for name, attachment in instance.get_block_device_mapping:
        volume = backend.get_volume(attachment.volume_id)
        snapshot = backend.create_snapshot(
            volume.id, f"Created by CreateImage({instance.id}) for {image.id}", image.owner_id, from_ami=image.id
        )
        snapshot.kms_key_id = volume.kms_key_id
        found[name] = {
            "SnapshotId": snapshot.id,
            "VolumeSize": volume.size,
            "VolumeType": volume.volume_type,
            "DeleteOnTermination": bool(attachment.delete_on_termination),
            "Encrypted": bool(volume.encrypted),
        }
        if name == instance.root_device_name:
            backend.snapshots.pop(image.ebs_snapshot.id, None)  # moto's own, of a volume that never was
            image.ebs_snapshot = snapshot


def merged(*levels: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Block device mappings, a later level's values before an earlier one's, device by device."""
    found: dict[str, dict[str, Any]] = {}
    for mapping in (one for level in levels for one in level):
        name = mapping["DeviceName"]
        if mapping.get("NoDevice") is not None:
            found.pop(name, None)
            continue
        said = {key: value for key, value in (mapping.get("Ebs") or {}).items() if value is not None}
        found[name] = {**found.get(name, {}), **said}
    return [{"DeviceName": name, "Ebs": _consistent(ebs)} for name, ebs in found.items()]


def _consistent(ebs: dict[str, Any]) -> dict[str, Any]:
    wanted = {**ebs, "Encrypted": str(ebs.get("Encrypted", False)).lower() == "true"}
    wanted["DeleteOnTermination"] = str(ebs.get("DeleteOnTermination", False)).lower() == "true"
    if "VolumeSize" in wanted:
        wanted["VolumeSize"] = int(wanted["VolumeSize"])
    return wanted


def show_devices(_original: Any) -> Any:
    """moto shows one volume of 15 GiB for each image."""

    def block_device_mappings(self: Ami) -> list[dict[str, Any]]:
        return [{"DeviceName": name, "Ebs": dict(ebs)} for name, ebs in devices_of(self).items()]

    return property(block_device_mappings)


def tell_what_was_said(original: Any) -> Any:
    """moto says for the user what the image or AWS would: a volume that outlives its instance, no encryption."""

    def _parse_block_device_mapping(self: InstanceResponse) -> list[dict[str, Any]]:
        parsed: list[dict[str, Any]] = original(self)
        for mapping, said in zip(parsed, self._get_param("BlockDeviceMappings", []), strict=True):
            mapping["Ebs"] = {key: value for key, value in mapping["Ebs"].items() if key in (said.get("Ebs") or {})}
        return parsed

    return _parse_block_device_mapping


def launch_as_image_and_template_say(original: Any) -> Any:
    """moto gives each instance a root volume of its own, beside the one that a template names; and of a template's
    metadata options it takes none."""

    def run_instances(self: Any, image_id: str | None, *args: Any, **kwargs: Any) -> Any:
        wanted = kwargs.get("launch_template")
        template: dict[str, Any] = self._get_template_from_args(wanted).data if wanted else {}
        image = self.amis.get(image_id or template.get("ImageId"))
        own = [{"DeviceName": name, "Ebs": ebs} for name, ebs in devices_of(image).items()] if image else []
        asked = kwargs.get("block_device_mappings") or []
        kwargs["block_device_mappings"] = merged(own, template.get("BlockDeviceMappings") or [], asked)
        options = {**(template.get("MetadataOptions") or {}), **(kwargs.get("metadata_options") or {})}
        return original(self, image_id, *args, **{**kwargs, "metadata_options": options})

    return run_instances


def name_no_snapshot(original: Any) -> Any:
    """A volume that was made from no snapshot says so with an empty id; moto left the field out."""

    def __init__(self: Volume, *args: Any, **kwargs: Any) -> None:
        original(self, *args, **kwargs)
        self.snapshot_id = self.snapshot_id or ""

    return __init__


def list_snapshots_of_owner(original: Any) -> Any:
    """DescribeSnapshots' OwnerIds; without it, what publishers' images are made of was everybody's own."""

    def describe_snapshots(self: ElasticBlockStore) -> Any:
        answer = original(self)
        owners = {self.current_account if owner == "self" else owner for owner in self._get_param("OwnerIds", [])}
        if owners:
            answer.result["Snapshots"] = [found for found in answer.result["Snapshots"] if found.owner_id in owners]
        return answer

    return describe_snapshots


def install(_machines: bool = False) -> None:
    wrap(Volume, "__init__", name_no_snapshot)
    wrap(ElasticBlockStore, "describe_snapshots", list_snapshots_of_owner)
    wrap(Ami, "block_device_mappings", show_devices)
    wrap(InstanceResponse, "_parse_block_device_mapping", tell_what_was_said)
