# -*- coding: utf-8 -*-
# Copyright: Contributors to threetier.aws
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
"""The network: routes and openings as they are and as they are wanted. Pure. Private to this collection."""

from __future__ import annotations

from typing import Any
from typing import Iterator
from typing import Sequence

from ansible_collections.threetier.aws.plugins.module_utils import _findings
from ansible_collections.threetier.aws.plugins.module_utils import _network_acls
from ansible_collections.threetier.aws.plugins.module_utils._findings import bad
from ansible_collections.threetier.aws.plugins.module_utils._findings import either
from ansible_collections.threetier.aws.plugins.module_utils._findings import good
from ansible_collections.threetier.aws.plugins.module_utils._findings import unknown

ORDER = 10
PLACES = ("network", "security group", "network ACL")
_AGAIN = "Run playbooks/network.yml."
_ALL = [[100, "all", "allow", _network_acls.ANYWHERE]]
_DEFAULT_ACL = {"name": "", "ingress": _ALL, "egress": _ALL}  # of a VPC, as AWS makes it


def findings(
    seen: dict[str, Any],
    stack: str,
    groups: list[dict[str, Any]],
    acls: list[dict[str, Any]],
    endpoints: Sequence[dict[str, Any]] = (),
) -> list[_findings.Finding]:
    """
    :param seen: results of the tasks that looked, by what they looked at.
    :param groups: the security groups as they are wanted, in the words of the stock module.
    :param acls: the network ACLs likewise. Without any, the VPC's default one is wanted as AWS makes it.
    :param endpoints: names and services of the gateway endpoints that are wanted.
    """
    for what in ("vpc", "tables", "gateways", "security_groups", "subnets", "network_acls"):
        if problem := _findings.unseen(seen[what]):
            return [unknown("network", stack, f"It could not be looked at: {problem}")]
    if not seen["vpc"].get("vpcs"):
        return [bad("network", f"{stack}-vpc", "There is no VPC.", _AGAIN)]
    return [
        good("network", f"{stack}-vpc", "It is there."),
        *_routes(seen["tables"]["route_tables"], seen["gateways"]["result"], stack),
        *_endpoints(seen, endpoints),
        *_openings(seen, groups),
        *_acls(seen["subnets"]["subnets"], seen["network_acls"]["nacls"], acls),
    ]


def _routes(tables: list[dict[str, Any]], gateways: list[dict[str, Any]], stack: str) -> Iterator[dict[str, Any]]:
    alive = {one["nat_gateway_id"] for one in gateways if one["state"] == "available"}
    if not tables:
        yield bad("network", f"{stack}-rt", "There are no route tables: nothing reaches the internet or AWS.", _AGAIN)
    for table in tables:
        name = (table.get("tags") or {}).get("Name", table["id"])
        out = [one for one in table["routes"] if one.get("destination_cidr_block") == "0.0.0.0/0"]
        if not out:
            yield bad("network", name, "Its subnets have no way out: no default route.", _AGAIN)
            continue
        nat = out[0].get("nat_gateway_id")
        dead = out[0].get("state") == "blackhole" or (nat and nat not in alive)
        gone = f"Its default route leads to {nat or out[0].get('gateway_id')}, which is gone."
        yield either(not dead, "network", name, "Its subnets have a way out.", gone, _AGAIN)


