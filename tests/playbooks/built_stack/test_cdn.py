"""A stack that is there becomes one of production_web in place, its faults are found, and all of it goes again."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests import api
from tests.unit.lab.conftest import change

from .conftest import NAME

NAMES = ["example.test", "www.example.test"]


@pytest.fixture(scope="module")
def cdn(client, endpoint) -> dict[str, str]:
    """The choices."""
    client("acm").request_certificate(DomainName="other.test")  # the first makes the authority that vouches
    return {
        "threetier_architecture": "production_web",
        "threetier_domain": "example.test",
        "functions_database_ca_bundle_url": f"{endpoint}/lab/ca.pem",
    }


@pytest.fixture(scope="module")
def seen(site):
    """seen(client) is what a person would look at: distribution, names, the page's bucket, its address of the API."""

    def look(client: Any = site.client) -> dict[str, Any]:
        cloudfront, s3, route53 = (client(service) for service in ("cloudfront", "s3", "route53"))
        found = cloudfront.list_distributions()["DistributionList"].get("Items", [])
        page = next(one["Name"] for one in s3.list_buckets()["Buckets"] if f"{NAME}-frontend" in one["Name"])
        (readers,) = json.loads(s3.get_bucket_policy(Bucket=page)["Policy"])["Statement"]
        records = {
            (one["Name"].rstrip("."), one["Type"]): one["AliasTarget"]["DNSName"].rstrip(".")
            for zone in route53.list_hosted_zones()["HostedZones"]
            for one in route53.list_resource_record_sets(HostedZoneId=zone["Id"])["ResourceRecordSets"]
            if "AliasTarget" in one
        }
        return {
            "distributions": [one["Id"] for one in found],
            "config": cloudfront.get_distribution_config(Id=found[0]["Id"])["DistributionConfig"] if found else {},
            "arn": found[0]["ARN"] if found else "",
            "leads": {name for name, target in records.items() if found and target == found[0]["DomainName"]},
            "readers": readers,
            "blocked": s3.get_public_access_block(Bucket=page)["PublicAccessBlockConfiguration"],
            "api": json.loads(s3.get_object(Bucket=page, Key="config.json")["Body"].read())["api_base"],
            "sources": sources(client),
            "answers": listener_rules(client),
            "kept": s3.head_object(Bucket=page, Key="index.html")["CacheControl"],
        }

    return look


def sources(client: Any) -> list[str]:
    """Who may reach the load balancer, by its security group."""
    groups = client("ec2").describe_security_groups(Filters=[{"Name": "group-name", "Values": [f"{NAME}-lb-sg"]}])
    return sorted(
        f"{peer.get('CidrIp') or 'CloudFront'}, {rule['FromPort']}"
        for rule in groups["SecurityGroups"][0]["IpPermissions"]
        for peer in (*rule["IpRanges"], *rule["PrefixListIds"])
    )


def listener_rules(client: Any) -> list[str]:
    """What the listener for HTTPS does, by priority."""
    elbv2 = client("elbv2")
    balancer = elbv2.describe_load_balancers(Names=[f"{NAME}-alb"])["LoadBalancers"][0]["LoadBalancerArn"]
    secure = [one for one in elbv2.describe_listeners(LoadBalancerArn=balancer)["Listeners"] if one["Port"] == 443]
    rules = elbv2.describe_rules(ListenerArn=secure[0]["ListenerArn"])["Rules"] if secure else []
    return [one["Actions"][0]["Type"] for one in sorted(rules, key=lambda rule: rule["Priority"])]


def invalidations(client: Any, distribution: str) -> int:
    return len(
        client("cloudfront").list_invalidations(DistributionId=distribution)["InvalidationList"].get("Items", [])
    )


def test_an_access_control_of_others_is_refused_before_anything_is_touched(site, cdn):
    control = {
        "Name": f"{NAME}-us-east-1-page",
        "Description": "by hand",
        "SigningProtocol": "sigv4",
        "SigningBehavior": "always",
        "OriginAccessControlOriginType": "s3",
    }
    cloudfront = site.client("cloudfront")
    made = cloudfront.create_origin_access_control(OriginAccessControlConfig=control)
    said = site.play("cdn", **cdn)
    assert said.failed
    assert f"CloudFront has an origin access control {NAME}-us-east-1-page already" in said.said
    cloudfront.delete_origin_access_control(Id=made["OriginAccessControl"]["Id"], IfMatch=made["ETag"])


def test_a_plan_shows_what_a_cdn_brings_and_makes_nothing(seen, site, cdn):
    said = site.play("cdn", "--check", **cdn)
    assert not said.failed, said.said
    assert f"+ cloudfront_distribution {NAME}-cdn" in said.said
    assert "~ s3_object config.json" in said.said
    assert seen()["distributions"] == []


