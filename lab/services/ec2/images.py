"""AMIs: the lab's base images, and images that are `pending` until a machine's disk has been frozen."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator
from typing import Any

from moto.ec2.exceptions import EC2ClientError, InvalidAMIIdError
from moto.ec2.models import EC2Backend
from moto.ec2.models.amis import Ami, AmiBackend
from moto.ec2.responses.amis import AmisResponse

from ... import backends
from ...monkeypatch import wrap
from ...transient_states import hold
from . import store, volumes

DEBIAN = "136693071363"  # the account in which Debian publishes
UBUNTU = "099720109477"  # and Canonical
_published: dict[str, str] = {}  # the publishers' images: name to owner
_request = threading.local()


def all_images() -> Iterator[Ami]:
    """All images of all regions."""
    for backend in backends.regions("ec2"):
        yield from list(backend.amis.values())


def kind_of_image(image: Ami) -> str:
    return "image" if getattr(image, "instance_id", None) else "published"  # made before anyone asked


def finish_image(ami: Ami) -> None:
    """Say that the frozen disk is there."""
    ami.state = "available"


def publish(name: str, owner: str = DEBIAN) -> None:
    """Have a publisher's image in every region, those too that nobody has used yet."""
    _published[name] = owner
    for backend in backends.regions("ec2"):
        register(backend, name, owner)


def publish_base_images() -> None:
    """The publishers' images, for an API without machines, whose controllers would know which they really have."""
    publish("debian-12-amd64-20260101-0001")
    publish("ubuntu/images/hvm-ssd-gp3/ubuntu-noble-24.04-amd64-server-20260101", UBUNTU)


def is_published(image_id: str) -> bool:
    """Whether an image is a publisher's and not frozen from an instance."""
    return any(image_id == _id(backend.region_name, name) for backend in backends.regions("ec2") for name in _published)


def _id(region: str, name: str) -> str:
    return f"ami-{hashlib.sha256(f'{region}/{name}'.encode()).hexdigest()[:17]}"


def register(backend: Any, name: str, owner: str = DEBIAN) -> Ami:
    """A public image as its publisher has it in a region. The id follows from both, so it is the same in every lab."""
    ami_id = _id(backend.region_name, name)
    if ami_id not in backend.amis:
        backend.amis[ami_id] = Ami(
            backend,
            ami_id,
            name=name,
            description=name,
            owner_id=owner,
            public=True,
            virtualization_type="hvm",
            architecture="x86_64",
            hypervisor="xen",
            image_location=f"{owner}/{name}",
            root_device_type="ebs",
            root_device_name="/dev/xvda",
            region_name=backend.describe_availability_zones()[0].name,
        )
        backend.amis[ami_id].ebs_snapshot.volume.size = 8  # GiB, as theirs are
    found: Ami = backend.amis[ami_id]
    return found


def begin_with_published_images(original: Any) -> Any:
    def __init__(self: EC2Backend, *args: Any, **kwargs: Any) -> None:
        original(self, *args, **kwargs)
        for name, owner in _published.items():
            register(self, name, owner)

    return __init__


def keep_what_is_registered(original: Any) -> Any:
    """RegisterImage's architecture and root device do not reach moto's model."""

    def register_image(self: AmisResponse) -> Any:
        answer = original(self)
        ami = self.ec2_backend.amis[answer.result["ImageId"]]
        ami.architecture = self._get_param("Architecture") or "i386"
        ami.root_device_name = self._get_param("RootDeviceName") or ami.root_device_name
        return answer

    return register_image


def remember_no_reboot(original: Any) -> Any:
    """CreateImage's NoReboot does not reach moto's model: carry it there."""

    def create_image(self: AmisResponse) -> Any:
        _request.no_reboot = bool(self._get_bool_param("NoReboot", False))
        return original(self)

    return create_image


def freeze_instance_as_image(original: Any) -> Any:
    """The image is like its instance, its name is unique, and its snapshot gets the tags meant for it."""

    def create_image(
        self: Any,
        instance_id: str,
        name: str,
        description: str,
        tag_specifications: Any,
    ) -> Ami:
        twin = next(
            (ami for ami in list(self.amis.values()) if ami.name == name and ami.owner_id == self.account_id),
            None,
        )
        if twin:
            raise EC2ClientError(
                "InvalidAMIName.Duplicate",
                f"AMI name {name} is already in use by AMI {twin.id}",
            )
        instance = self.get_instance(instance_id)
        if instance.state in ("pending", "shutting-down", "terminated"):
            raise EC2ClientError(
                "IncorrectState",
                f"Instance {instance_id} is {instance.state}: it cannot be imaged.",
            )
        wanted = list(tag_specifications or [])
        ami: Ami = original(
            self,
            instance_id,
            name,
            description,
            [w for w in wanted if w["ResourceType"] != "snapshot"],
        )
        ami.root_device_name, ami.root_device_type = instance.root_device_name, "ebs"
        ami.image_location = f"{self.account_id}/{name}"
        note = store.of_image(ami)
        note.source, note.no_reboot = instance, getattr(_request, "no_reboot", False)
        volumes.keep_devices(ami, instance)
        for specification in wanted:
            if specification["ResourceType"] == "snapshot":
                for ebs in note.devices.values():
                    tags = {tag["Key"]: tag["Value"] for tag in specification["Tags"]}
                    self.snapshots[ebs["SnapshotId"]].add_tags(tags)
        return ami

    return create_image


def begin_image_as_pending(original: Any) -> Any:
    def create_image(self: Any, *args: Any, **kwargs: Any) -> Ami:
        ami: Ami = original(self, *args, **kwargs)
        ami.state = "pending"
        return ami

    return create_image


def refuse_unknown_image(original: Any) -> Any:
    """RunInstances takes only an image that exists and is ready."""

    def run_instances(self: Any, image_id: str | None, *args: Any, **kwargs: Any) -> Any:
        template = kwargs.get("launch_template")
        wanted = image_id or (template and self._get_template_from_args(template).image_id)
        if not wanted or wanted not in self.amis:
            raise InvalidAMIIdError([str(wanted)])
        if self.amis[wanted].state != "available":
            raise EC2ClientError(
                "InvalidAMIID.Unavailable",
                f"The image id '[{wanted}]' is no longer available",
            )
        return original(self, image_id, *args, **kwargs)

    return run_instances


def install(machines: bool = False) -> None:
    def create_image(original: Any) -> Any:
        mended = freeze_instance_as_image(original)
        return begin_image_as_pending(mended) if machines else mended

    wrap(EC2Backend, "__init__", begin_with_published_images)
    wrap(AmisResponse, "create_image", remember_no_reboot)
    wrap(AmisResponse, "register_image", keep_what_is_registered)
    wrap(AmiBackend, "create_image", create_image)
    hold(Ami, "state", ("available", "pending", kind_of_image))
