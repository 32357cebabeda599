#!/usr/bin/python
# -*- coding: utf-8 -*-
# Copyright: Contributors to threetier.aws
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: ec2_image_retention
version_added: 0.2.0
short_description: Keep the newest images that carry certain tags
description:
  - Of this account's images with the tags the newest are kept; all others are deleted with their snapshots.
  - An image that an instance runs from, and one named in O(keep_image_ids), is kept whatever its age.
  - A snapshot with the tags that EC2 made for an image which is gone is deleted, too. An interrupted deletion leaves
    such snapshots.
author:
  - The threetier.aws authors (!UNKNOWN)
extends_documentation_fragment:
  - threetier.aws.attributes
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
options:
  match_tags:
    description: The tags, all of which an image must carry to be counted. At least one.
    type: dict
    required: true
  keep:
    description: How many images to keep, the newest.
    type: int
    required: true
  keep_image_ids:
    description: Images to keep in any case.
    type: list
    elements: str
    default: []
"""

EXAMPLES = r"""
- name: Keep what the last two releases ran on
  threetier.aws.ec2_image_retention:
    match_tags:
      Stack: demo-app
      Role: webapp
    keep: 2
"""

RETURN = r"""
kept_image_ids:
  description: The images that stay, oldest first.
  type: list
  elements: str
  returned: always
  sample: [ami-0123456789abcdef0]
deleted_image_ids:
  description: The images deleted; in check mode those that would be.
  type: list
  elements: str
  returned: always
  sample: [ami-0fedcba9876543210]
deleted_snapshot_ids:
  description: The snapshots deleted; in check mode those that would be.
  type: list
  elements: str
  returned: always
  sample: [snap-0fedcba9876543210]
"""

from typing import Any

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

from ansible_collections.threetier.aws.plugins.module_utils import _errors
from ansible_collections.threetier.aws.plugins.module_utils._ec2 import images


def run(module: AnsibleAWSModule) -> dict[str, Any]:
    client, params = module.client("ec2"), module.params
    filters = {f"tag:{key}": str(value) for key, value in params["match_tags"].items()}
    found = images.find(client, filters)
    surplus = _ids(found[: max(0, len(found) - params["keep"])])
    going = set(surplus) - images.in_use(client, surplus) - set(params["keep_image_ids"])
    old = [image for image in found if image["ImageId"] in going]
    kept = [image for image in found if image["ImageId"] not in going]
    orphans = images.orphans(client, filters, images.find(client, {}))
    if not module.check_mode:
        for image in old:
            images.delete(client, image)
        for snapshot in orphans:
            images.delete_snapshot(client, snapshot)
    before, after = _state(found, orphans), _state(kept, [])
    return dict(
        changed=before != after,
        kept_image_ids=_ids(kept),
        deleted_image_ids=_ids(old),
        deleted_snapshot_ids=_state(old, orphans)["snapshots"],
        diff=dict(before=before, after=after),
    )


def _ids(found: list[images.Image]) -> list[str]:
    return [image["ImageId"] for image in found]


def _state(found: list[images.Image], orphans: list[str]) -> dict[str, list[str]]:
    """The names of images, and their snapshots with those that stand alone."""
    snapshots = {snapshot for image in found for snapshot in images.snapshot_ids(image)}
    return dict(images=[image["Name"] for image in found], snapshots=sorted(snapshots | set(orphans)))


def main() -> None:
    module = AnsibleAWSModule(
        argument_spec=dict(
            match_tags=dict(type="dict", required=True),
            keep=dict(type="int", required=True),
            keep_image_ids=dict(type="list", elements="str", default=[]),
        ),
        supports_check_mode=True,
    )
    if not module.params["match_tags"]:
        module.fail_json(msg="match_tags is empty: every image of the account would be meant.")
    if module.params["keep"] < 0:
        module.fail_json(msg=f"keep is {module.params['keep']}: it takes 0 or more.")
    _errors.finish(module, run)


if __name__ == "__main__":
    main()
