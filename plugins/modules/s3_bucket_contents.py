#!/usr/bin/python
# -*- coding: utf-8 -*-
# Copyright: Contributors to threetier.aws
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: s3_bucket_contents
version_added: 0.2.0
short_description: Delete all that is in a bucket
description:
  - Deletes every version of every object, every delete marker and every unfinished upload, so that the bucket can be
    deleted.
  - O(amazon.aws.s3_bucket#module:force) does not find what was uploaded while versioning was off, whose version is
    called V(null), and does not end unfinished uploads.
  - What cannot be deleted, as under an object lock, is counted, and the module fails with the first reason. All else
    is deleted by then.
author:
  - The threetier.aws authors (!UNKNOWN)
extends_documentation_fragment:
  - threetier.aws.attributes
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
options:
  bucket:
    description: The name of the bucket. If there is none, nothing is done.
    type: str
    required: true
"""

EXAMPLES = r"""
- name: Empty the bucket
  threetier.aws.s3_bucket_contents:
    bucket: demo-app-backend-s3-bucket-123456789012
"""

RETURN = r"""
deleted:
  description: How many versions and delete markers were deleted, and how many uploads ended.
  type: int
  returned: always
"""

from typing import Any

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

from ansible_collections.threetier.aws.plugins.module_utils import _errors
from ansible_collections.threetier.aws.plugins.module_utils._s3 import bucket_contents


def run(module: AnsibleAWSModule) -> dict[str, Any]:
    client, bucket = module.client("s3"), module.params["bucket"]
    deleted = bucket_contents.count(client, bucket) if module.check_mode else bucket_contents.empty(client, bucket)
    return dict(changed=deleted > 0, deleted=deleted, diff=dict(before=dict(versions=deleted), after=dict(versions=0)))


def main() -> None:
    module = AnsibleAWSModule(argument_spec=dict(bucket=dict(required=True)), supports_check_mode=True)
    _errors.finish(module, run)


if __name__ == "__main__":
    main()
