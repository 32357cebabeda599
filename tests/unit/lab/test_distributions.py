"""Distributions of CloudFront as the API has them: what they keep, what they refuse, and what goes with them."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from botocore.exceptions import ClientError

from .conftest import record

CACHING_OPTIMIZED = "658327ea-f89d-4fab-a63d-7e88639e58f6"
ALL_VIEWER = "216adef6-5c7f-47e4-b989-5492eafa07d3"
_references = itertools.count()


def configuration(**more: Any) -> dict[str, Any]:
    """As little as CloudFront takes: one bucket."""
    origin = {
        "Id": "page",
        "DomainName": "page.s3.us-east-1.amazonaws.com",
        "S3OriginConfig": {"OriginAccessIdentity": ""},
    }
    behaviour = {
        "TargetOriginId": "page",
        "ViewerProtocolPolicy": "redirect-to-https",
        "CachePolicyId": CACHING_OPTIMIZED,
    }
    return {
        "CallerReference": f"reference-{next(_references)}",
        "Comment": "",
        "Enabled": True,
        "Origins": {"Quantity": 1, "Items": [origin]},
        "DefaultCacheBehavior": behaviour,
        **more,
    }


def listed(*items: Any) -> dict[str, Any]:
    return {"Quantity": len(items), "Items": list(items)}


@pytest.fixture
def cloudfront(api: None, client: Any) -> Any:
    return client("cloudfront")


@pytest.fixture
def create(cloudfront: Any) -> Any:
    """create(Comment="x", …) makes a distribution; returns it."""

    def make(tags: dict[str, str] | None = None, **more: Any) -> dict[str, Any]:
        found = [{"Key": key, "Value": value} for key, value in (tags or {}).items()]
        wanted = {"DistributionConfig": configuration(**more), "Tags": {"Items": found}}
        made = cloudfront.create_distribution_with_tags(DistributionConfigWithTags=wanted)
        return dict(made["Distribution"])

    return make


@pytest.fixture
def control(cloudfront: Any) -> str:
    """The id of an origin access control named page."""
    made = cloudfront.create_origin_access_control(OriginAccessControlConfig=access("page"))
    return str(made["OriginAccessControl"]["Id"])


def access(name: str) -> dict[str, str]:
    return {
        "Name": name,
        "Description": "",
        "SigningProtocol": "sigv4",
        "SigningBehavior": "always",
        "OriginAccessControlOriginType": "s3",
    }


@pytest.fixture
def certificate(client: Any, zone: Any) -> str:
    """The ARN of an issued one for www.example.test."""
    acm = client("acm")
    arn = str(acm.request_certificate(DomainName="www.example.test", ValidationMethod="DNS")["CertificateArn"])
    (option,) = acm.describe_certificate(CertificateArn=arn)["Certificate"]["DomainValidationOptions"]
    proof = option["ResourceRecord"]
    zone("example.test", record(proof["Name"], proof["Type"], proof["Value"]))
    return arn


def change(cloudfront: Any, distribution_id: str, **more: Any) -> dict[str, Any]:
    seen = cloudfront.get_distribution_config(Id=distribution_id)
    wanted = {**seen["DistributionConfig"], **more}
    return dict(cloudfront.update_distribution(Id=distribution_id, IfMatch=seen["ETag"], DistributionConfig=wanted))


RICH = {
    "Aliases": listed(),
    "DefaultRootObject": "index.html",
    "Origins": listed(
        {
            "Id": "page",
            "DomainName": "page.s3.us-east-1.amazonaws.com",
            "S3OriginConfig": {"OriginAccessIdentity": ""},
            "OriginAccessControlId": "control",
        },
        {
            "Id": "api",
            "DomainName": "api.example.test",
            "CustomHeaders": listed({"HeaderName": "X-Origin-Verify", "HeaderValue": "word"}),
            "CustomOriginConfig": {
                "HTTPPort": 80,
                "HTTPSPort": 443,
                "OriginProtocolPolicy": "https-only",
                "OriginSslProtocols": listed("TLSv1.2"),
            },
        },
    ),
    "CacheBehaviors": listed(
        {
            "PathPattern": "/api/*",
            "TargetOriginId": "api",
            "ViewerProtocolPolicy": "https-only",
            "CachePolicyId": "4135ea2d-6df8-44a3-9df3-4b5a84be39ad",
            "OriginRequestPolicyId": ALL_VIEWER,
            "AllowedMethods": listed("GET", "HEAD", "OPTIONS", "PUT", "POST", "PATCH", "DELETE"),
        }
    ),
    "CustomErrorResponses": listed({"ErrorCode": 403, "ResponsePagePath": "/index.html", "ResponseCode": "200"}),
    "PriceClass": "PriceClass_100",
    "HttpVersion": "http2and3",
    "Logging": {"Enabled": True, "IncludeCookies": False, "Bucket": "logs.s3.amazonaws.com", "Prefix": "cdn/"},
}


def test_nothing_that_was_sent_is_lost_and_what_comes_back_can_be_sent_again(
    cloudfront: Any, create: Any, control: str
) -> None:
    origins = [{**one} for one in RICH["Origins"]["Items"]]  # type: ignore[index]
    origins[0]["OriginAccessControlId"] = control
    made = create(**{**RICH, "Origins": listed(*origins)})
    seen = cloudfront.get_distribution_config(Id=made["Id"])["DistributionConfig"]
    page, api = seen["Origins"]["Items"]
    assert page["OriginAccessControlId"] == control
    assert page["S3OriginConfig"]["OriginAccessIdentity"] == ""
    assert api["CustomHeaders"]["Items"] == [{"HeaderName": "X-Origin-Verify", "HeaderValue": "word"}]
    assert api["CustomOriginConfig"]["OriginReadTimeout"] == 30
    assert api["ConnectionAttempts"] == 3
    (behaviour,) = seen["CacheBehaviors"]["Items"]
    assert behaviour["OriginRequestPolicyId"] == ALL_VIEWER
    assert behaviour["AllowedMethods"]["Items"] == ["HEAD", "DELETE", "POST", "GET", "OPTIONS", "PUT", "PATCH"]
    assert behaviour["AllowedMethods"]["CachedMethods"]["Items"] == ["HEAD", "GET"]
    assert seen["CustomErrorResponses"]["Items"][0]["ErrorCachingMinTTL"] == 10
    assert (seen["HttpVersion"], seen["PriceClass"]) == ("http2and3", "PriceClass_100")
    assert seen["Logging"]["Prefix"] == "cdn/"
    change(cloudfront, made["Id"])
    assert cloudfront.get_distribution_config(Id=made["Id"])["DistributionConfig"] == seen
    (summary,) = cloudfront.list_distributions()["DistributionList"]["Items"]
    assert summary["Origins"] == seen["Origins"]
    assert summary["Staging"] is False


def test_what_was_left_out_has_awss_defaults(create: Any) -> None:
    seen = create()["DistributionConfig"]
    assert seen["ViewerCertificate"] == {
        "CloudFrontDefaultCertificate": True,
        "SSLSupportMethod": "vip",
        "MinimumProtocolVersion": "TLSv1",
        "CertificateSource": "cloudfront",
    }
    assert seen["DefaultCacheBehavior"]["AllowedMethods"]["Items"] == ["HEAD", "GET"]
    assert not seen["DefaultCacheBehavior"]["Compress"]
    assert seen["PriceClass"] == "PriceClass_All"
    assert seen["Aliases"] == {"Quantity": 0}


def test_a_change_names_the_state_that_it_has_seen(cloudfront: Any, create: Any) -> None:
    made = create()
    seen = cloudfront.get_distribution_config(Id=made["Id"])
    change(cloudfront, made["Id"], Comment="another")
    with pytest.raises(ClientError, match="PreconditionFailed"):
        cloudfront.update_distribution(
            Id=made["Id"], IfMatch=seen["ETag"], DistributionConfig=seen["DistributionConfig"]
        )
    now = cloudfront.get_distribution_config(Id=made["Id"])
    assert now["ETag"] != seen["ETag"]
    assert now["DistributionConfig"]["Comment"] == "another"


def test_a_distribution_is_disabled_before_it_is_deleted(cloudfront: Any, create: Any) -> None:
    made = create()
    etag = cloudfront.get_distribution(Id=made["Id"])["ETag"]
    with pytest.raises(ClientError, match="DistributionNotDisabled"):
        cloudfront.delete_distribution(Id=made["Id"], IfMatch=etag)
    etag = change(cloudfront, made["Id"], Enabled=False)["ETag"]
    with pytest.raises(ClientError, match="PreconditionFailed"):
        cloudfront.delete_distribution(Id=made["Id"], IfMatch="E123")
    cloudfront.get_waiter("distribution_deployed").wait(Id=made["Id"])
    cloudfront.delete_distribution(Id=made["Id"], IfMatch=etag)
    assert cloudfront.list_distributions()["DistributionList"]["Quantity"] == 0


BEHAVIOUR = configuration()["DefaultCacheBehavior"]
REFUSED: dict[str, dict[str, Any]] = {
    "InvalidViewerCertificate": {"Aliases": listed("www.example.test")},
    "NoSuchOrigin": {"CacheBehaviors": listed({**BEHAVIOUR, "TargetOriginId": "no", "PathPattern": "/x"})},
    "NoSuchCachePolicy": {"DefaultCacheBehavior": {**BEHAVIOUR, "CachePolicyId": "no"}},
    "NoSuchResponseHeadersPolicy": {"DefaultCacheBehavior": {**BEHAVIOUR, "ResponseHeadersPolicyId": "no"}},
    "InvalidOriginAccessControl": {
        "Origins": listed({**configuration()["Origins"]["Items"][0], "OriginAccessControlId": "no"})
    },
}


@pytest.mark.parametrize("code", REFUSED)
def test_a_configuration_that_leads_nowhere_is_refused(create: Any, cloudfront: Any, code: str) -> None:
    with pytest.raises(ClientError) as raised:
        create(**REFUSED[code])
    assert raised.value.response["Error"]["Code"] == code
    assert cloudfront.list_distributions()["DistributionList"]["Quantity"] == 0


def test_an_alias_is_one_distributions_and_its_certificate_covers_it(
    cloudfront: Any, create: Any, certificate: str, client: Any
) -> None:
    viewer = {
        "ACMCertificateArn": certificate,
        "SSLSupportMethod": "sni-only",
        "MinimumProtocolVersion": "TLSv1.2_2021",
    }
    with pytest.raises(ClientError, match="doesn't cover other.example.test"):
        create(Aliases=listed("other.example.test"), ViewerCertificate=viewer)
    made = create(Aliases=listed("www.example.test"), ViewerCertificate=viewer)
    assert made["DistributionConfig"]["ViewerCertificate"]["CertificateSource"] == "acm"
    with pytest.raises(ClientError, match="CNAMEAlreadyExists"):
        create(Aliases=listed("WWW.example.test"), ViewerCertificate=viewer)
    change(cloudfront, made["Id"], Comment="its own alias is no other's")
    acm = client("acm")
    assert acm.describe_certificate(CertificateArn=certificate)["Certificate"]["InUseBy"] == [made["ARN"]]
    with pytest.raises(ClientError, match="ResourceInUseException"):
        acm.delete_certificate(CertificateArn=certificate)


def test_an_origin_access_control_has_a_name_of_its_own_and_stays_while_it_is_used(
    cloudfront: Any, create: Any, control: str
) -> None:
    with pytest.raises(ClientError, match="OriginAccessControlAlreadyExists"):
        cloudfront.create_origin_access_control(OriginAccessControlConfig=access("page"))
    origin = {**configuration()["Origins"]["Items"][0], "OriginAccessControlId": control}
    made = create(Origins=listed(origin))
    etag = cloudfront.get_origin_access_control(Id=control)["ETag"]
    with pytest.raises(ClientError, match="OriginAccessControlInUse"):
        cloudfront.delete_origin_access_control(Id=control, IfMatch=etag)
    newer = cloudfront.update_origin_access_control(
        Id=control, IfMatch=etag, OriginAccessControlConfig={**access("page"), "Description": "the page's"}
    )["ETag"]
    change(cloudfront, made["Id"], Origins=configuration()["Origins"])
    with pytest.raises(ClientError, match="PreconditionFailed"):
        cloudfront.delete_origin_access_control(Id=control, IfMatch=etag)
    cloudfront.delete_origin_access_control(Id=control, IfMatch=newer)
    assert cloudfront.list_origin_access_controls()["OriginAccessControlList"]["Quantity"] == 0


def test_tags_are_kept_and_changed(cloudfront: Any, create: Any) -> None:
    arn = create(tags={"Name": "demo", "Stack": "demo"})["ARN"]
    cloudfront.tag_resource(Resource=arn, Tags={"Items": [{"Key": "Tier", "Value": "web"}]})
    cloudfront.untag_resource(Resource=arn, TagKeys={"Items": ["Stack"]})
    found = cloudfront.list_tags_for_resource(Resource=arn)["Tags"]["Items"]
    assert {one["Key"]: one["Value"] for one in found} == {"Name": "demo", "Tier": "web"}


def test_an_invalidation_is_under_way_before_it_is_done_and_made_once(cloudfront: Any, create: Any) -> None:
    made = create()

    def invalidate(*paths: str) -> dict[str, Any]:
        batch = {"Paths": listed(*paths), "CallerReference": "release-2"}
        return dict(cloudfront.create_invalidation(DistributionId=made["Id"], InvalidationBatch=batch)["Invalidation"])

    first = invalidate("/*")
    assert first["Status"] == "InProgress"
    cloudfront.get_waiter("invalidation_completed").wait(DistributionId=made["Id"], Id=first["Id"])
    assert invalidate("/*")["Id"] == first["Id"]
    with pytest.raises(ClientError, match="InvalidArgument"):
        invalidate("/index.html")


HEADERS = {"Name": "demo", "SecurityHeadersConfig": {"ContentTypeOptions": {"Override": True}}}


def test_policies_are_awss_own_and_the_accounts(cloudfront: Any, create: Any) -> None:
    known = cloudfront.list_cache_policies(Type="managed")["CachePolicyList"]["Items"]
    by_name = {one["CachePolicy"]["CachePolicyConfig"]["Name"]: one["CachePolicy"] for one in known}
    optimized = by_name["Managed-CachingOptimized"]
    assert optimized["Id"] == CACHING_OPTIMIZED
    assert optimized["CachePolicyConfig"]["MaxTTL"] == 31536000
    made = cloudfront.create_response_headers_policy(ResponseHeadersPolicyConfig=HEADERS)
    own = made["ResponseHeadersPolicy"]["Id"]
    with pytest.raises(ClientError, match="ResponseHeadersPolicyAlreadyExists"):
        cloudfront.create_response_headers_policy(ResponseHeadersPolicyConfig=HEADERS)
    (item,) = cloudfront.list_response_headers_policies(Type="custom")["ResponseHeadersPolicyList"]["Items"]
    assert item["ResponseHeadersPolicy"]["ResponseHeadersPolicyConfig"] == HEADERS
    behaviour = {**BEHAVIOUR, "ResponseHeadersPolicyId": own}
    distribution = create(DefaultCacheBehavior=behaviour)
    with pytest.raises(ClientError, match="ResponseHeadersPolicyInUse"):
        cloudfront.delete_response_headers_policy(Id=own, IfMatch=made["ETag"])
    newer = cloudfront.update_response_headers_policy(
        Id=own, IfMatch=made["ETag"], ResponseHeadersPolicyConfig={**HEADERS, "Comment": "more"}
    )["ETag"]
    assert cloudfront.get_response_headers_policy_config(Id=own)["ResponseHeadersPolicyConfig"]["Comment"] == "more"
    change(cloudfront, distribution["Id"], DefaultCacheBehavior=BEHAVIOUR)
    cloudfront.delete_response_headers_policy(Id=own, IfMatch=newer)
    with pytest.raises(ClientError, match="NoSuchResponseHeadersPolicy"):
        cloudfront.get_response_headers_policy(Id=own)
