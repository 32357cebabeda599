"""What EC2 is known to us for and moto has no place for, by account and region."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ...store import Notes, Stores

if TYPE_CHECKING:
    from .vpc_controller import Router


@dataclass
class InstanceNote:
    impaired: bool = False  # what the status checks say
    reboot_requested: bool = False


@dataclass
class ImageNote:
    source: Any = None  # the instance that it is made from
    no_reboot: bool = False
    devices: dict[str, dict[str, Any]] = field(default_factory=dict)  # Ebs of each device name; empty: one root volume


@dataclass
class TemplateNote:
    last_number: int = 0  # of a version; never used again


@dataclass
class Ec2:
    instances: Notes[InstanceNote] = field(default_factory=lambda: Notes(InstanceNote))
    images: Notes[ImageNote] = field(default_factory=lambda: Notes(ImageNote))
    templates: Notes[TemplateNote] = field(default_factory=lambda: Notes(TemplateNote))
    routers: dict[str, Router] = field(default_factory=dict)  # by VPC


stores: Stores[Ec2] = Stores(Ec2)


def of_instance(instance: Any) -> InstanceNote:
    return stores.of(instance.ec2_backend).instances[instance]


def of_image(image: Any) -> ImageNote:
    return stores.of(image.ec2_backend).images[image]


def of_template(template: Any) -> TemplateNote:
    return stores.of(template.ec2_backend).templates[template]
