"""Prefix lists that AWS manages: under which addresses its services are seen here, and what they weigh in a group."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from moto.ec2.exceptions import EC2ClientError
from moto.ec2.models.managed_prefixes import ManagedPrefixList
from moto.ec2.models.security_groups import SecurityGroup, SecurityGroupBackend, SecurityGroupRule

from ... import config
from ...monkeypatch import wrap

CLOUDFRONT = "com.amazonaws.global.cloudfront.origin-facing"
_WEIGHTS = {CLOUDFRONT: 55}  # rules for which a list counts in a group; another list counts for its largest size
_MOST_RULES = 60  # of one direction in a group, AWS's default


def cidrs(backend: Any, list_ids: Iterable[str]) -> set[str]:
    """The IPv4 networks of prefix lists; a list that is gone has none."""
    found = [backend.managed_prefix_lists.get(list_id) for list_id in list_ids]
    lists = [one for one in found if one is not None and one.address_family == "IPv4" and one.entries]
    return {entry["Cidr"] for one in lists for entry in list(one.entries.values())[-1]}


def _address(name: str) -> str | None:
    """Under which address the service of a list of AWS's answers here; None if it has none of its own."""
    if name == CLOUDFRONT:
        return config.EDGE_ADDRESS
    return config.SERVICE_ADDRESSES.get(name.rpartition(".")[2])  # com.amazonaws.<region>.s3


def stand_where_the_service_stands_here(_original: Any) -> property:
    """moto has AWS's own addresses, which are nobody's here."""

    def get(self: ManagedPrefixList) -> dict[int, list[dict[str, str]]]:
        address = _address(str(self.prefix_list_name)) if self.owner_id == "AWS" else None
        return {1: [{"Cidr": f"{address}/32"}]} if address else self.__dict__["entries"]

    def put(self: ManagedPrefixList, entries: dict[int, list[dict[str, str]]]) -> None:
        self.__dict__["entries"] = entries

    return property(get, put)


def take_only_lists_that_are_there_and_fit(original: Any) -> Any:
    """moto takes any id, and counts no list; the list of CloudFront fits once into a group, as people learn on AWS."""

    def authorize(self: Any, *args: Any, **kwargs: Any) -> Any:
        for given in kwargs.get("prefix_list_ids") or []:
            if given["PrefixListId"] not in self.managed_prefix_lists:
                message = f"The prefix list ID '{given['PrefixListId']}' does not exist"
                raise EC2ClientError("InvalidPrefixListID.NotFound", message)
        added, group = original(self, *args, **kwargs)
        rules = group.egress_rules if added and added[0].is_egress else group.ingress_rules
        if any(rule.prefix_list_id for rule in added) and sum(map(_weight, rules)) > _MOST_RULES:
            for rule in added:
                rules.remove(rule)
            message = "The maximum number of rules per security group has been reached."
            raise EC2ClientError("RulesPerSecurityGroupLimitExceeded", message)
        return added, group

    return authorize


def keep_description(original: Any) -> Any:
    """moto keeps the description of a rule with its network, which a rule with a prefix list has not got."""

    def __init__(self: SecurityGroupRule, *args: Any, **kwargs: Any) -> None:
        original(self, *args, **kwargs)
        given = kwargs.get("prefix_list_id") or (args[7] if len(args) > 7 else None)
        if given and given.get("Description"):
            self.ip_range = {"Description": given["Description"]}

    return __init__


def show_description(original: Any) -> Any:
    def _flattened_rules(self: SecurityGroup, rules: list[SecurityGroupRule]) -> list[Any]:
        views: list[Any] = original(self, rules)
        said = {(_ports(rule), rule.prefix_list_id): rule.description for rule in rules if rule.description}
        for view in views:
            for entry in view.prefix_list_ids:
                if words := said.get((_ports(view), entry["PrefixListId"])):
                    entry["Description"] = words
        return views

    return _flattened_rules


def _ports(rule: Any) -> tuple[Any, ...]:
    return rule.ip_protocol, rule.from_port, rule.to_port


def _weight(rule: Any) -> int:
    if rule.prefix_list_id is None:
        return 1
    known = rule.ec2_backend.managed_prefix_lists[rule.prefix_list_id]
    return _WEIGHTS.get(known.prefix_list_name, int(known.max_entries or 1))


def install(_machines: bool) -> None:
    wrap(ManagedPrefixList, "entries", stand_where_the_service_stands_here)
    wrap(SecurityGroupRule, "__init__", keep_description)
    wrap(SecurityGroup, "_flattened_rules", show_description)
    wrap(SecurityGroupBackend, "authorize_security_group_ingress", take_only_lists_that_are_there_and_fit)
    wrap(SecurityGroupBackend, "authorize_security_group_egress", take_only_lists_that_are_there_and_fit)
