#!/usr/bin/python
# -*- coding: utf-8 -*-
# Copyright: Contributors to threetier.aws
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: route53_records
version_added: 0.2.0
short_description: Keep those records of a hosted zone that have a certain owner
description:
  - Makes, changes and deletes records in Route 53, all in one change, and never touches those of others.
  - Records have no tags. So a TXT record beside each, such as C(_threetier-a.api.example.com), holds its owner's tags.
  - A record of another owner, or of none, at a name that is asked for is refused before anything is changed. If it
    leads where the new one would, it stays theirs and is left alone.
  - M(amazon.aws.route53) replaces and deletes a record whoever made it.
author:
  - The threetier.aws authors (!UNKNOWN)
extends_documentation_fragment:
  - threetier.aws.attributes
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
options:
  zone:
    description: The zone's name.
    type: str
    required: true
  hosted_zone_id:
    description: The zone's id. Empty in check mode for a zone that is not there yet.
    type: str
    required: true
  owner:
    description: The owner's tags. A record is the owner's if it is marked with all of them.
    type: dict
    required: true
  records:
    description: The records of the owner.
    type: list
    elements: dict
    required: true
    suboptions:
      name:
        description: The name, which may be a wildcard.
        type: str
        required: true
      type:
        description: The type.
        type: str
        choices: [A, AAAA, CAA, CNAME, MX, SRV, TXT]
        required: true
      value:
        description: The values; of an alias the one name that it leads to. Needed if O(state=present).
        type: list
        elements: str
        default: []
      ttl:
        description: For how many seconds resolvers keep it. An alias has that of its target.
        type: int
        default: 300
      alias_hosted_zone_id:
        description: The hosted zone of the target, such as a load balancer's. With it the record is an alias.
        type: str
        default: ""
      alias_evaluate_target_health:
        description: Whether an alias answers only while its target is healthy.
        type: bool
        default: false
  state:
    description:
      - With V(present) the owner has these records and no others in the zone.
      - With V(absent) these records are deleted as far as they are the owner's, whatever they lead to.
    type: str
    choices: [present, absent]
    default: present
"""

EXAMPLES = r"""
- name: Lead the API's name to the load balancer
  threetier.aws.route53_records:
    zone: example.com
    hosted_zone_id: Z0123456789ABCDEFGHIJ
    owner:
      Stack: demo-app
      Role: webapp
    records:
      - name: api.example.com
        type: A
        value: [demo-app-alb-123456789.us-east-1.elb.amazonaws.com]
        alias_hosted_zone_id: Z35SXDOTRQ7X7K
        alias_evaluate_target_health: true

- name: Delete it
  threetier.aws.route53_records:
    zone: example.com
    hosted_zone_id: Z0123456789ABCDEFGHIJ
    owner:
      Stack: demo-app
      Role: webapp
    records:
      - {name: api.example.com, type: A}
    state: absent
"""

RETURN = r"""
records:
  description: The owner's records, by type and name, with what they lead to.
  type: dict
  returned: always
  sample: {A api.example.com: "alias demo-app-alb-123456789.us-east-1.elb.amazonaws.com, if it is healthy"}
"""

from typing import Any

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

from ansible_collections.threetier.aws.plugins.module_utils import _errors
from ansible_collections.threetier.aws.plugins.module_utils._route53 import records


def run(module: AnsibleAWSModule) -> dict[str, Any]:
    params = module.params
    client, zone_id, owner = module.client("route53"), params["hosted_zone_id"], params["owner"]
    found = records.listed(client, zone_id) if zone_id else []
    asked = [records.wanted(one) for one in params["records"]]
    if params["state"] == "present":
        if problems := records.problems(found, asked, owner):
            module.fail_json(msg=f"{' '.join(problems)} Nothing in {params['zone']} has been changed.")
        changes = records.changes_for(found, asked, owner)
    else:
        there, whose = {records.key_of(one): one for one in found}, records.owners(found)
        gone = [key for key in map(records.key_of, asked) if records.is_of(whose, key, owner)]
        changes = [change for key in gone for change in records.deletions(there, key)]
    before = describe(found, owner)
    if changes and not module.check_mode:
        records.change(client, zone_id, changes)
    after = describe(after_changes(found, changes), owner)
    return dict(changed=bool(changes), records=after, diff=dict(before=before, after=after))


def after_changes(found: list[records.Record], changes: list[dict[str, Any]]) -> list[records.Record]:
    there = {records.key_of(one): one for one in found}
    for one in changes:
        key = records.key_of(one["ResourceRecordSet"])
        if one["Action"] == "DELETE":
            del there[key]
        else:
            there[key] = one["ResourceRecordSet"]
    return list(there.values())


def describe(found: list[records.Record], owner: dict[str, str]) -> dict[str, str]:
    there = {records.key_of(one): one for one in found}
    whose = records.owners(found)
    ours = sorted(key for key in whose if records.is_of(whose, key, owner))
    return {f"{kind} {name}": _text(there.get((name, kind))) for name, kind in ours}


def _text(record: records.Record | None) -> str:
    return records.text_of(record) if record else "nothing, although it is marked"


def main() -> None:
    record = dict(
        name=dict(required=True),
        type=dict(required=True, choices=["A", "AAAA", "CAA", "CNAME", "MX", "SRV", "TXT"]),
        value=dict(type="list", elements="str", default=[]),
        ttl=dict(type="int", default=300),
        alias_hosted_zone_id=dict(default=""),
        alias_evaluate_target_health=dict(type="bool", default=False),
    )
    module = AnsibleAWSModule(
        argument_spec=dict(
            zone=dict(required=True),
            hosted_zone_id=dict(required=True),
            owner=dict(type="dict", required=True),
            records=dict(type="list", elements="dict", required=True, options=record),
            state=dict(choices=["present", "absent"], default="present"),
        ),
        supports_check_mode=True,
    )
    params = module.params
    if params["state"] == "present" and not all(one["value"] for one in params["records"]):
        module.fail_json(msg="A record has no value. With state present each takes one.")
    if not params["hosted_zone_id"] and not module.check_mode:
        module.fail_json(msg="hosted_zone_id is empty. Only in check mode may the zone be missing.")
    _errors.finish(module, run)


if __name__ == "__main__":
    main()
