"""From a call of AWS's API, as the lab's access log names it, to what IAM has to allow for it."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

POLICIES = Path(__file__).resolve().parents[1] / "docs/policies"

# Where IAM's prefix is not the service's name in the signature.
_PREFIXES = {"monitoring": "cloudwatch", "tagging": "tag", "apigatewayv2": "apigateway"}
# API Gateway's actions are the verbs of HTTP.
_VERBS = {"Create": "POST", "Delete": "DELETE", "Get": "GET", "Tag": "POST", "Untag": "DELETE", "Update": "PATCH"}

# Where IAM's action is not the operation's name: S3's permissions, and Lambda's invocation. From AWS's Service
# Authorization Reference and the page "Required permissions for Amazon S3 API operations".
_ACTIONS = {
    "cloudfront:CreateDistributionWithTags": ["cloudfront:CreateDistribution", "cloudfront:TagResource"],
    "lambda:Invoke": ["lambda:InvokeFunction"],
    # Of a version, with the tags that it takes along.
    "s3:CopyObject": ["s3:GetObjectVersion", "s3:GetObjectVersionTagging", "s3:PutObject", "s3:PutObjectTagging"],
    "s3:CompleteMultipartUpload": ["s3:PutObject"],
    "s3:CreateMultipartUpload": ["s3:PutObject"],
    "s3:DeleteBucketCors": ["s3:PutBucketCORS"],
    "s3:DeleteBucketEncryption": ["s3:PutEncryptionConfiguration"],
    "s3:DeleteBucketLifecycle": ["s3:PutLifecycleConfiguration"],
    "s3:DeleteBucketOwnershipControls": ["s3:PutBucketOwnershipControls"],
    "s3:DeleteBucketTagging": ["s3:PutBucketTagging"],
    "s3:DeleteObjects": ["s3:DeleteObject", "s3:DeleteObjectVersion"],
    "s3:DeletePublicAccessBlock": ["s3:PutBucketPublicAccessBlock"],
    "s3:GetBucketAccelerateConfiguration": ["s3:GetAccelerateConfiguration"],
    "s3:GetBucketCors": ["s3:GetBucketCORS"],
    "s3:GetBucketEncryption": ["s3:GetEncryptionConfiguration"],
    "s3:GetBucketLifecycleConfiguration": ["s3:GetLifecycleConfiguration"],
    "s3:GetBucketNotificationConfiguration": ["s3:GetBucketNotification"],
    "s3:GetObjectLockConfiguration": ["s3:GetBucketObjectLockConfiguration"],
    "s3:GetPublicAccessBlock": ["s3:GetBucketPublicAccessBlock"],
    "s3:HeadBucket": ["s3:ListBucket"],
    "s3:HeadObject": ["s3:GetObject"],
    "s3:ListBucketInventoryConfigurations": ["s3:GetInventoryConfiguration"],
    "s3:ListBuckets": ["s3:ListAllMyBuckets"],
    "s3:ListMultipartUploads": ["s3:ListBucketMultipartUploads"],
    "s3:ListObjectVersions": ["s3:ListBucketVersions"],
    "s3:ListObjects": ["s3:ListBucket"],
    "s3:ListObjectsV2": ["s3:ListBucket"],
    "s3:PutBucketCors": ["s3:PutBucketCORS"],
    "s3:PutBucketEncryption": ["s3:PutEncryptionConfiguration"],
    "s3:PutBucketLifecycleConfiguration": ["s3:PutLifecycleConfiguration"],
    "s3:PutBucketNotificationConfiguration": ["s3:PutBucketNotification"],
    "s3:PutPublicAccessBlock": ["s3:PutBucketPublicAccessBlock"],
    "s3:UploadPart": ["s3:PutObject"],
    "s3control:GetPublicAccessBlock": ["s3:GetAccountPublicAccessBlock"],
}

# What AWS asks for on top, because a call makes, tags or hands over something else. The emulator does not.
_ALONG = {
    "acm:RequestCertificate": ["acm:AddTagsToCertificate"],
    "apigateway:POST": [  # of a stage, whose access log goes to a log group
        "logs:CreateLogDelivery",
        "logs:DescribeResourcePolicies",
        "logs:GetLogDelivery",
        "logs:ListLogDeliveries",
        "logs:PutResourcePolicy",
        "logs:UpdateLogDelivery",
    ],
    "autoscaling:CreateAutoScalingGroup": [
        "autoscaling:CreateOrUpdateTags",
        "ec2:RunInstances",
        "iam:CreateServiceLinkedRole",
        "iam:PassRole",
    ],
    "dynamodb:CreateTable": ["dynamodb:TagResource"],
    "elasticloadbalancing:CreateLoadBalancer": ["elasticloadbalancing:AddTags", "iam:CreateServiceLinkedRole"],
    "elasticloadbalancing:CreateTargetGroup": ["elasticloadbalancing:AddTags"],
    "iam:CreateInstanceProfile": ["iam:TagInstanceProfile"],
    "iam:CreateRole": ["iam:TagRole"],
    "iam:AddRoleToInstanceProfile": ["iam:PassRole"],
    "kms:CreateKey": ["kms:TagResource"],
    "lambda:CreateFunction": ["iam:PassRole", "lambda:TagResource"],
    "logs:CreateLogGroup": ["logs:TagResource"],
    "rds:CreateDBCluster": [
        "kms:DescribeKey",
        "secretsmanager:CreateSecret",
        "secretsmanager:TagResource",
        "rds:AddTagsToResource",
    ],
    "rds:CreateDBClusterParameterGroup": ["rds:AddTagsToResource"],
    "rds:DeleteDBCluster": ["rds:CreateDBClusterSnapshot"],
    "rds:CreateDBInstance": [
        "iam:CreateServiceLinkedRole",
        "kms:DescribeKey",
        "rds:AddTagsToResource",
        "secretsmanager:CreateSecret",
        "secretsmanager:TagResource",
    ],
    "rds:CreateDBParameterGroup": ["rds:AddTagsToResource"],
    "rds:CreateDBSubnetGroup": ["rds:AddTagsToResource"],
    "rds:DeleteDBInstance": ["rds:CreateDBSnapshot"],
    "rds:RestoreDBInstanceFromDBSnapshot": ["rds:AddTagsToResource"],
    "rds:RestoreDBInstanceToPointInTime": ["rds:AddTagsToResource"],
    "scheduler:CreateSchedule": ["iam:PassRole"],
    "scheduler:CreateScheduleGroup": ["scheduler:TagResource"],
    "scheduler:UpdateSchedule": ["iam:PassRole"],
    "secretsmanager:CreateSecret": ["secretsmanager:TagResource"],
    "sns:CreateTopic": ["sns:TagResource"],
    "sqs:CreateQueue": ["sqs:TagQueue"],
    "ssm:PutParameter": ["ssm:AddTagsToResource"],
}
_TAGGED_BY_EC2 = [
    "AllocateAddress",
    "CreateImage",
    "CreateInternetGateway",
    "CreateLaunchTemplate",
    "CreateNatGateway",
    "CreateRouteTable",
    "CreateSecurityGroup",
    "CreateSubnet",
    "CreateVpc",
    "ImportKeyPair",
    "RunInstances",
]
_ALONG |= {f"ec2:{action}": ["ec2:CreateTags"] for action in _TAGGED_BY_EC2}
_ALONG["ec2:RunInstances"] = ["ec2:CreateTags", "iam:PassRole"]


def needed(calls: Iterable[dict[str, Any]]) -> set[str]:
    """The actions that IAM has to allow for these calls of /lab/calls."""
    found: set[str] = set()
    for call in calls:
        prefix = _PREFIXES.get(call["service"], call["service"])
        name = f"{prefix}:{call['action']}"
        actions = _ACTIONS.get(name, [name])
        if prefix == "apigateway":
            actions = [f"{prefix}:{next(verb for word, verb in _VERBS.items() if call['action'].startswith(word))}"]
        found.update(actions, *(_ALONG.get(action, []) for action in actions))
    return found


def statements(policy: dict[str, Any]) -> list[dict[str, Any]]:
    """Each with its actions and resources as lists."""
    listed = policy["Statement"] if isinstance(policy["Statement"], list) else [policy["Statement"]]
    return [one | {key: _list(one[key]) for key in ("Action", "Resource") if key in one} for one in listed]


def operator(stack: str = "demo-app", account: str = "123456789012", region: str = "us-east-1") -> dict[str, dict]:
    """docs/policies/*.json by name, with their four words filled in as docs/iam.md says."""
    words = {"STACK": stack, "ACCOUNT": account, "REGION": region}
    words["DATABASE"] = "my-demo-db" if stack == "demo-app" else f"{stack}-db"
    found = {}
    for path in sorted(POLICIES.glob("*.json")):
        text = path.read_text()
        for word, value in words.items():
            text = text.replace(word, value)
        found[path.stem] = json.loads(text)
    return found


def allowed(policies: Iterable[dict[str, Any]]) -> set[str]:
    return {action for policy in policies for one in statements(policy) for action in one["Action"]}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
