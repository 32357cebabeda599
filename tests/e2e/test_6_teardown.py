"""What was built can be removed, and nothing of it or of the lab stays."""

import subprocess
from pathlib import Path

import pytest

from tests import iam

from .conftest import asked, playbook, run

CALLS = {
    "ec2": (
        ("describe_vpcs", "Vpcs"), ("describe_subnets", "Subnets"), ("describe_security_groups", "SecurityGroups"),
        ("describe_internet_gateways", "InternetGateways"), ("describe_route_tables", "RouteTables"),
        ("describe_addresses", "Addresses"), ("describe_key_pairs", "KeyPairs"),
        ("describe_launch_templates", "LaunchTemplates"), ("describe_network_interfaces", "NetworkInterfaces"),
        ("describe_volumes", "Volumes"),
    ),
    "autoscaling": (("describe_auto_scaling_groups", "AutoScalingGroups"),),
    "elbv2": (("describe_load_balancers", "LoadBalancers"), ("describe_target_groups", "TargetGroups")),
    "rds": (("describe_db_instances", "DBInstances"), ("describe_db_subnet_groups", "DBSubnetGroups")),
    "secretsmanager": (("list_secrets", "SecretList"),),
    "s3": (("list_buckets", "Buckets"),),
    "sns": (("list_topics", "Topics"), ("list_subscriptions", "Subscriptions")),
    "sqs": (("list_queues", "QueueUrls"),),
    "dynamodb": (("list_tables", "TableNames"),),
    "lambda": (("list_functions", "Functions"),),
    "apigatewayv2": (("get_apis", "Items"), ("get_domain_names", "Items")),
    "scheduler": (("list_schedules", "Schedules"),),
    "logs": (("describe_log_groups", "logGroups"),),
    "cloudwatch": (("describe_alarms", "MetricAlarms"),),
    "iam": (("list_roles", "Roles"), ("list_instance_profiles", "InstanceProfiles")),
}  # fmt: skip


