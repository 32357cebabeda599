#!/usr/bin/python
# -*- coding: utf-8 -*-
# Copyright: Contributors to threetier.aws
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: s3_object_versions
version_added: 0.2.0
short_description: Bring the files of a versioned bucket back to how they were
description:
  - What was overwritten or deleted since a moment is copied from the version of then, as a new version. Nothing is
    lost that way, and the bucket's notifications tell of it as of an upload.
  - Files that came later stay, unless O(purge=true).
  - M(amazon.aws.s3_object) copies one version that one has to know already.
  - S3 copies files of up to 5 GiB this way, and remembers times to the second.
author:
  - The threetier.aws authors (!UNKNOWN)
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
attributes:
  check_mode:
    description: Can run in C(check_mode) and return changed status without modifying the target.
    support: full
  diff_mode:
    description: Says the version of each file before and the version that it gets the contents of.
    support: full
options:
  bucket:
    description: The name of the bucket.
    type: str
    required: true
  at:
    description: The moment, as in V(2026-11-21T08:00:00Z).
    type: str
    required: true
  prefix:
    description: Only files whose names begin with it.
    type: str
    default: ""
  purge:
    description: Whether to delete files that were not there at that moment. Their versions are kept.
    type: bool
    default: false
"""

EXAMPLES = r"""
- name: Undo what happened to the reports since this morning
  threetier.aws.s3_object_versions:
    bucket: demo-app-backend-s3-bucket-123456789012
    prefix: reports/
    at: "2026-11-21T06:00:00Z"
"""

RETURN = r"""
restored:
  description: The files that were brought back.
  type: list
  elements: str
  returned: always
  sample: [reports/october.pdf]
deleted:
  description: The files that were not there then.
  type: list
  elements: str
  returned: always
  sample: []
"""

from typing import Any

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

from ansible_collections.threetier.aws.plugins.module_utils import _errors
from ansible_collections.threetier.aws.plugins.module_utils._s3 import object_versions


def run(module: AnsibleAWSModule) -> dict[str, Any]:
    params = module.params
    at = object_versions.moment(params["at"])
    client, bucket = module.client("s3"), params["bucket"]
    plan = object_versions.plan(object_versions.versions(client, bucket, params["prefix"]), at, params["purge"])
    if not module.check_mode:
        for key, version in plan.copies.items():
            object_versions.copy(client, bucket, key, version)
        for key in plan.deletions:
            object_versions.delete(client, bucket, key)
    return dict(
        changed=bool(plan.copies or plan.deletions),
        restored=sorted(plan.copies),
        deleted=plan.deletions,
        diff=dict(before=plan.before, after=plan.after),
    )


def main() -> None:
    module = AnsibleAWSModule(
        argument_spec=dict(
            bucket=dict(required=True),
            at=dict(required=True),
            prefix=dict(default=""),
            purge=dict(type="bool", default=False),
        ),
        supports_check_mode=True,
    )
    _errors.finish(module, run)


if __name__ == "__main__":
    main()
