# -*- coding: utf-8 -*-
# Copyright: Contributors to threetier.aws
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
"""Single inbound rules of security groups. Private to this collection."""

from __future__ import annotations

import dataclasses
from typing import Any

from ansible_collections.threetier.aws.plugins.module_utils import _calls

_MISSING = ("InvalidSecurityGroupRuleId.NotFound",)


@dataclasses.dataclass(frozen=True)
class Rule:
    """TCP traffic from the members of one group to one port of another's."""

    group_id: str
    source_group_id: str
    port: int

    def matches(self, found: dict[str, Any]) -> bool:
        return (
            not found["IsEgress"]
            and found["IpProtocol"] == "tcp"
            and found.get("FromPort") == found.get("ToPort") == self.port
            and found.get("ReferencedGroupInfo", {}).get("GroupId") == self.source_group_id
        )


@_calls.call("read the security group's rules")
def rule_ids(client: Any, rule: Rule) -> list[str]:
    pages = client.get_paginator("describe_security_group_rules").paginate(
        Filters=[{"Name": "group-id", "Values": [rule.group_id]}]
    )
    return [
        found["SecurityGroupRuleId"] for page in pages for found in page["SecurityGroupRules"] if rule.matches(found)
    ]


@_calls.call("open the security group")
def open_rule(client: Any, rule: Rule, description: str) -> list[str]:
    source = {"GroupId": rule.source_group_id}
    if description:
        source["Description"] = description
    made = client.authorize_security_group_ingress(
        GroupId=rule.group_id,
        IpPermissions=[{"IpProtocol": "tcp", "FromPort": rule.port, "ToPort": rule.port, "UserIdGroupPairs": [source]}],
    )
    return [one["SecurityGroupRuleId"] for one in made["SecurityGroupRules"]]


@_calls.delete("close the security group", missing=_MISSING)
def close_rules(client: Any, rule: Rule, ids: list[str]) -> None:
    client.revoke_security_group_ingress(GroupId=rule.group_id, SecurityGroupRuleIds=ids)
