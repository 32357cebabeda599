# -*- coding: utf-8 -*-
# Copyright: Contributors to threetier.aws
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
"""
Pure: the rules of a security group, each in words such as C(tcp 443 from 0.0.0.0/0).

M(amazon.aws.ec2_security_group) shows of a rule with several ports the last one only, so its diff is not read: its
options are held against the group that it returns.
"""

from __future__ import annotations

from typing import Any

_DIRECTIONS = (
    ("ingress", "from", "rules", "ip_permissions"),
    ("egress", "to", "rules_egress", "ip_permissions_egress"),
)
_PEERS = ("cidr_ip", "cidr_ipv6", "ip_prefix", "group_name", "group_id")  # as the module's options name them
_RANGES = (("ip_ranges", "cidr_ip"), ("ipv6_ranges", "cidr_ipv6"), ("prefix_list_ids", "prefix_list_id"))


def rows(options: dict[str, Any], group: dict[str, Any], names: dict[str, str]) -> list[dict[str, Any]]:
    """
    One row for each rule that comes or goes.

    :param group: the group as AWS has it, in snake case; empty if it does not exist.
    :param names: by id the names of the groups that are known.
    """
    changes = []
    for direction, word, option, permissions in _DIRECTIONS:
        if options.get(option) is None:
            continue
        wanted = {f"{one} {word} {peer}" for rule in options[option] for one, peer in _of_option(rule, names)}
        found = {f"{one} {word} {peer}" for rule in group.get(permissions) or [] for one, peer in _of_aws(rule, names)}
        changes += [{"attribute": direction, "before": rule, "after": None} for rule in sorted(found - wanted)]
        changes += [{"attribute": direction, "before": None, "after": rule} for rule in sorted(wanted - found)]
    return changes


def _of_option(rule: dict[str, Any], names: dict[str, str]) -> list[tuple[str, str]]:
    """A rule as the module takes it: protocol and port, and the other side; one pair for each port and side."""
    protocol = str(rule.get("proto", "tcp"))
    ports = _listed(rule.get("ports"))
    if not ports and rule.get("from_port") is not None:
        ports = [_span(rule["from_port"], rule.get("to_port"))]
    peers = [names.get(str(peer), str(peer)) for option in _PEERS for peer in _listed(rule.get(option))]
    return [(_traffic(protocol, str(port)), peer) for port in ports or [""] for peer in peers]


def _of_aws(rule: dict[str, Any], names: dict[str, str]) -> list[tuple[str, str]]:
    ports = "" if rule.get("from_port") is None else _span(rule["from_port"], rule.get("to_port"))
    peers = [str(one[key]) for ranges, key in _RANGES for one in rule.get(ranges) or []]
    peers += [
        names.get(pair["group_id"], pair.get("group_name") or pair["group_id"])
        for pair in rule.get("user_id_group_pairs") or []
    ]
    return [(_traffic(str(rule["ip_protocol"]), ports), peer) for peer in peers]


def _traffic(protocol: str, ports: str) -> str:
    return "everything" if protocol in ("-1", "all") else " ".join(word for word in (protocol, ports) if word)


def _span(first: object, last: object) -> str:
    return str(first) if last is None or str(first) == str(last) else f"{first}-{last}"


def _listed(value: object) -> list[Any]:
    """The module takes one port, network or group, or a list of them, whose elements may be lists."""
    if value is None:
        return []
    if not isinstance(value, (list, tuple)):
        return [value]
    return [one for part in value for one in _listed(part)]
