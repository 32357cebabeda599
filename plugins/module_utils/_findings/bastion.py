# -*- coding: utf-8 -*-
# Copyright: Contributors to threetier.aws
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
"""The bastion: whether it is there and lets one in. Pure. Private to this collection."""

from __future__ import annotations

from typing import Any

from ansible_collections.threetier.aws.plugins.module_utils import _findings
from ansible_collections.threetier.aws.plugins.module_utils._findings import bad
from ansible_collections.threetier.aws.plugins.module_utils._findings import either
from ansible_collections.threetier.aws.plugins.module_utils._findings import unknown

ORDER = 20
PLACES = ("bastion",)


def findings(seen: dict[str, Any], name: str) -> list[_findings.Finding]:
    if problem := _findings.unseen(seen["instances"]):
        return [unknown("bastion", name, f"It could not be looked at: {problem}")]
    found = seen["instances"].get("instances") or []
    again = "Run playbooks/bastion.yml."
    if len(found) != 1:
        return [bad("bastion", name, f"There are {len(found)} of it, not one: nobody reaches the instances.", again)]
    state = found[0]["state"]["name"]
    if state != "running":
        start = f"aws ec2 start-instances --instance-ids {found[0]['instance_id']}"
        return [bad("bastion", name, f"It is {state}: nobody reaches the instances.",
                    start if state in ("stopped", "stopping") else again)]  # fmt: skip
    address = found[0].get("public_ip_address")
    answers = either(
        (seen.get("port") or {}).get("state") == "started",
        "bastion",
        name,
        f"{address} answers on port 22.",
        f"{address} does not answer on port 22. Is this machine among threetier_admin_cidrs?",
        "Run playbooks/network.yml with your network in threetier_admin_cidrs, or reboot it.",
    )
    return [dict(answers, address=address or "")]
