# -*- coding: utf-8 -*-
# Copyright: Contributors to threetier.aws
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
"""AMIs of this account and the snapshots they stand on. Private to this collection."""

from __future__ import annotations

import re
from typing import Any

from ansible_collections.amazon.aws.plugins.module_utils.tagging import ansible_dict_to_boto3_tag_list
from ansible_collections.amazon.aws.plugins.module_utils.tagging import boto3_tag_list_to_ansible_dict

from ansible_collections.threetier.aws.plugins.module_utils import _calls
from ansible_collections.threetier.aws.plugins.module_utils import _waits

Image = dict[str, Any]
_PAUSE = 3  # seconds between two looks
_GONE = ["InvalidAMIID.NotFound", "InvalidAMIID.Unavailable", "InvalidSnapshot.NotFound"]
_LIVING = ["pending", "running", "stopping", "stopped", "shutting-down"]


@_calls.read("read the images", [], missing=_GONE)
def find(client: Any, filters: dict[str, str]) -> list[Image]:
    """This account's images, oldest first."""
    wanted = [dict(Name=name, Values=[value]) for name, value in filters.items()]
    pages = client.get_paginator("describe_images").paginate(Owners=["self"], Filters=wanted)
    found = pages.build_full_result()["Images"]
    return sorted(found, key=lambda image: (str(image["CreationDate"]), image["ImageId"]))


@_calls.call("create the image")
def create(client: Any, instance_id: str, name: str, description: str, no_reboot: bool, tags: dict[str, str]) -> str:
    request: dict[str, Any] = dict(InstanceId=instance_id, Name=name, Description=description, NoReboot=no_reboot)
    if tags:
        given = ansible_dict_to_boto3_tag_list(tags)
        request["TagSpecifications"] = [dict(ResourceType=kind, Tags=given) for kind in ("image", "snapshot")]
    image_id: str = client.create_image(**request)["ImageId"]
    return image_id


def wait(client: Any, image_id: str, timeout: int) -> None:
    """Return once the image can be launched; say why it can't otherwise."""

    def failure(answer: dict[str, Any]) -> str:
        seen = (answer.get("Images") or [{}])[0]
        why = seen.get("StateReason", {}).get("Message", "no reason given")
        state = seen.get("State", "unknown")
        return f"The image {image_id} is {state}, and not available within {timeout} seconds: {why}"

    states = [("available", "success"), ("failed", "failure"), ("error", "failure")]
    acceptors = [
        dict(matcher="path", argument="Images[0].State", expected=image, state=state) for image, state in states
    ]
    unknown = dict(matcher="error", expected="InvalidAMIID.NotFound", state="retry")
    _waits.until(
        client,
        "DescribeImages",
        dict(ImageIds=[image_id]),
        [*acceptors, unknown],
        purpose="wait for the image",
        timeout=timeout,
        pause=_PAUSE,
        failure=failure,
    )


@_calls.call("tag the image")
def tag(client: Any, image: Image, set_tags: dict[str, str], drop_tags: list[str]) -> None:
    """The image and its snapshots."""
    ids = [image["ImageId"], *snapshot_ids(image)]
    if set_tags:
        client.create_tags(Resources=ids, Tags=ansible_dict_to_boto3_tag_list(set_tags))
    if drop_tags:
        client.delete_tags(Resources=ids, Tags=[dict(Key=key) for key in drop_tags])


def tags_of(image: Image) -> dict[str, str]:
    tags: dict[str, str] = boto3_tag_list_to_ansible_dict(image.get("Tags", []))
    return tags


def snapshot_ids(image: Image) -> list[str]:
    disks = [mapping.get("Ebs", {}) for mapping in image.get("BlockDeviceMappings", [])]
    return sorted(disk["SnapshotId"] for disk in disks if "SnapshotId" in disk)


def delete(client: Any, image: Image) -> None:
    """The image, then its snapshots: EC2 gives none away that an image stands on."""
    _deregister(client, image["ImageId"])
    for snapshot_id in snapshot_ids(image):
        delete_snapshot(client, snapshot_id)


@_calls.delete("deregister the image", missing=_GONE)
def _deregister(client: Any, image_id: str) -> None:
    client.deregister_image(ImageId=image_id)


@_calls.delete("delete the snapshot", missing=_GONE, retry_on=["InvalidSnapshot.InUse"])
def delete_snapshot(client: Any, snapshot_id: str) -> None:
    client.delete_snapshot(SnapshotId=snapshot_id)


@_calls.call("read which images instances were launched from")
def in_use(client: Any, image_ids: list[str]) -> set[str]:
    """Those of the images that instances of this account run from."""
    filters = [dict(Name="image-id", Values=image_ids), dict(Name="instance-state-name", Values=_LIVING)]
    pages = client.get_paginator("describe_instances").paginate(Filters=filters) if image_ids else []
    return {instance["ImageId"] for page in pages for r in page["Reservations"] for instance in r["Instances"]}


@_calls.call("read the snapshots")
def orphans(client: Any, filters: dict[str, str], images: list[Image]) -> list[str]:
    """Snapshots that CreateImage made for an image which is gone: what an interrupted deletion leaves behind."""
    wanted = [dict(Name=name, Values=[value]) for name, value in filters.items()]
    pages = client.get_paginator("describe_snapshots").paginate(OwnerIds=["self"], Filters=wanted)
    known = {image["ImageId"] for image in images}
    found = []
    for snapshot in pages.build_full_result()["Snapshots"]:
        made_for = re.search(r"CreateImage\(.*(ami-[0-9a-f]+)", snapshot.get("Description", ""))
        if made_for and made_for[1] not in known:
            found.append(snapshot["SnapshotId"])
    return sorted(found)
