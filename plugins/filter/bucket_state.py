# -*- coding: utf-8 -*-
# Copyright: Contributors to threetier.aws
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

from ansible_collections.threetier.aws.plugins.module_utils import _desired_and_actual

DOCUMENTATION = r"""
name: bucket_state
author:
  - The threetier.aws authors (!UNKNOWN)
version_added: 0.2.0
short_description: Says what a bucket is in the words of the modules that make it so
description:
  - For M(threetier.aws.planned_change), as the stock modules of buckets have no check mode.
positional: _input
options:
  _input:
    description:
      - A bucket as M(amazon.aws.s3_bucket_info) returns it with its facts; an empty dictionary if it does not exist.
    type: dict
    required: true
"""

EXAMPLES = r"""
- name: Show whether a bucket is closed to the public
  ansible.builtin.debug:
    msg: "{{ (found['buckets'][0] | threetier.aws.bucket_state)['public_access'] }}"
"""

RETURN = r"""
_value:
  description: >-
    The keys C(public_access), C(object_ownership), C(encryption), C(versioning), C(policy), C(tags), C(website),
    C(noncurrent_version_expiration_days) and C(abort_incomplete_multipart_upload_days); none for no bucket.
  type: dict
"""


class FilterModule:
    """What a bucket is."""

    def filters(self):
        return {"bucket_state": _desired_and_actual.bucket}
