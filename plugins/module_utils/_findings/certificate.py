# -*- coding: utf-8 -*-
# Copyright: Contributors to threetier.aws
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
"""Certificates: whether they are issued, and for how long they hold. Pure. Private to this collection."""

from __future__ import annotations

import datetime
from typing import Any

from ansible_collections.threetier.aws.plugins.module_utils import _findings
from ansible_collections.threetier.aws.plugins.module_utils._findings import bad
from ansible_collections.threetier.aws.plugins.module_utils._findings import good
from ansible_collections.threetier.aws.plugins.module_utils._findings import unknown

ORDER = 28
PLACES = ("certificate",)
_RENEWED = 45  # days before its end by which ACM, which begins 60 days before, has renewed a certificate
_AGAIN = "Run playbooks/certificate.yml, then playbooks/webapp.yml."


def findings(seen: list[dict[str, Any]], now: str) -> list[_findings.Finding]:
    """
    :param seen: results of acm_certificate_request in check mode, each with the request as its `item`.
    :param now: the time in UTC, such as 2026-11-21T08:00:00.
    """
    return [_certificate(one, one["item"]["domain_name"], now) for one in seen]


def _certificate(result: dict[str, Any], name: str, now: str) -> _findings.Finding:
    if problem := _findings.unseen(result):
        return unknown("certificate", name, f"It could not be looked at: {problem}")
    found = result.get("certificate") or {}
    if not found:
        return bad("certificate", name, "None is issued or pending. One that was requested may have failed.", _AGAIN)
    if found["status"] != "ISSUED":
        records = ", ".join(f"{one['name']} {one['type']} {one['value']}" for one in found["validation_records"])
        return bad("certificate", name, f"ACM waits for proof of {', '.join(found['pending_names'])}.",
                   f"The domain's name servers have to answer with {records}. {_AGAIN}")  # fmt: skip
    days = (_day(found["not_after"]) - _day(now)).days
    if days < _RENEWED:
        return bad("certificate", name, f"It ends in {days} days, and ACM has not renewed it.",
                   "ACM renews what a listener uses and whose records are still there. "
                   "aws acm describe-certificate tells why it has not.")  # fmt: skip
    return good("certificate", name, f"It is issued, and holds for {days} days.")


def _day(time: str) -> datetime.date:
    return datetime.date.fromisoformat(str(time)[:10])