def test_a_stack_moves_behind_a_cdn_in_place(seen, site, cdn):
    said = site.play("site", **cdn)
    assert not said.failed, said.said
    now = seen()
    assert sorted(now["config"]["Aliases"]["Items"]) == NAMES
    assert now["leads"] == {(name, kind) for name in NAMES for kind in ("A", "AAAA")}
    assert now["readers"]["Principal"] == {"Service": "cloudfront.amazonaws.com"}
    assert now["readers"]["Condition"] == {"StringEquals": {"aws:SourceArn": now["arn"]}}
    assert set(now["blocked"].values()) == {True}
    (firewall,) = site.client("wafv2").list_web_acls(Scope="CLOUDFRONT")["WebACLs"]
    assert now["config"]["WebACLId"] == firewall["ARN"]
    assert now["api"] == "/"
    assert now["sources"] == ["CloudFront, 443"]
    assert now["answers"] == ["forward", "fixed-response", "forward"]
    assert "s-maxage" in now["kept"]
    assert "https://www.example.test/" in said.said.rsplit("Say what there is", 1)[1]
    drift = site.play("drift", "--check", **cdn).said
    assert "Nothing drifted" in drift, drift


def test_the_distribution_is_as_strict_as_it_can_be(seen):
    config = seen()["config"]
    page, (api,) = config["DefaultCacheBehavior"], config["CacheBehaviors"]["Items"]
    bucket, balancer = config["Origins"]["Items"]
    assert config["ViewerCertificate"]["MinimumProtocolVersion"] == "TLSv1.2_2021"
    assert config["HttpVersion"] == "http2and3"
    assert config["IsIPV6Enabled"]
    assert {page["ViewerProtocolPolicy"], api["ViewerProtocolPolicy"]} == {"redirect-to-https"}
    assert bucket["OriginAccessControlId"]
    assert balancer["DomainName"] == "api.example.test"
    assert balancer["CustomOriginConfig"]["OriginProtocolPolicy"] == "https-only"
    assert balancer["CustomOriginConfig"]["OriginSslProtocols"]["Items"] == ["TLSv1.2"]
    assert api["PathPattern"] == "/api/*"
    assert page["ResponseHeadersPolicyId"] == api["ResponseHeadersPolicyId"] != ""
    waits = {one["ErrorCode"]: one["ErrorCachingMinTTL"] for one in config["CustomErrorResponses"]["Items"]}
    assert set(waits.values()) == {0}
    assert {404, 500, 502, 503, 504} <= waits.keys()


def test_what_is_published_by_hand_is_forgotten(seen, site, cdn):
    distribution = seen()["distributions"][0]
    before = invalidations(site.client, distribution)
    s3 = site.client("s3")
    page = next(one["Name"] for one in s3.list_buckets()["Buckets"] if f"{NAME}-frontend" in one["Name"])
    s3.put_object(Bucket=page, Key="by-hand.html", Body=b"<p>", ContentType="text/html")
    said = site.play("cdn", **cdn)
    assert "changed=1 " in said.said.rsplit("PLAY RECAP", 1)[1], said.said
    assert invalidations(site.client, distribution) == before + 1


@pytest.fixture
def bad(tmp_path, cdn):
    """bad(stack) is (place, name) of all that the doctor finds wrong."""

    def ask(stack) -> set[tuple[str, str]]:
        report = tmp_path / "report.json"
        said = stack.play("doctor", *api.NO_HOSTS, doctor_report=str(report), **cdn)
        assert report.exists(), said.said
        return {(one["place"], one["name"]) for one in json.loads(report.read_text()) if one["state"] == "bad"}

    return ask


def test_the_doctor_names_each_of_eleven_faults_of_the_edge(bad, seen, site):
    distribution, before = seen()["distributions"][0], bad(site)
    with site.copy() as copy:
        page = plant_faults(copy.client)
        found = bad(copy) - before
    report = f"{NAME}-daily-report-lambda"
    assert found >= {
        ("record", "www.example.test"),
        ("health check", "www.example.test"),
        ("distribution", distribution),
        ("origin", page),
        ("origin", f"{page} access"),
        ("security group", f"{NAME}-lb-sg, others in"),
        ("firewall", f"{NAME}-web-acl"),
        ("firewall log", f"aws-waf-logs-{NAME}-web-acl"),
        ("report schedule", f"{NAME}-schedules/daily-report"),
        ("report API", f"{NAME}-reports-http-api"),
        ("report function", f"{report} permission"),
    }


