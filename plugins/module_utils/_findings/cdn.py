# -*- coding: utf-8 -*-
# Copyright: Contributors to threetier.aws
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
"""The distribution, and whether page and API are reached by it. Pure. Private to this collection."""

from __future__ import annotations

from typing import Any

from ansible_collections.threetier.aws.plugins.module_utils import _desired_and_actual
from ansible_collections.threetier.aws.plugins.module_utils import _findings
from ansible_collections.threetier.aws.plugins.module_utils._findings import bad
from ansible_collections.threetier.aws.plugins.module_utils._findings import either
from ansible_collections.threetier.aws.plugins.module_utils._findings import good
from ansible_collections.threetier.aws.plugins.module_utils._findings import unknown

ORDER = 26
PLACES = ("distribution", "origin")
BOXES = (("^cdn", "CloudFront", "page and API", ("distribution", "origin", "edge firewall")),)
ARROWS = (("users", "cdn"), ("cdn", "balancer"))
_AGAIN = "Run playbooks/cdn.yml."
_SERVICE = "cloudfront.amazonaws.com"


def findings(seen: dict[str, Any], names: list[str]) -> list[_findings.Finding]:
    """
    :param seen: `distribution`, what cloudfront_distribution returns of it in check mode; `bucket`, what s3_bucket_info
        returns of the page's; `answers`, results of requests for the page at each name, and for the API at the first.
    :param names: those that people use; empty if the stack has no distribution.
    """
    if not names:
        return []
    looked = seen["distribution"]
    if problem := _findings.unseen(looked):
        return [unknown("distribution", names[0], f"It could not be looked at: {problem}")]
    if not looked["distribution"]:
        return [bad("distribution", names[0], "There is no distribution: nobody finds the page.", _AGAIN)]
    return [
        *_distribution(looked["distribution"], looked["diff"]["before"], names),
        *_bucket(seen["bucket"], looked["distribution"]["arn"]),
        *_answers(seen["answers"]),
    ]


def _distribution(found: dict[str, Any], config: dict[str, Any], names: list[str]) -> list[_findings.Finding]:
    name, missing = found["id"], sorted({*names} - {*config.get("aliases", [])})
    if not found["enabled"]:
        return [bad("distribution", name, "It is disabled: CloudFront refuses every request.", _AGAIN)]
    result = [good("distribution", name, f"It is {found['status']}, at {found['domain_name']}.")]
    if found["status"] != "Deployed":
        result = [
            bad("distribution", name, "A change of it is under way: some edges serve what it was before.",
                "Look again in ten minutes. If it stays so, health.aws.amazon.com may tell why.")
        ]  # fmt: skip
    if missing:
        result.append(bad("distribution", f"{name} names", f"It does not answer for {', '.join(missing)}.", _AGAIN))
    return result


def _bucket(looked: dict[str, Any], arn: str) -> list[_findings.Finding]:
    """Whether the distribution may read the page's bucket, and nobody else."""
    if problem := _findings.unseen(looked):
        return [unknown("origin", "the page's bucket", f"It could not be looked at: {problem}")]
    if not looked.get("buckets"):
        return [bad("origin", "the page's bucket", "It is gone.", "Run playbooks/site.yml.")]
    name, bucket = looked["buckets"][0]["name"], _desired_and_actual.bucket(looked["buckets"][0])
    lets = _findings.allows(bucket["policy"], _SERVICE, "s3:GetObject", {"aws:sourcearn": arn})
    closed = all(bucket["public_access"].values())
    return [
        either(lets, "origin", name, "Its policy lets the distribution read.",
               "Its policy does not let the distribution read: the page is answered with 403.", _AGAIN),
        either(closed, "origin", f"{name} access", "Nobody else reads it: public access is blocked.",
               "Public access is not blocked: the page can be read past CloudFront.", _AGAIN),
    ]  # fmt: skip


def _answers(looks: list[dict[str, Any]]) -> list[_findings.Finding]:
    """Only CloudFront puts an id on an answer, and answers for a name by the one distribution that has it."""
    found = []
    for look in looks:
        url, status = look.get("url") or look["item"], look.get("status")
        place = "page" if look["item"].count("/") == 3 and look["item"].endswith("/") else "api"
        if not status or status < 0:
            why = _findings.first_line(look.get("msg"))
            mend = "The findings on record, certificate and distribution say what is missing."
            one = bad(place, url, f"No answer: {why}", mend)
        elif "x_amz_cf_id" not in look:
            one = bad(place, url, "It leads to something else than CloudFront.", _AGAIN)
        elif place == "api" and status == 403:
            why = "the header X-Origin-Verify is not the one that it asks for, or the firewall refuses it."
            one = bad(place, url, f"The load balancer refuses what CloudFront sends: {why}", _AGAIN)
        else:
            one = either(status == 200, place, url, "It answers, by CloudFront.", f"It answers {status}.", _AGAIN)
        found.append(dict(one, address=url if place == "page" else ""))
    return found
