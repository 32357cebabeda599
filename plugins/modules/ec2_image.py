#!/usr/bin/python
# -*- coding: utf-8 -*-
# Copyright: Contributors to threetier.aws
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: ec2_image
version_added: 0.2.0
short_description: Have one image of a name, made from an instance
description:
  - Looks for this account's image of a name and creates it from an instance only if it is missing; tags it and its
    snapshots; or deletes it with its snapshots.
  - An image that is still being made, by an interrupted run for example, is waited for.
  - M(amazon.aws.ec2_ami) fails on a name that is taken.
  - Which image holds what is a matter of its name. What is in an image that is there is not compared with the instance.
author:
  - The threetier.aws authors (!UNKNOWN)
extends_documentation_fragment:
  - threetier.aws.attributes
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.tags
  - amazon.aws.boto3
options:
  name:
    description: The name of the image, unique within account and region.
    type: str
    required: true
  instance_id:
    description: The instance to make the image from. Needed if there is no image of that name.
    type: str
  description:
    description: What is in a new image, as people see it.
    type: str
    default: ""
  no_reboot:
    description: Whether to leave a running instance running, at the risk of files half written.
    type: bool
    default: false
  state:
    description: Whether the image is there.
    type: str
    choices: [present, absent]
    default: present
  wait:
    description: Whether to wait until the image can be launched.
    type: bool
    default: true
  wait_timeout:
    description: For how many seconds to wait at most.
    type: int
    default: 1800
"""

EXAMPLES = r"""
- name: Take the image, unless it is there
  threetier.aws.ec2_image:
    name: demo-app-ami-0123456789ab
    instance_id: i-0123456789abcdef0
    tags:
      Stack: demo-app

- name: Delete it with its snapshots
  threetier.aws.ec2_image:
    name: demo-app-ami-0123456789ab
    state: absent
"""

RETURN = r"""
image:
  description: The image as EC2 describes it; as it was found in check mode; empty if there is none.
  type: dict
  returned: always
  contains:
    image_id:
      description: The id.
      type: str
      sample: ami-0123456789abcdef0
    state:
      description: V(available) once it can be launched.
      type: str
      sample: available
    tags:
      description: The tags.
      type: dict
"""

from typing import Any

from ansible.module_utils.common.dict_transformations import camel_dict_to_snake_dict

from ansible_collections.amazon.aws.plugins.module_utils.exceptions import AnsibleAWSError
from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule
from ansible_collections.amazon.aws.plugins.module_utils.tagging import compare_aws_tags

from ansible_collections.threetier.aws.plugins.module_utils import _errors
from ansible_collections.threetier.aws.plugins.module_utils._ec2 import images


def look(client: object, name: str) -> dict[str, Any]:
    found = images.find(client, dict(name=name))
    return found[-1] if found else {}


def present(module: AnsibleAWSModule) -> dict[str, Any]:
    client, params = module.client("ec2"), module.params
    name, found = params["name"], look(client, params["name"])
    if not found and not params["instance_id"]:
        raise AnsibleAWSError(message=f"There is no image {name}; a new one needs instance_id.")
    have = images.tags_of(found)
    asked = have if params["tags"] is None else params["tags"]
    set_tags, drop_tags = compare_aws_tags(have, asked, params["purge_tags"])
    tags = {key: value for key, value in {**have, **set_tags}.items() if key not in drop_tags}
    before, after = dict(name=name, tags=have) if found else {}, dict(name=name, tags=tags)
    if not module.check_mode:
        if not found:
            options = (params["instance_id"], name, params["description"], params["no_reboot"], tags)
            image_id = images.create(client, *options)
        else:
            image_id = found["ImageId"]
        if found and before != after:
            images.tag(client, found, set_tags, drop_tags)
        if params["wait"]:
            images.wait(client, image_id, params["wait_timeout"])
        found = look(client, name)
    return dict(changed=before != after, image=describe(found), diff=dict(before=before, after=after))


def absent(module: AnsibleAWSModule) -> dict[str, Any]:
    client, name = module.client("ec2"), module.params["name"]
    found = look(client, name)
    if found and not module.check_mode:
        images.delete(client, found)
    before = dict(name=name, tags=images.tags_of(found), snapshots=images.snapshot_ids(found)) if found else {}
    return dict(changed=bool(found), image={}, diff=dict(before=before, after={}))


def describe(found: dict[str, Any]) -> dict[str, Any]:
    return dict(camel_dict_to_snake_dict(found, ignore_list=["Tags"]), tags=images.tags_of(found)) if found else {}


def main() -> None:
    module = AnsibleAWSModule(
        argument_spec=dict(
            name=dict(required=True),
            instance_id=dict(),
            description=dict(default=""),
            no_reboot=dict(type="bool", default=False),
            state=dict(choices=["present", "absent"], default="present"),
            tags=dict(type="dict", aliases=["resource_tags"]),
            purge_tags=dict(type="bool", default=True),
            wait=dict(type="bool", default=True),
            wait_timeout=dict(type="int", default=1800),
        ),
        supports_check_mode=True,
    )
    _errors.finish(module, present if module.params["state"] == "present" else absent)


if __name__ == "__main__":
    main()
