"""A stack that is there becomes one of production_web in place, its faults are found, and all of it goes again."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from typing import Any

import pytest

from tests import api
from tests.unit.lab.conftest import change

from .conftest import NAME

NAMES = ["example.test", "www.example.test"]
SCOPES = ("REGIONAL", "CLOUDFRONT")
FUNCTION, QUEUE = f"{NAME}-daily-report-lambda", f"{NAME}-reports-dead-letter-queue"


@pytest.fixture(scope="module")
def choices(client, endpoint) -> dict[str, str]:
    """The choices."""
    client("acm").request_certificate(DomainName="other.test")  # the first makes the authority that vouches
    return {
        "threetier_architecture": "production_web",
        "threetier_domain": "example.test",
        "threetier_waf_blocked_cidrs": ["203.0.113.0/24"],
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


def test_an_access_control_of_others_is_refused_before_anything_is_touched(site, choices):
    control = {
        "Name": f"{NAME}-us-east-1-page",
        "Description": "by hand",
        "SigningProtocol": "sigv4",
        "SigningBehavior": "always",
        "OriginAccessControlOriginType": "s3",
    }
    cloudfront = site.client("cloudfront")
    made = cloudfront.create_origin_access_control(OriginAccessControlConfig=control)
    said = site.play("cdn", **choices)
    assert said.failed
    assert f"CloudFront has an origin access control {NAME}-us-east-1-page already" in said.said
    cloudfront.delete_origin_access_control(Id=made["OriginAccessControl"]["Id"], IfMatch=made["ETag"])


def test_a_plan_shows_what_it_brings_and_makes_nothing(seen, site, choices):
    said = site.play("site", "--check", **choices)
    assert not said.failed, said.said
    for line in (
        f"+ cloudfront_distribution {NAME}-cdn",
        "~ s3_object config.json",
        f"+ wafv2_web_acl {NAME}-web-acl",
        f"+ lambda {FUNCTION}",
        f"+ apigatewayv2_api {NAME}-reports-http-api",
        "+ apigatewayv2_domain_name reports.example.test",
        f"+ scheduler_schedule_group {NAME}-schedules",
        "+ scheduler_schedule daily-report",
        f"+ sqs_queue {QUEUE}",
    ):
        assert line in said.said, (line, said.said)
    assert seen()["distributions"] == site.client("apigatewayv2").get_apis()["Items"] == []


def test_a_stack_moves_behind_a_cdn_in_place(seen, site, choices):
    said = site.play("site", **choices)
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
    drift = site.play("drift", "--check", **choices).said
    assert "Nothing drifted" in drift, drift


def test_reports_have_a_function_in_the_network_a_schedule_and_the_right_to_read(client):
    function = client("lambda").get_function_configuration(FunctionName=FUNCTION)
    ids = function["VpcConfig"]["SecurityGroupIds"]
    (group,) = client("ec2").describe_security_groups(GroupIds=ids)["SecurityGroups"]
    assert (group["GroupName"], group["IpPermissions"]) == (f"{NAME}-functions-sg", [])
    assert {rule["FromPort"] for rule in group["IpPermissionsEgress"]} == {443, 3306, 4566}  # that of the lab's API
    schedule = client("scheduler").get_schedule(GroupName=f"{NAME}-schedules", Name="daily-report")
    assert (schedule["ScheduleExpression"], schedule["State"]) == ("cron(0 5 * * ? *)", "ENABLED")
    policy = client("secretsmanager").get_resource_policy(SecretId=f"{NAME}-app-db")["ResourcePolicy"]
    assert f"role/{FUNCTION}-iam-role" in policy


def test_who_does_not_sign_gets_no_report(endpoint):
    asked = urllib.request.Request(f"{endpoint}/reports/daily", headers={"Host": "reports.example.test"})
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(asked)
    assert refused.value.code == 403


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


def test_what_is_published_by_hand_is_forgotten(seen, site, choices):
    distribution = seen()["distributions"][0]
    before = invalidations(site.client, distribution)
    s3 = site.client("s3")
    page = next(one["Name"] for one in s3.list_buckets()["Buckets"] if f"{NAME}-frontend" in one["Name"])
    s3.put_object(Bucket=page, Key="by-hand.html", Body=b"<p>", ContentType="text/html")
    said = site.play("cdn", **choices)
    assert "changed=1 " in said.said.rsplit("PLAY RECAP", 1)[1], said.said
    assert invalidations(site.client, distribution) == before + 1


@pytest.fixture
def bad(tmp_path, choices):
    """bad(stack) is (place, name) of all that the doctor finds wrong."""

    def ask(stack) -> set[tuple[str, str]]:
        report = tmp_path / "report.json"
        said = stack.play("doctor", *api.NO_HOSTS, doctor_report=str(report), **choices)
        assert report.exists(), said.said
        return {(one["place"], one["name"]) for one in json.loads(report.read_text()) if one["state"] == "bad"}

    return ask


def test_the_doctor_names_each_of_twelve_faults_of_the_edge(bad, seen, site):
    distribution, before = seen()["distributions"][0], bad(site)
    with site.copy() as copy:
        page = plant_faults(copy.client)
        found = bad(copy) - before
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
        ("report API", f"{NAME}-reports-http-api callers"),
        ("report function", f"{FUNCTION} permission"),
        ("report dead letters", QUEUE),
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
    scheduler, functions, gateway, sqs = (client(name) for name in ("scheduler", "lambda", "apigatewayv2", "sqs"))
    schedule = scheduler.get_schedule(Name="daily-report", GroupName=f"{NAME}-schedules")
    kept = ("Name", "GroupName", "ScheduleExpression", "ScheduleExpressionTimezone", "FlexibleTimeWindow", "Target")
    scheduler.update_schedule(State="DISABLED", **{key: schedule[key] for key in kept})
    for statement in json.loads(functions.get_policy(FunctionName=FUNCTION)["Policy"])["Statement"]:
        functions.remove_permission(FunctionName=FUNCTION, StatementId=statement["Sid"])
    (api_,) = gateway.get_apis()["Items"]
    for route in gateway.get_routes(ApiId=api_["ApiId"])["Items"]:
        gateway.update_route(ApiId=api_["ApiId"], RouteId=route["RouteId"], AuthorizationType="NONE")
    queue = sqs.get_queue_url(QueueName=QUEUE)["QueueUrl"]
    sqs.send_message(QueueUrl=queue, MessageBody=json.dumps({"scheduled": "2026-01-02T05:00:00Z"}))


def test_without_reports_the_schedule_goes_and_a_teardown_removes_all_the_rest(site):
    with site.copy() as copy:
        said = copy.play("functions", threetier_domain="example.test")
        assert not said.failed, said.said
        assert copy.client("scheduler").list_schedules()["Schedules"] == []
        said = copy.play("teardown", teardown_confirm=NAME)
        assert not said.failed, said.said
        assert "which takes AWS five minutes" in said.said
        assert {kind: found for kind, found in left(copy.client).items() if found} == {"certificates": ["other.test"]}


def left(client: Any) -> dict[str, Any]:
    """What there is of the kinds that the edge is made of, and of what holds data."""
    cloudfront, wafv2, gateway = client("cloudfront"), client("wafv2"), client("apigatewayv2")
    certificates = client("acm").list_certificates()["CertificateSummaryList"]
    return {
        "distributions": cloudfront.list_distributions()["DistributionList"].get("Items"),
        "access controls": cloudfront.list_origin_access_controls()["OriginAccessControlList"].get("Items"),
        "headers": cloudfront.list_response_headers_policies(Type="custom")["ResponseHeadersPolicyList"].get("Items"),
        "firewalls": [acl for scope in SCOPES for acl in wafv2.list_web_acls(Scope=scope)["WebACLs"]],
        "IP sets": [one for scope in SCOPES for one in wafv2.list_ip_sets(Scope=scope)["IPSets"]],
        "certificates": [one["DomainName"] for one in certificates],
        "zones": client("route53").list_hosted_zones()["HostedZones"],
        "health checks": client("route53").list_health_checks()["HealthChecks"],
        "APIs": gateway.get_apis()["Items"],
        "API names": gateway.get_domain_names()["Items"],
        "functions": client("lambda").list_functions()["Functions"],
        "queues": client("sqs").list_queues().get("QueueUrls", []),
        "schedules": client("scheduler").list_schedule_groups()["ScheduleGroups"][1:],  # the first is AWS's
        "buckets": client("s3").list_buckets()["Buckets"],
        "logs": client("logs").describe_log_groups()["logGroups"],
    }


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