# What the policies allow for another day than these: a choice that changed, a part that an earlier run had left behind,
# a feature that the demo has not switched on. Whatever else they allow is asked for by a site or its teardown.
SELDOM = {
    "tags that are no longer wanted": """autoscaling:DeleteTags cloudwatch:UntagResource dynamodb:UntagResource
        ec2:DeleteTags elasticloadbalancing:RemoveTags iam:UntagInstanceProfile iam:UntagRole lambda:UntagResource
        logs:UntagResource rds:RemoveTagsFromResource secretsmanager:UntagResource sns:UntagResource sqs:UntagQueue""",
    "a choice that changed": """autoscaling:AttachLoadBalancerTargetGroups autoscaling:AttachTrafficSources
        ec2:ModifySubnetAttribute
        autoscaling:DetachLoadBalancerTargetGroups dynamodb:UpdateTable ec2:DeleteRoute ec2:DisassociateAddress
        ec2:ReplaceRoute ec2:StartInstances elasticloadbalancing:DeleteListener
        elasticloadbalancing:DescribeListenerCertificates elasticloadbalancing:ModifyListener
        elasticloadbalancing:ModifyTargetGroup elasticloadbalancing:SetSecurityGroups elasticloadbalancing:SetSubnets
        iam:UpdateAssumeRolePolicy iam:UpdateRoleDescription kms:PutKeyPolicy kms:UntagResource
        kms:UpdateKeyDescription secretsmanager:DeleteResourcePolicy lambda:RemovePermission lambda:UpdateFunctionCode
        lambda:UpdateFunctionConfiguration rds:ModifyDBInstance rds:ModifyDBSubnetGroup rds:RebootDBInstance
        rds:ResetDBParameterGroup secretsmanager:UpdateSecret sns:SetSubscriptionAttributes""",
    "a release that is rolled out": """autoscaling:CancelInstanceRefresh autoscaling:DescribeInstanceRefreshes
        autoscaling:RollbackInstanceRefresh autoscaling:StartInstanceRefresh ec2:CreateLaunchTemplateVersion
        ec2:DeleteLaunchTemplateVersions ec2:ModifyLaunchTemplate""",
    "a run over what is there": """autoscaling:UpdateAutoScalingGroup iam:GetRolePolicy
        secretsmanager:GetResourcePolicy""",
    "a key that a teardown has scheduled for deletion, taken back": "kms:CancelKeyDeletion kms:EnableKey",
    "a patch, a night without a fleet": """autoscaling:DescribeAutoScalingInstances autoscaling:EnterStandby
        autoscaling:ExitStandby autoscaling:ResumeProcesses autoscaling:SuspendProcesses
        elasticloadbalancing:DeregisterTargets rds:StartDBInstance rds:StopDBInstance""",
    "an Aurora cluster": """rds:CreateDBCluster rds:CreateDBClusterParameterGroup rds:CreateDBClusterSnapshot
        rds:DeleteDBCluster rds:DeleteDBClusterParameterGroup rds:DeleteDBClusterSnapshot
        rds:DescribeDBClusterParameters rds:FailoverDBCluster rds:ModifyDBCluster rds:ModifyDBClusterParameterGroup
        rds:ResetDBClusterParameterGroup rds:StartDBCluster rds:StopDBCluster""",
    "a diagnosis, a restore, dead letters": """lambda:InvokeFunction logs:FilterLogEvents
        rds:RestoreDBInstanceFromDBSnapshot rds:RestoreDBInstanceToPointInTime s3:GetObjectVersion
        s3:GetObjectVersionTagging s3:PutObjectTagging sqs:ChangeMessageVisibility sqs:DeleteMessage
        sqs:ReceiveMessage""",
    "a quota that AWS keeps no value of the account's own for": "servicequotas:GetAWSDefaultServiceQuota",
    "flow logs": "ec2:CreateFlowLogs ec2:DeleteFlowLogs",
    "gateway endpoints": "ec2:CreateVpcEndpoint",
    "network ACLs": """ec2:CreateNetworkAcl ec2:CreateNetworkAclEntry ec2:DeleteNetworkAcl ec2:DeleteNetworkAclEntry
        ec2:ReplaceNetworkAclAssociation""",
    "a domain": """acm:AddTagsToCertificate acm:DeleteCertificate acm:DescribeCertificate acm:GetCertificate
        acm:ListTagsForCertificate acm:RemoveTagsFromCertificate acm:RequestCertificate
        route53:ChangeResourceRecordSets route53:ChangeTagsForResource route53:CreateHostedZone
        route53:DeleteHostedZone route53:GetDNSSEC route53:GetHostedZone route53:ListHostedZonesByName
        route53:ListResourceRecordSets route53:ListTagsForResource route53:ListTagsForResources
        route53:CreateHealthCheck route53:DeleteHealthCheck route53:GetHealthCheck route53:GetHealthCheckStatus
        route53:UpdateHealthCheck""",
    "a CDN": """cloudfront:CreateDistribution cloudfront:CreateInvalidation cloudfront:CreateOriginAccessControl
        cloudfront:CreateResponseHeadersPolicy cloudfront:DeleteDistribution cloudfront:DeleteOriginAccessControl
        cloudfront:DeleteResponseHeadersPolicy cloudfront:GetDistribution cloudfront:GetInvalidation
        cloudfront:GetOriginAccessControl cloudfront:GetResponseHeadersPolicy cloudfront:ListInvalidations
        cloudfront:ListTagsForResource cloudfront:TagResource cloudfront:UntagResource cloudfront:UpdateDistribution
        cloudfront:UpdateOriginAccessControl cloudfront:UpdateResponseHeadersPolicy
        ec2:DescribeManagedPrefixLists elasticloadbalancing:CreateRule elasticloadbalancing:DeleteRule
        elasticloadbalancing:DescribeRules elasticloadbalancing:ModifyRule secretsmanager:GetSecretValue""",
    "a firewall": """cloudwatch:GetMetricData elasticloadbalancing:SetWebAcl iam:CreateServiceLinkedRole
        logs:CreateLogDelivery logs:DeleteLogDelivery logs:DescribeResourcePolicies logs:PutResourcePolicy
        wafv2:AssociateWebACL wafv2:CreateIPSet wafv2:CreateWebACL wafv2:DeleteIPSet
        wafv2:DeleteLoggingConfiguration wafv2:DeleteWebACL wafv2:DisassociateWebACL wafv2:GetIPSet
        wafv2:GetLoggingConfiguration wafv2:GetSampledRequests wafv2:GetWebACL wafv2:ListResourcesForWebACL
        wafv2:ListTagsForResource wafv2:PutLoggingConfiguration wafv2:TagResource wafv2:UntagResource
        wafv2:UpdateIPSet wafv2:UpdateWebACL""",
    "reports of each day": """apigateway:DELETE apigateway:GET apigateway:PATCH apigateway:POST logs:CreateLogDelivery
        logs:DescribeResourcePolicies logs:GetLogDelivery logs:ListLogDeliveries logs:PutResourcePolicy
        logs:UpdateLogDelivery scheduler:CreateSchedule scheduler:CreateScheduleGroup scheduler:DeleteSchedule
        scheduler:DeleteScheduleGroup scheduler:GetSchedule
        scheduler:GetScheduleGroup scheduler:ListTagsForResource scheduler:TagResource
        scheduler:UntagResource scheduler:UpdateSchedule""",
    "a rotation of the application's secret": """secretsmanager:ListSecretVersionIds secretsmanager:PutSecretValue
        secretsmanager:UpdateSecretVersionStage""",
    "what was left behind, or has the stack's tag": """ec2:DeleteNetworkInterface ec2:DeleteSnapshot ec2:DeleteVolume
        ec2:DeleteVpcEndpoints ec2:DetachNetworkInterface iam:DeletePolicy iam:DeletePolicyVersion iam:DetachRolePolicy
        iam:GetPolicy iam:ListEntitiesForPolicy iam:ListPolicyTags iam:ListPolicyVersions rds:DeleteDBSnapshot
        s3:AbortMultipartUpload s3:DeleteBucketPolicy s3:DeleteObjectVersion""",
    "what the doctor reads": "logs:FilterLogEvents",
    "what is protected": """ec2:ModifyInstanceAttribute elasticloadbalancing:ModifyLoadBalancerAttributes
        dynamodb:UpdateTable""",
    "a last snapshot": "rds:CreateDBSnapshot rds:AddTagsToResource",
    "asked by module versions other than the pinned": """autoscaling:DescribeTags lambda:GetFunctionConfiguration
        logs:ListTagsLogGroup rds:DescribeDBSnapshots""",
}


