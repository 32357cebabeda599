# -*- coding: utf-8 -*-
# Copyright: Contributors to threetier.aws
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
"""Pure: the IP sets and the rules of a site's web ACL, as community.aws.wafv2_web_acl takes them. Private."""

from __future__ import annotations

from typing import Any

_WINDOW = 300  # seconds that requests are counted over
_COMMON = "AWSManagedRulesCommonRuleSet"
# Rules of AWS's that would refuse files. They only count; a rule of our own refuses what they have marked elsewhere.
_OF_FILES = {
    "SizeRestrictions_BODY": "SizeRestrictions_Body",
    "RestrictedExtensions_URIPATH": "RestrictedExtensions_URIPath",
    "RestrictedExtensions_QUERYARGUMENTS": "RestrictedExtensions_QueryArguments",
}


def ip_sets(prefix: str, allowed: list[str], blocked: list[str]) -> list[dict[str, Any]]:
    """
    The four sets that there may be, as a set is of one version; without addresses one is not wanted.

    :param prefix: of their names.
    :param allowed: networks in CIDR notation.
    :param blocked: the same.
    :returns: each with C(list) (allowed or blocked), C(name), C(version) and C(addresses).
    """
    return [
        {
            "list": kind,
            "name": f"{prefix}-{kind}-ipv{version}",
            "version": f"IPV{version}",
            "addresses": sorted({cidr for cidr in cidrs if (":" in cidr) == (version == 6)}),
        }
        for kind, cidrs in (("allowed", allowed), ("blocked", blocked))
        for version in (4, 6)
    ]


def rules(
    mode: str, sets: list[dict[str, Any]], rate_limit: int, groups: list[str], file_paths: str
) -> list[dict[str, Any]]:
    """
    The rules, the first one asked first.

    :param mode: block, or count for rules that block nothing.
    :param sets: IP sets, each with C(list) and C(arn).
    :param rate_limit: requests of an address in five minutes; 0 for no limit.
    :param groups: AWS's managed rule groups beside AWSManagedRulesCommonRuleSet.
    :param file_paths: a regular expression of paths at which files are sent, read and deleted.
    """
    action: dict[str, Any] = {"count": {}} if mode == "count" else {"block": {}}
    override: dict[str, Any] = {"count": {}} if mode == "count" else {"none": {}}
    rate = {"limit": rate_limit, "evaluation_window_sec": _WINDOW, "aggregate_key_type": "IP"}
    found = [
        *_of_sets("allowed", {"allow": {}}, sets),
        *_of_sets("blocked", action, sets),
        *([_rule("rate", {"rate_based_statement": rate}, action=action)] if rate_limit else []),
        _group(_COMMON, override, [{"name": name, "action_to_use": {"count": {}}} for name in _OF_FILES]),
        _rule("files", _elsewhere(file_paths), action=action),
        *(_group(name, override) for name in groups),
    ]
    return [{**rule, "priority": number} for number, rule in enumerate(found)]


def _rule(name: str, statement: dict[str, Any], **more: Any) -> dict[str, Any]:
    seen = {"sampled_requests_enabled": True, "cloud_watch_metrics_enabled": True, "metric_name": name}
    return {"name": name, "statement": statement, "visibility_config": seen, **more}


def _group(name: str, override: dict[str, Any], counted: list[dict[str, Any]] | None = None) -> dict[str, Any]:
    said = {"vendor_name": "AWS", "name": name, **({"rule_action_overrides": counted} if counted else {})}
    return _rule(name, {"managed_rule_group_statement": said}, override_action=override)


def _of_sets(kind: str, action: dict[str, Any], sets: list[dict[str, Any]]) -> list[dict[str, Any]]:
    asked = [{"ip_set_reference_statement": {"arn": one["arn"]}} for one in sets if one["list"] == kind]
    if not asked:
        return []
    return [_rule(kind, asked[0] if len(asked) == 1 else {"or_statement": {"statements": asked}}, action=action)]


def _elsewhere(file_paths: str) -> dict[str, Any]:
    """What AWS's rules have marked, but for the paths of files."""
    marks = [
        {"label_match_statement": {"scope": "LABEL", "key": f"awswaf:managed:aws:core-rule-set:{label}"}}
        for label in _OF_FILES.values()
    ]
    path = {
        "regex_string": file_paths,
        "field_to_match": {"uri_path": {}},
        "text_transformations": [{"priority": 0, "type": "NONE"}],
    }
    of_files = {"not_statement": {"statement": {"regex_match_statement": path}}}
    return {"and_statement": {"statements": [{"or_statement": {"statements": marks}}, of_files]}}
