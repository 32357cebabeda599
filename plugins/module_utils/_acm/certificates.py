# -*- coding: utf-8 -*-
# Copyright: Contributors to threetier.aws
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
"""Certificates that ACM issues once DNS proves their names. Private to this collection."""

from __future__ import annotations

import uuid
from typing import Any

from ansible_collections.amazon.aws.plugins.module_utils.tagging import ansible_dict_to_boto3_tag_list
from ansible_collections.amazon.aws.plugins.module_utils.tagging import boto3_tag_list_to_ansible_dict

from ansible_collections.threetier.aws.plugins.module_utils import _calls
from ansible_collections.threetier.aws.plugins.module_utils import _waits

Certificate = dict[str, Any]
_PAUSE = 5  # seconds between two looks
_RECORDS_TIMEOUT = 60  # seconds; ACM has the records for a new certificate a few seconds after it
_GONE = ["ResourceNotFoundException"]


def find(client: Any, names: list[str], tags: dict[str, str]) -> Certificate:
    """
    The certificate, issued or pending, for exactly these names, with its tags as `Tags`; empty if there is none.

    :param names: the domain name, and the alternative names.
    :param tags: if it has the key Name, only a certificate of that Name counts.
    """
    for summary in _list(client):
        if summary["DomainName"] == names[0]:
            found = describe(client, summary["CertificateArn"])
            same = found.get("Type") == "AMAZON_ISSUED" and set(found["SubjectAlternativeNames"]) == set(names)
            if same and tags.get("Name") in (None, found["Tags"].get("Name")):
                return found
    return {}


@_calls.read("list the certificates", [])
def _list(client: Any) -> list[dict[str, Any]]:
    pages = client.get_paginator("list_certificates").paginate(CertificateStatuses=["PENDING_VALIDATION", "ISSUED"])
    summaries: list[dict[str, Any]] = pages.build_full_result()["CertificateSummaryList"]
    return summaries


@_calls.read("look at the certificate", {}, missing=_GONE)
def describe(client: Any, arn: str) -> Certificate:
    """As ACM describes it, with its tags as the dictionary `Tags`; empty if it is not there."""
    found: Certificate = client.describe_certificate(CertificateArn=arn)["Certificate"]
    tags = client.list_tags_for_certificate(CertificateArn=arn)["Tags"]
    return dict(found, Tags=boto3_tag_list_to_ansible_dict(tags))


@_calls.call("request the certificate")
def request(client: Any, names: list[str], tags: dict[str, str]) -> str:
    """
    Ask for a certificate. Returns its ARN.

    The token keeps a call that is tried again from asking twice. It is new each time: for an hour ACM would answer the
    same token with the same certificate, even with one that was deleted meanwhile.
    """
    more: dict[str, Any] = dict(SubjectAlternativeNames=names) if len(names) > 1 else {}
    if tags:
        more["Tags"] = ansible_dict_to_boto3_tag_list(tags)
    answer = client.request_certificate(
        DomainName=names[0],
        ValidationMethod="DNS",
        IdempotencyToken=uuid.uuid4().hex,
        **more,
    )
    return str(answer["CertificateArn"])


@_calls.call("tag the certificate")
def tag(client: Any, arn: str, set_tags: dict[str, str], drop: dict[str, str]) -> None:
    """:param drop: the tags to take away, with their values."""
    if drop:
        client.remove_tags_from_certificate(CertificateArn=arn, Tags=ansible_dict_to_boto3_tag_list(drop))
    if set_tags:
        client.add_tags_to_certificate(CertificateArn=arn, Tags=ansible_dict_to_boto3_tag_list(set_tags))


def validation_records(certificate: Certificate) -> list[dict[str, str]]:
    """The records that prove its names, each once: a name and its wildcard share one."""
    options = certificate.get("DomainValidationOptions", [])
    asked = [option["ResourceRecord"] for option in options if option.get("ResourceRecord")]
    by_name = {one["Name"]: {key.lower(): value for key, value in one.items()} for one in asked}
    return [by_name[name] for name in sorted(by_name)]


def pending_names(certificate: Certificate) -> list[str]:
    """The names that nothing has proven yet."""
    return sorted(one["DomainName"] for one in _pending(certificate))


def _pending(certificate: Certificate) -> list[dict[str, Any]]:
    options = certificate.get("DomainValidationOptions", [])
    return [one for one in options if one.get("ValidationStatus") != "SUCCESS"]


def wait_for_records(client: Any, arn: str) -> None:
    """Return once ACM says by which records the names are proven."""
    complete = "Certificate.DomainValidationOptions && !(Certificate.DomainValidationOptions[?!ResourceRecord])"
    _wait(client, arn, [dict(matcher="path", argument=complete, expected=True, state="success")], _RECORDS_TIMEOUT)


def wait_until_issued(client: Any, arn: str, timeout: int) -> None:
    """Return once it is issued; say why it is not otherwise."""
    states = [("ISSUED", "success"), ("FAILED", "failure"), ("VALIDATION_TIMED_OUT", "failure")]
    acceptors = [
        dict(matcher="path", argument="Certificate.Status", expected=status, state=state) for status, state in states
    ]
    _wait(client, arn, acceptors, timeout)


def _wait(client: Any, arn: str, acceptors: list[dict[str, Any]], timeout: int) -> None:
    _waits.until(
        client,
        "DescribeCertificate",
        dict(CertificateArn=arn),
        acceptors,
        purpose="wait for the certificate",
        timeout=timeout,
        pause=_PAUSE,
        failure=lambda answer: unissued(answer.get("Certificate", {})),
    )


def unissued(certificate: Certificate) -> str:
    """Why a certificate is not issued, in a sentence."""
    name, status = certificate.get("DomainName"), certificate.get("Status")
    if status == "FAILED":
        return f"ACM did not issue the certificate for {name}: {certificate.get('FailureReason', 'no reason given')}."
    if status == "VALIDATION_TIMED_OUT":
        return f"Nothing proved the names of the certificate for {name} within 72 hours, and ACM gave up."
    waits = ", ".join(f"{one['DomainName']} ({_as_text(one.get('ResourceRecord'))})" for one in _pending(certificate))
    return (
        f"The certificate for {name} is not issued yet. ACM has not seen the records that prove {waits or 'its names'}."
    )


def _as_text(record: dict[str, str] | None) -> str:
    return f"{record['Name']} {record['Type']} {record['Value']}" if record else "not told yet"