def _endpoints(seen: dict[str, Any], wanted: Sequence[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Without an endpoint all goes on, and the NAT gateway charges for it."""
    if wanted and (problem := _findings.unseen(seen["vpc_endpoints"])):
        yield unknown("network", wanted[0]["name"], f"It could not be looked at: {problem}")
        return
    for one in wanted:
        there = [found for found in seen["vpc_endpoints"]["vpc_endpoints"]
                 if found["service_name"] == one["service"] and found["state"] == "available"]  # fmt: skip
        if not there:
            yield bad(
                "network", one["name"], "There is no such gateway endpoint: traffic takes the NAT gateway.", _AGAIN
            )
            continue
        tables = seen["tables"]["route_tables"]
        without = [table for table in tables if table["id"] not in there[0]["route_table_ids"]]
        names = ", ".join(sorted((table.get("tags") or {}).get("Name", table["id"]) for table in without))
        says = f"No route of {names} leads to it."
        yield either(not without, "network", one["name"], "All route tables lead to it.", says, _AGAIN)


def _openings(seen: dict[str, Any], wanted: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    found = seen["security_groups"]["security_groups"]
    lists = (seen.get("prefix_lists") or {}).get("prefix_lists") or []
    ids = {group["group_name"]: group["group_id"] for group in found}
    ids |= {one["prefix_list_name"]: one["prefix_list_id"] for one in lists}
    by_name = {group["group_name"]: group for group in found}
    for group in wanted:
        name = group["name"]
        if name not in by_name:
            yield bad("security group", name, "There is no such group.", _AGAIN)
            continue
        for way, key in (("in", "ip_permissions"), ("out", "ip_permissions_egress")):
            there = set(_pairs(by_name[name][key]))
            for rule in group["rules" if way == "in" else "rules_egress"]:
                prefixes = rule.get("ip_prefix")
                if prefixes and prefixes not in ids:
                    why = _findings.unseen(seen["prefix_lists"]) or "this region has none"
                    yield unknown("security group", f"{prefixes} to {name}", f"The list could not be found: {why}")
                    continue
                yield from _opening(name, way, rule, there, ids)
                if prefixes:
                    yield from _others(name, there, ids[prefixes])


def _others(name: str, there: set[Any], peer: str) -> Iterator[dict[str, Any]]:
    """Who may come in beside the one list of addresses that may."""
    more = sorted({str(one[3]) for one in there} - {peer})
    says = f"It lets in {', '.join(more)}, and not CloudFront alone."
    yield either(not more, "security group", f"{name}, others in", "It lets in nobody else.", says,
                 "Run playbooks/cdn.yml.")  # fmt: skip


def _acls(
    subnets: list[dict[str, Any]], found: list[dict[str, Any]], wanted: list[dict[str, Any]]
) -> Iterator[dict[str, Any]]:
    acl_of = {subnet_id: acl for acl in found for subnet_id in acl["subnets"]}
    wish_of = {name: acl for acl in wanted for name in acl["subnets"]}
    said: set[tuple[str, str]] = set()
    for subnet in sorted(subnets, key=lambda one: str((one.get("tags") or {}).get("Name", ""))):
        name = (subnet.get("tags") or {}).get("Name", subnet["subnet_id"])
        acl, wish = acl_of.get(subnet["subnet_id"]), wish_of.get(name, _DEFAULT_ACL)
        if acl is None:
            continue  # the API of AWS always names one
        label = (acl.get("tags") or {}).get("Name", acl["nacl_id"])
        if wish is not _DEFAULT_ACL and label != wish["name"]:
            yield bad("network ACL", name, f"Its network ACL is {label}, not {wish['name']}.", _AGAIN)
        elif (acl["nacl_id"], wish["name"]) not in said:
            said.add((acl["nacl_id"], wish["name"]))
            differs = [*_differences(acl, wish, "ingress"), *_differences(acl, wish, "egress")]
            mend = _AGAIN if wish is not _DEFAULT_ACL else f"Put back the rules of {label} by hand."
            yield either(not differs, "network ACL", label, "Its rules are as they are to be.", " ".join(differs), mend)


def _differences(acl: dict[str, Any], wish: dict[str, Any], way: str) -> Iterator[str]:
    there, wanted = (_network_acls.rules(one[way], egress=way == "egress") for one in (acl, wish))
    yield from (f"It has the rule {rule}, which nobody has chosen." for rule in there if rule not in wanted)
    yield from (f"It lacks the rule {rule}." for rule in wanted if rule not in there)


def _opening(
    name: str, way: str, rule: dict[str, Any], there: set[Any], ids: dict[str, str]
) -> Iterator[dict[str, Any]]:
    ports = rule["ports"] if isinstance(rule["ports"], list) else [rule["ports"]]
    others: Any = rule.get("group_name") or rule.get("cidr_ip") or rule.get("ip_prefix")
    for other in others if isinstance(others, list) else [others]:
        peer = str(ids.get(other, other))
        for port in ports:
            pair = f"{other} to {name}" if way == "in" else f"{name} to {other}"
            yield either(
                any(_covers(one, peer, int(port)) for one in there),
                "security group",
                f"{pair}, port {port}, {way}bound".replace("inbound", "in").replace("outbound", "out"),
                "It is open.",
                f"{name} lets nothing {'in from' if way == 'in' else 'out to'} {other} on port {port}.",
                _AGAIN,
            )


def _pairs(permissions: list[dict[str, Any]]) -> Iterator[tuple[Any, ...]]:
    for one in permissions:
        begin, end = one.get("from_port"), one.get("to_port")
        peers = [pair.get("group_id") for pair in one.get("user_id_group_pairs") or []]
        peers += [entry.get("cidr_ip") for entry in one.get("ip_ranges") or []]
        peers += [entry.get("prefix_list_id") for entry in one.get("prefix_list_ids") or []]
        for peer in peers:
            yield str(one.get("ip_protocol")), begin, end, peer


def _covers(one: tuple[Any, ...], peer: str, port: int) -> bool:
    protocol, begin, end, who = one
    if who != peer:
        return False
    return protocol == "-1" or (protocol in ("tcp", "6") and begin is not None and begin <= port <= end)
