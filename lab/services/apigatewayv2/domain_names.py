"""Custom domain names: each has a certificate of ACM that covers it, and a name of AWS's that an alias leads to."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from cryptography import x509
from moto.apigatewayv2.exceptions import BadRequestException
from moto.apigatewayv2.models import ApiGatewayV2Backend, ApiMapping, DomainName
from moto.apigatewayv2.responses import ApiGatewayV2Response
from moto.core.common_types import TYPE_RESPONSE

from ... import backends
from ...monkeypatch import wrap

_ZONE = "Z1UJRXOUMOOFQ8"  # of names of execute-api in us-east-1; the lab's Route 53 looks at the name alone


def every() -> list[DomainName]:
    return [domain for backend in backends.regions("apigatewayv2") for domain in list(backend.domain_names.values())]


def target_of(domain: DomainName) -> str:
    return str(domain.domain_name_configurations[0]["apiGatewayDomainName"])


def certificate_of(domain: DomainName) -> str:
    """The ARN."""
    return str(domain.domain_name_configurations[0]["certificateArn"])


def using_certificate(arn: str) -> set[str]:
    """The ARNs of the domain names that have a certificate of ACM."""
    return {domain.domain_name_arn for domain in every() if certificate_of(domain) == arn}


def create(original: Any) -> Any:
    def create_domain_name(
        self: ApiGatewayV2Backend,
        domain_name: str,
        domain_name_configurations: list[dict[str, str]],
        mutual_tls_authentication: dict[str, str],
        tags: dict[str, str],
    ) -> DomainName:
        settings = _complete(self, domain_name, domain_name_configurations)
        if any(domain.domain_name == domain_name for domain in every()):
            raise BadRequestException("The domain name you provided already exists.")
        made: DomainName = original(self, domain_name, settings, mutual_tls_authentication, {})
        self.tag_resource(made.domain_name_arn, tags)
        return made

    return create_domain_name


def _complete(backend: ApiGatewayV2Backend, name: str, sent: list[dict[str, str]]) -> list[dict[str, str]]:
    """The one configuration that a domain name of an HTTP API has, with what API Gateway adds."""
    arn = sent[0].get("certificateArn", "") if len(sent) == 1 else ""
    found = backends.backend("acm", backend.region_name, backend.account_id)._certificates.get(arn)
    if found is not None:
        found.check()  # which is when moto looks whether it is issued by now
    if found is None or found.status != "ISSUED":
        raise BadRequestException("Invalid certificate ARN: the certificate must be issued, and in this region.")
    if not _covers(found.cert, name):
        raise BadRequestException(f"The certificate does not cover the domain name {name}.")
    token = hashlib.sha256(f"{backend.account_id} {backend.region_name} {name}".encode()).hexdigest()[:10]
    made = {
        "apiGatewayDomainName": f"d-{token}.execute-api.{backend.region_name}.amazonaws.com",
        "domainNameStatus": "AVAILABLE",
        "endpointType": "REGIONAL",
        "hostedZoneId": _ZONE,
        "ipAddressType": "ipv4",
        "securityPolicy": "TLS_1_2",
    }
    return [{**made, **sent[0]}]


def _covers(certificate: bytes, name: str) -> bool:
    extensions = x509.load_pem_x509_certificate(certificate).extensions
    names = extensions.get_extension_for_class(x509.SubjectAlternativeName).value.get_values_for_type(x509.DNSName)
    return bool({name, f"*.{name.partition('.')[2]}"} & {known.lower() for known in names})


def update(_original: Any) -> Any:
    """moto has no UpdateDomainName."""

    def update_domain_name(self: ApiGatewayV2Response) -> TYPE_RESPONSE:
        backend = self.apigatewayv2_backend
        domain = backend.get_domain_name(self.path.split("/")[-1])
        if sent := json.loads(self.body).get("domainNameConfigurations"):
            kept = {key: value for key, value in domain.domain_name_configurations[0].items() if value}
            domain.domain_name_configurations = _complete(backend, domain.domain_name, [{**kept, **sent[0]}])
        return 200, {}, json.dumps(domain.to_json())

    return update_domain_name


def show_tags(original: Any) -> Any:
    """moto keeps the first tags of a domain name and no later ones."""

    def to_json(self: DomainName) -> dict[str, Any]:
        _, _, _, region, _ = self.domain_name_arn.split(":", 4)
        owner = next(one for one in backends.regions("apigatewayv2") if self in one.domain_names.values())
        return {**original(self), "tags": owner.get_tags(self.domain_name_arn)}

    return to_json


def tags_path(original: dict[str, Any]) -> dict[str, Any]:
    """moto knows the path of an API's tags, and none of a domain name's."""
    tags = "{0}/v2/tags/(?P<resource_arn_pt1>[^/]+)/%s/(?P<resource_arn_pt2>[^/]+)$"
    return {**original, tags % "domainnames": original[tags % "apis"]}


def delete(_original: Any) -> Any:
    """moto changes the mappings that it walks over."""

    def delete_domain_name(self: ApiGatewayV2Backend, domain_name: str) -> None:
        domain = self.get_domain_name(domain_name)
        self.api_mappings = {key: one for key, one in self.api_mappings.items() if one.domain_name != domain_name}
        self.tagger.delete_all_tags_for_resource(domain.domain_name_arn)
        del self.domain_names[domain_name]

    return delete_domain_name


def map_once(original: Any) -> Any:
    """Each path of a domain name leads to one stage, and that stage is there."""

    def create_api_mapping(
        self: ApiGatewayV2Backend, api_id: str, api_mapping_key: str, domain_name: str, stage: str
    ) -> ApiMapping:
        if any(one.api_mapping_key == api_mapping_key for one in self.get_api_mappings(domain_name)):
            raise BadRequestException(f"ApiMapping key already exists for this domain name: {api_mapping_key}")
        if api_id in self.apis and stage not in self.apis[api_id].stages:
            raise BadRequestException(f"Invalid stage identifier specified: {stage}")
        made: ApiMapping = original(self, api_id, api_mapping_key, domain_name, stage)
        return made

    return create_api_mapping


def install() -> None:
    wrap(DomainName, "to_json", show_tags)
    wrap(ApiGatewayV2Response, "update_domain_name", update)
    wrap(ApiGatewayV2Backend, "create_domain_name", create)
    wrap(ApiGatewayV2Backend, "delete_domain_name", delete)
    wrap(ApiGatewayV2Backend, "create_api_mapping", map_once)
