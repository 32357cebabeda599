# -*- coding: utf-8 -*-
# Copyright: Contributors to threetier.aws
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
"""Custom domain names of API Gateway, each before one stage of one API. Private to this collection."""

from __future__ import annotations

from typing import Any

from ansible_collections.threetier.aws.plugins.module_utils import _calls
from ansible_collections.threetier.aws.plugins.module_utils._apigatewayv2 import apis

_GONE = ["NotFoundException"]


@_calls.read("look at the domain name", {}, missing=_GONE)
def find(client: Any, name: str) -> dict[str, Any]:
    """As API Gateway has it, empty if it is not there."""
    found: dict[str, Any] = client.get_domain_name(DomainName=name)
    return found


def state(client: Any, found: dict[str, Any]) -> dict[str, Any]:
    """What a domain name is, in the words of the module's options; empty for none."""
    if not found:
        return {}
    own = [one for one in mappings(client, found["DomainName"]) if not one.get("ApiMappingKey")]
    return dict(
        certificate_arn=found["DomainNameConfigurations"][0].get("CertificateArn") or "",
        api_id=own[0]["ApiId"] if own else "",
        tags=found.get("Tags") or {},
    )


@_calls.read("look at what the domain name leads to", [], missing=_GONE)
def mappings(client: Any, name: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = client.get_api_mappings(DomainName=name)["Items"]
    return found


def apply(client: Any, name: str, have: dict[str, Any], want: dict[str, Any]) -> dict[str, Any]:
    """Make a domain name what is wanted, and return it."""
    if not have:
        found = _create(client, name, want)
    elif have["certificate_arn"] != want["certificate_arn"]:
        found = _update(client, name, want)
    else:
        found = find(client, name)
    if have.get("api_id") != want["api_id"]:
        for one in mappings(client, name):
            if not one.get("ApiMappingKey"):
                _unmap(client, name, one["ApiMappingId"])
        _map(client, name, want["api_id"])
    return found


def _configuration(want: dict[str, Any]) -> list[dict[str, str]]:
    return [dict(CertificateArn=want["certificate_arn"], EndpointType="REGIONAL", SecurityPolicy="TLS_1_2")]


@_calls.call("create the domain name", retry_on=["TooManyRequestsException"])
def _create(client: Any, name: str, want: dict[str, Any]) -> dict[str, Any]:
    made: dict[str, Any] = client.create_domain_name(
        DomainName=name, DomainNameConfigurations=_configuration(want), Tags=want["tags"]
    )
    return made


@_calls.call("change the domain name's certificate", retry_on=["TooManyRequestsException"])
def _update(client: Any, name: str, want: dict[str, Any]) -> dict[str, Any]:
    made: dict[str, Any] = client.update_domain_name(DomainName=name, DomainNameConfigurations=_configuration(want))
    return made


@_calls.call("lead the domain name to the API")
def _map(client: Any, name: str, api_id: str) -> None:
    client.create_api_mapping(DomainName=name, ApiId=api_id, Stage=apis.STAGE, ApiMappingKey="")


@_calls.delete("take the domain name off the API", missing=_GONE)
def _unmap(client: Any, name: str, mapping_id: str) -> None:
    client.delete_api_mapping(DomainName=name, ApiMappingId=mapping_id)


@_calls.delete("delete the domain name", missing=_GONE, retry_on=["TooManyRequestsException"])
def delete(client: Any, name: str) -> None:
    client.delete_domain_name(DomainName=name)
