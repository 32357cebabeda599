# -*- coding: utf-8 -*-
# Copyright: Contributors to threetier.aws
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
"""The report of each day: who calls for it, and whether it is made. Pure. Private to this collection."""

from __future__ import annotations

from typing import Any

from ansible_collections.threetier.aws.plugins.module_utils import _findings
from ansible_collections.threetier.aws.plugins.module_utils._findings import bad
from ansible_collections.threetier.aws.plugins.module_utils._findings import either
from ansible_collections.threetier.aws.plugins.module_utils._findings import unknown

ORDER = 70
PLACES = ("report schedule", "report API", "report function", "report errors", "report dead letters")
_AGAIN = "Run playbooks/functions.yml."


def findings(seen: dict[str, Any], names: dict[str, str]) -> list[_findings.Finding]:
    """
    :param seen: results of the tasks that looked, by what they looked at; empty where there should be no functions.
    :param names: the names and ARNs that follow from the stack's.
    """
    if not seen:
        return []
    return [
        *_schedule(seen["schedule"], names),
        *_api(seen["api"], names),
        *_function(seen, names),
        _findings.errors("report errors", names["function"], seen["errors"]),
        _findings.dead_letters(
            "report dead letters", names["queue"], seen["queue"], "Reports that could not be made", _AGAIN
        ),
    ]


def _schedule(result: dict[str, Any], names: dict[str, str]) -> list[_findings.Finding]:
    name = names["schedule"]
    if problem := _findings.unseen(result):
        return [unknown("report schedule", name, f"It could not be looked at: {problem}")]
    found = (result.get("diff") or {}).get("before") or {}
    if not found:
        return [bad("report schedule", name, "There is no such schedule: no report is made.", _AGAIN)]
    when = f"{found['schedule_expression']} {found['schedule_expression_timezone']}"
    return [
        either(found["enabled"], "report schedule", name, f"It fires by {when}.",
               "It is disabled: no report is made.", _AGAIN),
        either(found["target_arn"] == names["function_arn"], "report schedule", f"{name} target",
               "It calls the function.", f"It calls {found['target_arn']}, not {names['function']}.", _AGAIN),
        either(found["dead_letter_arn"] == names["queue_arn"], "report schedule", f"{name} dead letters",
               "What it cannot deliver is kept.", "What it cannot deliver is lost.", _AGAIN),
    ]  # fmt: skip


def _api(result: dict[str, Any], names: dict[str, str]) -> list[_findings.Finding]:
    name = names["api"]
    if problem := _findings.unseen(result):
        return [unknown("report API", name, f"It could not be looked at: {problem}")]
    found = (result.get("diff") or {}).get("before") or {}
    if not found:
        return [bad("report API", name, "There is no such API: nobody can ask for a report.", _AGAIN)]
    route = found["routes"].get(names["route"], {})
    leads = route.get("function_arn") == names["function_arn"]
    closed = all(one["authorization_type"] == "AWS_IAM" for one in found["routes"].values())
    return [
        either(leads and found["stage"], "report API", name, "It hands requests to the function.",
               f"Its route {names['route']} does not lead to the function." if found["stage"] else
               "It has no stage: it answers 404.", _AGAIN),
        either(closed, "report API", f"{name} callers", "It asks for a signature.",
               "It has a route that everybody may call.", _AGAIN),
    ]  # fmt: skip


def _function(seen: dict[str, Any], names: dict[str, str]) -> list[_findings.Finding]:
    result, name = seen["function"], names["function"]
    if problem := _findings.unseen(result):
        return [unknown("report function", name, f"It could not be looked at: {problem}")]
    found: dict[str, Any] = next(iter(result.get("functions") or []), {})
    if not found.get("function_arn"):
        return [bad("report function", name, "There is no such function.", _AGAIN)]
    state, update = found.get("state") or "Active", found.get("last_update_status") or "Successful"
    runs = state in ("Active", "Inactive") and update != "Failed"
    source = {"aws:sourcearn": names["api_source"].replace("API", (seen["api"].get("api") or {}).get("id", ""))}
    may = _findings.allows(found.get("policy"), "apigateway.amazonaws.com", "lambda:InvokeFunction", source)
    groups = (found.get("vpc_config") or {}).get("security_group_ids") or []
    return [
        either(runs, "report function", name, "It can be called.", f"It is {state}, its last update {update}: "
               f"{found.get('state_reason') or found.get('last_update_status_reason') or 'no reason given'}.", _AGAIN),
        either(may, "report function", f"{name} permission", "The API may call it.",
               "Its policy does not let the API call it: requests are answered 500.", _AGAIN),
        either(groups, "report function", f"{name} network", "It stands in the VPC.",
               "It stands in no VPC, so it does not reach the database.", _AGAIN),
    ]  # fmt: skip
