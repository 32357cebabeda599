# -*- coding: utf-8 -*-
# Copyright: Contributors to threetier.aws
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
"""AMIs of this account and the snapshots they stand on. Private to this collection."""

from __future__ import annotations

import re
from typing import Any

try:
    import botocore.exceptions
except ImportError:
    pass  # handled by AnsibleAWSModule

from ansible_collections.amazon.aws.plugins.module_utils.botocore import is_boto3_error_code
from ansible_collections.amazon.aws.plugins.module_utils.errors import AWSErrorHandler
from ansible_collections.amazon.aws.plugins.module_utils.exceptions import AnsibleAWSError
from ansible_collections.amazon.aws.plugins.module_utils.retries import AWSRetry
from ansible_collections.amazon.aws.plugins.module_utils.tagging import ansible_dict_to_boto3_tag_list
from ansible_collections.amazon.aws.plugins.module_utils.tagging import boto3_tag_list_to_ansible_dict
from ansible_collections.amazon.aws.plugins.module_utils.waiter import BaseWaiterFactory
from ansible_collections.amazon.aws.plugins.module_utils.waiter import custom_waiter_config

Image = dict
_PAUSE = 3  # seconds between two looks
_GONE = ["InvalidAMIID.NotFound", "InvalidAMIID.Unavailable", "InvalidSnapshot.NotFound"]
_LIVING = ["pending", "running", "stopping", "stopped", "shutting-down"]


class _Missing(AWSErrorHandler):
    @classmethod
    def _is_missing(cls):
        return is_boto3_error_code(_GONE)


class _Waiters(BaseWaiterFactory):
    @property
    def _waiter_model_data(self) -> dict[str, Any]:
        look = dict(operation="DescribeImages", delay=_PAUSE, maxAttempts=180)
        states = [("available", "success"), ("failed", "failure"), ("error", "failure")]
        acceptors = [
            dict(matcher="path", argument="Images[0].State", expected=image, state=state) for image, state in states
        ]
        unknown = dict(matcher="error", expected="InvalidAMIID.NotFound", state="retry")
        return dict(available=dict(look, acceptors=[*acceptors, unknown]))


@_Missing.list_error_handler("read the images", [])
@AWSRetry.jittered_backoff()
def find(client: Any, filters: dict[str, str]) -> list[Image]:
    """This account's images, oldest first."""
    wanted = [dict(Name=name, Values=[value]) for name, value in filters.items()]
    pages = client.get_paginator("describe_images").paginate(Owners=["self"], Filters=wanted)
    found = pages.build_full_result()["Images"]
    return sorted(found, key=lambda image: (str(image["CreationDate"]), image["ImageId"]))


@AWSErrorHandler.common_error_handler("create the image")
@AWSRetry.jittered_backoff()
def create(client: Any, instance_id: str, name: str, description: str, no_reboot: bool, tags: dict[str, str]) -> str:
    request: dict[str, Any] = dict(InstanceId=instance_id, Name=name, Description=description, NoReboot=no_reboot)
    if tags:
        given = ansible_dict_to_boto3_tag_list(tags)
        request["TagSpecifications"] = [dict(ResourceType=kind, Tags=given) for kind in ("image", "snapshot")]
    return client.create_image(**request)["ImageId"]


def wait(client: Any, image_id: str, timeout: int) -> None:
    """Return once the image can be launched; say why it can't otherwise."""
    try:
        config = custom_waiter_config(timeout, _PAUSE)
        _Waiters().get_waiter(client, "available").wait(ImageIds=[image_id], WaiterConfig=config)
    except botocore.exceptions.WaiterError as error:
        seen = (error.last_response.get("Images") or [{}])[0]
        why = seen.get("StateReason", {}).get("Message", "no reason given")
        raise AnsibleAWSError(
            message=f"The image {image_id} is {seen.get('State', 'unknown')}, and not available"
            f" within {timeout} seconds: {why}",
            exception=error,
        ) from error


@AWSErrorHandler.common_error_handler("tag the image")
@AWSRetry.jittered_backoff()
def tag(client: Any, image: Image, set_tags: dict[str, str], drop_tags: list[str]) -> None:
    """The image and its snapshots."""
    ids = [image["ImageId"], *snapshot_ids(image)]
    if set_tags:
        client.create_tags(Resources=ids, Tags=ansible_dict_to_boto3_tag_list(set_tags))
    if drop_tags:
        client.delete_tags(Resources=ids, Tags=[dict(Key=key) for key in drop_tags])


def tags_of(image: Image) -> dict[str, str]:
    return boto3_tag_list_to_ansible_dict(image.get("Tags", []))


def snapshot_ids(image: Image) -> list[str]:
    disks = [mapping.get("Ebs", {}) for mapping in image.get("BlockDeviceMappings", [])]
    return sorted(disk["SnapshotId"] for disk in disks if "SnapshotId" in disk)


def delete(client: Any, image: Image) -> None:
    """The image, then its snapshots: EC2 gives none away that an image stands on."""
    _deregister(client, image["ImageId"])
    for snapshot_id in snapshot_ids(image):
        delete_snapshot(client, snapshot_id)


@_Missing.deletion_error_handler("deregister the image")
@AWSRetry.jittered_backoff()
def _deregister(client: Any, image_id: str) -> None:
    client.deregister_image(ImageId=image_id)


@_Missing.deletion_error_handler("delete the snapshot")
@AWSRetry.jittered_backoff(catch_extra_error_codes=["InvalidSnapshot.InUse"])
def delete_snapshot(client: Any, snapshot_id: str) -> None:
    client.delete_snapshot(SnapshotId=snapshot_id)


@AWSErrorHandler.common_error_handler("read which images instances were launched from")
@AWSRetry.jittered_backoff()
def in_use(client: Any, image_ids: list[str]) -> set[str]:
    """Those of the images that instances of this account run from."""
    filters = [dict(Name="image-id", Values=image_ids), dict(Name="instance-state-name", Values=_LIVING)]
    pages = client.get_paginator("describe_instances").paginate(Filters=filters) if image_ids else []
    return {instance["ImageId"] for page in pages for r in page["Reservations"] for instance in r["Instances"]}


@AWSErrorHandler.common_error_handler("read the snapshots")
@AWSRetry.jittered_backoff()
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
