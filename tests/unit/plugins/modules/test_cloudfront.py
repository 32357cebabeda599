"""Distributions of CloudFront: what a change leaves alone, what nobody sees, how one goes."""

from __future__ import annotations

import json
from typing import Any

import pytest

OPTIMIZED = "658327ea-f89d-4fab-a63d-7e88639e58f6"
PAGE = {"id": "page", "domain_name": "page.s3.us-east-1.amazonaws.com"}
WANTED = {
    "name": "demo-cdn",
    "origins": [PAGE],
    "default_cache_behavior": {"target_origin_id": "page", "cache_policy_id": OPTIMIZED},
}
SECRET = "nobody-may-see-this"


@pytest.fixture
def config(client: Any) -> Any:
    """config() is the configuration of the only distribution."""

    def read() -> dict[str, Any]:
        cloudfront = client("cloudfront")
        (one,) = cloudfront.list_distributions()["DistributionList"]["Items"]
        return dict(cloudfront.get_distribution_config(Id=one["Id"])["DistributionConfig"])

    return read


def test_what_no_option_speaks_of_stays(run_module: Any, client: Any, config: Any) -> None:
    cloudfront = client("cloudfront")
    made = run_module("cloudfront_distribution", **WANTED)["distribution"]
    seen = cloudfront.get_distribution_config(Id=made["id"])
    by_hand = seen["DistributionConfig"]
    by_hand["DefaultCacheBehavior"]["RealtimeLogConfigArn"] = "arn:aws:cloudfront::123456789012:realtime-log-config/x"
    by_hand["Origins"]["Items"][0]["OriginShield"] = {"Enabled": True, "OriginShieldRegion": "us-east-1"}
    by_hand["Restrictions"]["GeoRestriction"] = {"RestrictionType": "blacklist", "Quantity": 1, "Items": ["AQ"]}
    cloudfront.update_distribution(Id=made["id"], IfMatch=seen["ETag"], DistributionConfig=by_hand)
    assert not run_module("cloudfront_distribution", **WANTED)["changed"]
    assert run_module("cloudfront_distribution", **WANTED, price_class="PriceClass_100")["changed"]
    assert config() == {**by_hand, "PriceClass": "PriceClass_100"}


def test_it_is_known_by_its_tag_whatever_its_comment_says(run_module: Any, client: Any) -> None:
    other = run_module("cloudfront_distribution", **{**WANTED, "name": "other", "comment": "demo-cdn"})
    made = run_module("cloudfront_distribution", **WANTED, comment="anything")
    assert made["distribution"]["id"] != other["distribution"]["id"]
    assert not run_module("cloudfront_distribution", **WANTED)["changed"]
    assert run_module("cloudfront_distribution", name="demo-cdn", state="absent")["changed"]
    (left,) = client("cloudfront").list_distributions()["DistributionList"]["Items"]
    assert left["Id"] == other["distribution"]["id"]


def test_a_namesake_of_another_region_or_tool_is_left_alone(run_module: Any, client: Any) -> None:
    other = run_module("cloudfront_distribution", **WANTED, tags={"Stack": "demo", "Region": "eu-central-1"})
    ours = {**WANTED, "match_tags": {"Stack": "demo", "Region": "us-east-1"}}
    made = run_module("cloudfront_distribution", **ours, tags={"Tier": "web"})
    assert made["distribution"]["id"] != other["distribution"]["id"]
    assert made["distribution"]["tags"] == {"Stack": "demo", "Region": "us-east-1", "Tier": "web", "Name": "demo-cdn"}
    assert not run_module("cloudfront_distribution", **ours, tags={"Tier": "web"})["changed"]
    gone = {"name": "demo-cdn", "match_tags": ours["match_tags"], "state": "absent"}
    assert [run_module("cloudfront_distribution", **gone)["changed"] for _turn in range(2)] == [True, False]
    (left,) = client("cloudfront").list_distributions()["DistributionList"]["Items"]
    assert left["Id"] == other["distribution"]["id"]


