# -*- coding: utf-8 -*-
# Copyright: Contributors to threetier.aws
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
"""The domain: whether its zone has the names, and the world asks that zone. Pure. Private to this collection."""

from __future__ import annotations

from typing import Any

from ansible_collections.threetier.aws.plugins.module_utils import _findings
from ansible_collections.threetier.aws.plugins.module_utils._findings import bad
from ansible_collections.threetier.aws.plugins.module_utils._findings import either
from ansible_collections.threetier.aws.plugins.module_utils._findings import good
from ansible_collections.threetier.aws.plugins.module_utils._findings import unknown

ORDER = 24
PLACES = ("zone", "record", "delegation", "health check")


def findings(seen: dict[str, Any], domain: str, names: list[str], asked: str = "") -> list[_findings.Finding]:
    """
    :param seen: `zone`, as route53_info describes it, empty if there is none; `records`, the stack's own as
        route53_records returns them; `resolved`, by name the result of a look for its address; `health`, what
        route53_info says that the health checkers saw.
    :param domain: the zone's name; empty if the stack has no domain.
    :param names: those that have to lead to the stack.
    :param asked: the name that a health check has to ask; empty for none.
    """
    if not domain:
        return []
    if problem := _findings.unseen(seen["zone"]):
        return [unknown("zone", domain, f"It could not be looked at: {problem}")]
    zone = seen["zone"].get("HostedZone") or {}
    if not zone:
        return [bad("zone", domain, "There is no public hosted zone of that name: nobody finds the API.",
                    "Run playbooks/site.yml.")]  # fmt: skip
    servers = ", ".join(seen["zone"]["DelegationSet"]["NameServers"])
    found = [good("zone", domain, f"It is there, at {servers}.")]
    if problem := _findings.unseen(seen["records"]):
        return [*found, unknown("record", domain, f"The records could not be looked at: {problem}")]
    found += [one for name in names for one in _name(name, seen, domain, servers)]
    return found + ([_health(asked, seen["health"])] if asked else [])


def _health(name: str, seen: dict[str, Any]) -> _findings.Finding:
    """Route 53 calls an endpoint healthy as long as more than 18 % of its checkers do."""
    if problem := _findings.unseen(seen):
        return unknown("health check", name, f"It could not be looked at: {problem}")
    if "health_check_observations" not in seen:
        return bad("health check", name, "There is none: nobody asks from outside.", "Run playbooks/dns.yml.")
    reports = [str(one["status_report"]["status"]) for one in seen["health_check_observations"]]
    failed = [report for report in reports if not report.startswith("Success")]
    if not reports:
        return unknown("health check", name, "No checker of Route 53 has asked yet.")
    return either(len(reports) - len(failed) > 0.18 * len(reports), "health check", name, "Route 53 reaches it.",
                  f"{len(failed)} of {len(reports)} checkers of Route 53 do not reach it: {(failed or [''])[0]}",
                  "The findings on the hops behind that name say where it ends.")  # fmt: skip


def _name(name: str, seen: dict[str, Any], domain: str, servers: str) -> list[_findings.Finding]:
    leads = (seen["records"].get("records") or {}).get(f"A {name}", "")
    there = leads.startswith("alias")
    record = either(there, "record", name, f"It is {leads}.", "The zone has no record of the stack for it.",
                    "Run playbooks/site.yml.")  # fmt: skip
    if not there:
        return [record]
    answers = (seen["resolved"].get(name) or {}).get("rc") == 0
    delegation = either(
        answers,
        "delegation",
        name,
        "This machine finds its address.",
        "The zone has it and this machine finds no address: the domain may lead to other name servers.",
        f"At the registrar, or in the zone above, {domain} has to have the name servers {servers}. It takes up to "
        "two days until a change is known everywhere.",
    )
    return [record, delegation]