@pytest.fixture(scope="module")
def torn(stack):
    before = asked()[-1]["number"]
    done = run("make", "teardown-site")
    done.calls = asked(after=before)
    return done


def test_teardown_needs_the_stacks_name(stack):
    refused = playbook("teardown")
    assert refused.code != 0
    assert "teardown_confirm" in refused.output
    assert len(stack.healthy()) == 2


def test_teardown_runs_to_its_end(torn, figures):
    figures["seconds of the teardown"] = round(torn.seconds, 1)
    assert torn.code == 0, torn.why()


def test_the_operators_policies_allow_all_that_teardown_asks_for(torn):
    policies = iam.operator()
    assert len(torn.calls) > 100
    assert (
        iam.needed(torn.calls) - iam.allowed([policies[name] for name in ("edge", "find", "read", "teardown")]) == set()
    )


def test_the_operators_policies_allow_little_more(torn, site):
    """Of restore the tests of its playbooks ask the same."""
    policies = [policy for name, policy in iam.operator().items() if name != "restore"]
    more = iam.allowed(policies) - iam.needed([*site.calls, *torn.calls])
    assert more - {action for actions in SELDOM.values() for action in actions.split()} == set()


def test_nothing_is_left_in_the_api(torn, client):
    """Asked service by service, without the collection's own sweep."""
    left = {}
    for service, calls in CALLS.items():
        for call, key in calls:
            found = [item for item in getattr(client(service), call)().get(key, []) if not _belongs_to_aws(item)]
            if found:
                left[f"{service}.{call}"] = found
    ec2 = client("ec2")
    instances = [i for r in ec2.describe_instances()["Reservations"] for i in r["Instances"]]
    left["instances"] = [i["InstanceId"] for i in instances if i["State"]["Name"] != "terminated"]
    left["gateways"] = [g for g in ec2.describe_nat_gateways()["NatGateways"] if g["State"] != "deleted"]
    left["images"] = ec2.describe_images(Owners=["self"])["Images"]
    left["snapshots"] = ec2.describe_snapshots(OwnerIds=["self"])["Snapshots"]
    left = {kind: found for kind, found in left.items() if found}
    assert left == {}


def test_a_second_teardown_finds_nothing_to_do(torn):
    again = run("make", "teardown-site")
    assert again.code == 0, again.why()
    assert again.total("changed") == 0, again.why("changed")


def test_the_lab_leaves_nothing_on_this_machine(torn):
    hosts_before = Path("/etc/hosts").read_text()
    down = run("make", "lab-down")
    assert down.code == 0, down.output
    assert "threetier-lab" not in Path("/etc/hosts").read_text()
    assert len(Path("/etc/hosts").read_text()) <= len(hosts_before)
    for command in (
        ["ip", "netns"],
        ["ip", "-br", "link"],
        ["nft", "list", "tables"],
        ["cat", "/proc/mounts"],
        ["ps", "axww"],
    ):
        said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        for mark in ("t3lab", "threetier-lab/machines", "lab serve"):
            assert mark not in said, f"{' '.join(command)}: {said}"
    assert not Path("/var/lib/threetier-lab").exists()
    assert not Path("/run/threetier-lab").exists()


def _belongs_to_aws(item) -> bool:
    """What every account has: the default VPC and its parts."""
    if not isinstance(item, dict):
        return False
    if item.get("IsDefault") or item.get("DefaultForAz") or item.get("GroupName") == "default":
        return True
    if any(association.get("Main") for association in item.get("Associations", [])):
        return True
    return str(item.get("Path", "")).startswith("/aws-service-role/")