def test_a_secret_goes_from_one_service_to_the_other_and_nowhere_else(
    run_module: Any, client: Any, config: Any
) -> None:
    secrets = client("secretsmanager")
    arn = secrets.create_secret(Name="verify", SecretString=SECRET)["ARN"]
    api = {"id": "api", "domain_name": "api.example.test", "protocol_policy": "https-only"}
    wanted = {**WANTED, "origins": [PAGE, {**api, "secret_headers": {"X-Origin-Verify": arn}}]}
    made = run_module("cloudfront_distribution", **wanted)
    (header,) = config()["Origins"]["Items"][1]["CustomHeaders"]["Items"]
    assert header == {"HeaderName": "X-Origin-Verify", "HeaderValue": SECRET}
    secrets.put_secret_value(SecretId=arn, SecretString="another-one")
    turned = run_module("cloudfront_distribution", **wanted)
    assert turned["changed"]
    assert turned["diff"]["after"]["origins"][1]["custom_headers"] == ["X-Origin-Verify: another value"]
    gone = run_module("cloudfront_distribution", name="demo-cdn", state="absent")
    for said in (made, turned, gone):
        assert SECRET not in json.dumps(said)
        assert "another-one" not in json.dumps(said)


def test_a_secret_that_is_not_there_is_named_and_counts_in_check_mode(run_module: Any) -> None:
    arn = "arn:aws:secretsmanager:us-east-1:123456789012:secret:none-a1b2c3"
    origin = {"id": "page", "domain_name": "a.example.test", "protocol_policy": "https-only"}
    wanted = {**WANTED, "origins": [{**origin, "secret_headers": {"X-Origin-Verify": arn}}]}
    assert run_module("cloudfront_distribution", check=True, **wanted)["changed"]
    failed = run_module("cloudfront_distribution", **wanted)
    assert failed["msg"] == f"There is no secret {arn}, which a header is to carry."


def test_a_new_one_needs_its_origins(run_module: Any) -> None:
    failed = run_module("cloudfront_distribution", name="demo-cdn")
    assert failed["msg"] == "There is no distribution demo-cdn; a new one needs origins, default_cache_behavior."


@pytest.mark.usefixtures("impatient")
def test_waiting_ends_with_a_sentence(
    run_module: Any, monkeypatch: pytest.MonkeyPatch, client: Any, config: Any
) -> None:
    monkeypatch.setattr("lab.services.cloudfront.distributions._machines", True)  # and no edge behind the API
    failed = run_module("cloudfront_distribution", **WANTED, wait_timeout=5)
    (one,) = client("cloudfront").list_distributions()["DistributionList"]["Items"]
    assert failed["msg"].startswith(f"The distribution {one['Id']} was not deployed within 5 s. CloudFront goes on")
    assert not run_module("cloudfront_distribution", **WANTED, wait=False)["changed"]
    kept = run_module("cloudfront_distribution", name="demo-cdn", state="absent", wait_timeout=5)
    assert kept["msg"].startswith(f"The distribution {one['Id']} was not deployed")
    assert config()["Enabled"] is False


def test_an_origin_becomes_another_kind_and_a_certificate_goes(run_module: Any, client: Any, config: Any) -> None:
    run_module("cloudfront_distribution", **WANTED)
    host = {"id": "page", "domain_name": "a.example.test", "protocol_policy": "https-only"}
    run_module("cloudfront_distribution", **{**WANTED, "origins": [host]}, certificate_arn="")
    (origin,) = config()["Origins"]["Items"]
    assert "S3OriginConfig" not in origin
    assert origin["CustomOriginConfig"]["OriginSslProtocols"]["Items"] == ["TLSv1.2"]
    assert config()["ViewerCertificate"]["CloudFrontDefaultCertificate"]
    assert not run_module("cloudfront_distribution", **{**WANTED, "origins": [host]}, certificate_arn="")["changed"]


def test_what_a_policy_says_of_cors_stays(run_module: Any, client: Any) -> None:
    cloudfront = client("cloudfront")
    cors = {
        "AccessControlAllowOrigins": {"Quantity": 1, "Items": ["*"]},
        "AccessControlAllowHeaders": {"Quantity": 1, "Items": ["*"]},
        "AccessControlAllowMethods": {"Quantity": 1, "Items": ["GET"]},
        "AccessControlAllowCredentials": False,
        "OriginOverride": False,
    }
    config = {"Name": "page", "Comment": "", "CorsConfig": cors}
    cloudfront.create_response_headers_policy(ResponseHeadersPolicyConfig=config)
    assert not run_module("cloudfront_response_headers_policy", name="page")["changed"]
    made = run_module("cloudfront_response_headers_policy", name="page", frame_options="DENY")
    seen = cloudfront.get_response_headers_policy_config(Id=made["id"])["ResponseHeadersPolicyConfig"]
    assert seen["CorsConfig"] == cors
    assert seen["SecurityHeadersConfig"] == {"FrameOptions": {"Override": True, "FrameOption": "DENY"}}
