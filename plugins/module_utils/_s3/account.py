# -*- coding: utf-8 -*-
# Copyright: Contributors to threetier.aws
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
"""What S3 keeps of a whole account. Private to this collection."""

from __future__ import annotations

import ipaddress
from typing import Any
from urllib.parse import urlsplit

from ansible_collections.threetier.aws.plugins.module_utils import _calls


@_calls.read("read the account's block of public access", {}, missing=["NoSuchPublicAccessBlockConfiguration"])
def public_access_block(client: Any, account_id: str) -> dict[str, bool]:
    """Such as {"BlockPublicPolicy": True}; empty if the account has none.

    :param client: of s3control, which botocore would send to a host that begins with the account.
    """
    client.meta.events.register("before-call.s3-control", leave_addresses_alone)
    return dict(client.get_public_access_block(AccountId=account_id)["PublicAccessBlockConfiguration"])


def leave_addresses_alone(params: dict[str, Any], **_event: Any) -> None:
    """An endpoint that is an IP address has no host below it that begins with the account."""
    host = urlsplit(params["url"]).hostname or ""
    account_id, _dot, rest = host.partition(".")
    try:
        ipaddress.IPv4Address(rest)
    except ValueError:
        return
    params["url"] = params["url"].replace(f"//{account_id}.", "//", 1)
