#!/usr/bin/python
# -*- coding: utf-8 -*-
# Copyright: Contributors to threetier.aws
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: cloudfront_invalidation
version_added: 0.2.0
short_description: Have CloudFront forget what has changed
description:
  - Has a distribution's edges forget what they keep of some paths, so that they ask the origin again.
  - With O(bucket) this is done once for each content of the bucket. The caller reference of an invalidation holds the
    digest of the objects, and the newest invalidation is the one that counts. So what a run that was cut off has left
    undone, the next one does, and a release that comes back is forgotten as well.
  - M(community.aws.cloudfront_invalidation) makes one in each run and has no check mode.
author:
  - The threetier.aws authors (!UNKNOWN)
extends_documentation_fragment:
  - threetier.aws.attributes
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
options:
  distribution_id:
    description: The distribution's id.
    type: str
    required: true
  paths:
    description:
      - The paths, each with a C(/) at its beginning. C(*) at the end of one stands for all that begin so.
      - Each path is counted, V(/*) as one. A thousand a month are free.
    type: list
    elements: str
    default: ["/*"]
  bucket:
    description:
      - The bucket that the paths lead to. Nothing is done if the newest invalidation was made for what is in it now.
      - Without it each run makes an invalidation.
    type: str
    default: ""
  wait:
    description: Whether to wait until all edges have forgotten, which takes AWS a minute or two.
    type: bool
    default: true
  wait_timeout:
    description: For how many seconds to wait at most.
    type: int
    default: 900
"""

EXAMPLES = r"""
- name: Show the new page everywhere
  threetier.aws.cloudfront_invalidation:
    distribution_id: EDFDVBD632BHDS5
    bucket: demo-app-page
"""

RETURN = r"""
invalidation:
  description: The invalidation that counts; in check mode the newest there is; empty if there is none.
  type: dict
  returned: always
  contains:
    id:
      description: The id.
      type: str
      sample: I2J0I21PCUYOIK
    status:
      description: V(Completed) once all edges have forgotten, V(InProgress) before.
      type: str
      sample: Completed
    paths:
      description: The paths.
      type: list
      elements: str
"""

from typing import Any

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

from ansible_collections.threetier.aws.plugins.module_utils import _errors
from ansible_collections.threetier.aws.plugins.module_utils._cloudfront import invalidations


def run(module: AnsibleAWSModule) -> dict[str, Any]:
    client, params = module.client("cloudfront"), module.params
    name, paths = params["distribution_id"], sorted(params["paths"])
    content = invalidations.digest(module.client("s3"), params["bucket"]) if params["bucket"] else ""
    found = invalidations.newest(client, name)
    changed = not content or _paths(found) != paths or not _reference(found).startswith(content)
    before = dict(forgotten=_paths(found), content=_reference(found)[:64]) if found else {}
    if not module.check_mode:
        if changed:
            found = invalidations.create(client, name, paths, content)
        if params["wait"]:
            found = invalidations.wait(client, name, found, params["wait_timeout"])
    diff = dict(before=before, after=dict(forgotten=paths, content=content or "anything") if changed else before)
    return dict(changed=changed, invalidation=_described(found), diff=diff)


def _reference(found: dict[str, Any]) -> str:
    return str(found["InvalidationBatch"]["CallerReference"]) if found else ""


def _paths(found: dict[str, Any]) -> list[str]:
    return sorted(found["InvalidationBatch"]["Paths"]["Items"]) if found else []


def _described(found: dict[str, Any]) -> dict[str, Any]:
    return dict(id=found["Id"], status=found["Status"], paths=_paths(found)) if found else {}


def main() -> None:
    module = AnsibleAWSModule(
        argument_spec=dict(
            distribution_id=dict(required=True),
            paths=dict(type="list", elements="str", default=["/*"]),
            bucket=dict(default=""),
            wait=dict(type="bool", default=True),
            wait_timeout=dict(type="int", default=900),
        ),
        supports_check_mode=True,
    )
    _errors.finish(module, run)


if __name__ == "__main__":
    main()