def plant_faults(client: Any) -> str:
    """Take apart what is at the edge as hands would. Returns the name of the page's bucket."""
    route53, s3, cloudfront = client("route53"), client("s3"), client("cloudfront")
    (zone,) = [one for one in route53.list_hosted_zones()["HostedZones"] if one["Name"] == "example.test."]
    records = route53.list_resource_record_sets(HostedZoneId=zone["Id"])["ResourceRecordSets"]
    change(
        route53,
        zone["Id"],
        "DELETE",
        *(one for one in records if (one["Name"], one["Type"]) == ("www.example.test.", "A")),
    )
    for check in route53.list_health_checks()["HealthChecks"]:
        route53.delete_health_check(HealthCheckId=check["Id"])
    page = next(one["Name"] for one in s3.list_buckets()["Buckets"] if f"{NAME}-frontend" in one["Name"])
    s3.delete_bucket_policy(Bucket=page)
    s3.delete_public_access_block(Bucket=page)
    (summary,) = cloudfront.list_distributions()["DistributionList"]["Items"]
    found = cloudfront.get_distribution_config(Id=summary["Id"])
    config = found["DistributionConfig"] | {"Enabled": False}
    cloudfront.update_distribution(Id=summary["Id"], IfMatch=found["ETag"], DistributionConfig=config)
    ec2, wafv2 = client("ec2"), client("wafv2")
    (group,) = ec2.describe_security_groups(Filters=[{"Name": "group-name", "Values": [f"{NAME}-lb-sg"]}])[
        "SecurityGroups"
    ]
    ec2.authorize_security_group_ingress(
        GroupId=group["GroupId"], IpProtocol="tcp", FromPort=443, ToPort=443, CidrIp="0.0.0.0/0"
    )
    (balancer,) = client("elbv2").describe_load_balancers()["LoadBalancers"]
    wafv2.disassociate_web_acl(ResourceArn=balancer["LoadBalancerArn"])
    (acl,) = wafv2.list_web_acls(Scope="REGIONAL")["WebACLs"]
    wafv2.delete_logging_configuration(ResourceArn=acl["ARN"])
    plant_faults_in_reports(client)
    return str(page)


def plant_faults_in_reports(client: Any) -> None:
    scheduler, functions, gateway = client("scheduler"), client("lambda"), client("apigatewayv2")
    (summary,) = scheduler.list_schedules()["Schedules"]
    schedule = scheduler.get_schedule(Name=summary["Name"], GroupName=summary["GroupName"])
    kept = ("Name", "GroupName", "ScheduleExpression", "ScheduleExpressionTimezone", "FlexibleTimeWindow", "Target")
    scheduler.update_schedule(State="DISABLED", **{key: schedule[key] for key in kept})
    name = f"{NAME}-daily-report-lambda"
    for statement in json.loads(functions.get_policy(FunctionName=name)["Policy"])["Statement"]:
        functions.remove_permission(FunctionName=name, StatementId=statement["Sid"])
    (http_api,) = gateway.get_apis()["Items"]
    for route in gateway.get_routes(ApiId=http_api["ApiId"])["Items"]:
        gateway.delete_route(ApiId=http_api["ApiId"], RouteId=route["RouteId"])


def test_a_teardown_removes_the_distribution_and_what_is_named_after_it(site):
    with site.copy() as copy:
        said = copy.play("teardown", teardown_confirm=NAME)
        assert not said.failed, said.said
        assert "which takes AWS five minutes" in said.said
        cloudfront = copy.client("cloudfront")
        assert not cloudfront.list_distributions()["DistributionList"].get("Items")
        assert not cloudfront.list_origin_access_controls()["OriginAccessControlList"].get("Items")
        assert not cloudfront.list_response_headers_policies(Type="custom")["ResponseHeadersPolicyList"].get("Items")
        assert copy.client("wafv2").list_web_acls(Scope="CLOUDFRONT")["WebACLs"] == []
        left = copy.client("acm").list_certificates()["CertificateSummaryList"]
        assert [one["DomainName"] for one in left] == ["other.test"]


def test_without_it_everybody_reads_the_page_again_and_the_distribution_stays(seen, site):
    said = site.play("site", threetier_domain="example.test")
    assert not said.failed, said.said
    now = seen()
    assert now["readers"]["Principal"] == "*"
    assert now["sources"] == ["0.0.0.0/0, 443", "0.0.0.0/0, 80"]
    assert now["answers"] == ["forward"]
    assert now["api"] == "https://api.example.test"
    assert "s-maxage" not in now["kept"]
    assert len(now["distributions"]) == 1
