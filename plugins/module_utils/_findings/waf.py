# -*- coding: utf-8 -*-
# Copyright: Contributors to threetier.aws
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
"""The firewall: whether requests pass it, whether it blocks, and what it has done of late. Pure. Private."""

from __future__ import annotations

from typing import Any

from ansible_collections.threetier.aws.plugins.module_utils import _findings
from ansible_collections.threetier.aws.plugins.module_utils._findings import bad
from ansible_collections.threetier.aws.plugins.module_utils._findings import either
from ansible_collections.threetier.aws.plugins.module_utils._findings import unknown

ORDER = 27
# A place has a line of its own in the text, with what its one finding says: the two web ACLs are places apart.
PLACES = ("edge firewall", "firewall", "firewall list", "firewall log")
_AGAIN = "Run playbooks/waf.yml."
_AT_EDGE = "Run playbooks/cdn.yml."
_SHOWN = 3  # samples that the text has room for


def findings(seen: dict[str, Any], mode: str) -> list[_findings.Finding]:
    """
    :param seen: `acls`, results of wafv2_web_acl_activity_info; `sets`, of wafv2_ip_set_info, each with the set as it
        shall be; `logs`, of wafv2_logging_configuration in check mode.
    :param mode: off, count or block.
    """
    if mode == "off":
        return []
    return [
        *(finding for look in seen["acls"] for finding in _acl(look, mode)),
        *(_set(look) for look in seen["sets"]),
        *(_log(look) for look in seen["logs"]),
    ]


def _acl(look: dict[str, Any], mode: str) -> list[_findings.Finding]:
    name, regional = f"{look['item']['prefix']}-web-acl", look["item"]["scope"] == "REGIONAL"
    place = "firewall" if regional else "edge firewall"
    if problem := _findings.unseen(look):
        return [unknown(place, name, f"It could not be looked at: {problem}")]
    if not look["web_acl"]:
        return [bad(place, name, "There is no such web ACL: every request is let through.", _AGAIN)]
    where, mend = ("load balancer", _AGAIN) if regional else ("distribution", _AT_EDGE)
    counting = sorted(rule["Name"] for rule in look["web_acl"]["Rules"] if _only_counts(rule))
    found = [
        either(look["resources"], place, name, _told(look, mode),
               f"It is on no {where}: every request is let through.", mend)
    ]  # fmt: skip
    if counting and mode == "block":
        says = f"{', '.join(counting)} only counts what it should block."
        found.append(bad(place, f"{name} rules", says, _AGAIN))
    return found


def _only_counts(rule: dict[str, Any]) -> bool:
    return "Count" in (rule.get("OverrideAction") or rule.get("Action") or {})


def _told(look: dict[str, Any], mode: str) -> str:
    """What it has done of late."""
    sums = look["requests"]
    counts = f"{sums.get('blocked', 0)} blocked, {sums.get('counted', 0)} counted, {sums.get('allowed', 0)} allowed"
    does = "It blocks" if mode == "block" else "It counts and blocks nothing"
    samples = [one for one in look["samples"] if one["action"] != "ALLOW"][:_SHOWN]
    shown = "; ".join(f"{one['rule']} from {one['client_ip']}: {one['method']} {one['uri'][:60]}" for one in samples)
    return f"{does}. Within the last hour: {counts}.{f' Of late: {shown}' if shown else ''}"


def _set(look: dict[str, Any]) -> _findings.Finding:
    wanted = look["item"][1]
    if problem := _findings.unseen(look):
        return unknown("firewall list", wanted["name"], f"It could not be looked at: {problem}")
    missing = sorted({*wanted["addresses"]} - {*look.get("addresses", [])})
    surplus = sorted({*look.get("addresses", [])} - {*wanted["addresses"]})
    said = [f"It lacks {', '.join(missing)}."] if missing else []
    said += [f"It has {', '.join(surplus)}, which is not chosen."] if surplus else []
    return either(
        not said, "firewall list", wanted["name"], "It has the networks that are chosen.", " ".join(said), _AGAIN
    )


def _log(look: dict[str, Any]) -> _findings.Finding:
    name = f"aws-waf-logs-{look['item']['item']['prefix']}-web-acl"
    if problem := _findings.unseen(look):
        return unknown("firewall log", name, f"It could not be looked at: {problem}")
    if not look["diff"]["before"]:
        return bad("firewall log", name, "Nothing is logged of what is blocked and counted.", _AGAIN)
    same = look["diff"]["before"] == look["diff"]["after"]
    return either(same, "firewall log", name, "What is blocked and counted is logged.",
                  "It is logged elsewhere, or other requests are.", _AGAIN)  # fmt: skip
