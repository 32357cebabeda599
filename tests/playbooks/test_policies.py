"""docs/policies/ against the calls that playbooks really make; they and the stack's roles against IAM's auditors."""

from __future__ import annotations

import json

import parliament
import pytest
from cloudsplaining.scan.policy_document import PolicyDocument
from policy_sentry.querying.actions import get_action_data

from tests import api, iam

OPERATOR = iam.operator()

# What the auditors find in the operator's policies, each with why it stays. A new finding fails, and so does one of
# these that is found no more. docs/iam.md tells the reader.
SPLIT = "parliament holds each statement alone against an action that AWS checks for several resources"
MADE = "it asks for the ARN of what is yet to be made, where AWS's reference knows none"
KNOWN = {
    ("compute", "RESOURCE_MISMATCH", "ec2:RunInstances"): SPLIT,
    ("compute", "RESOURCE_MISMATCH", "ec2:CreateImage"): SPLIT,
    ("messaging", "RESOURCE_MISMATCH", "kms:CreateAlias"): SPLIT,
    ("network", "RESOURCE_MISMATCH", "ec2:CreateFlowLogs"): SPLIT,
    ("network", "RESOURCE_MISMATCH", "ec2:CreateNatGateway"): SPLIT,
    ("network", "RESOURCE_MISMATCH", "ec2:CreateNetworkAcl"): SPLIT,
    ("network", "RESOURCE_MISMATCH", "ec2:CreateVpcEndpoint"): SPLIT,
    ("network", "RESOURCE_MISMATCH", "ec2:ReplaceNetworkAclAssociation"): SPLIT,
    ("network", "RESOURCE_MISMATCH", "ec2:CreateSecurityGroup"): SPLIT,
    ("edge", "RESOURCE_STAR", "cloudfront:CreateDistribution"): MADE,
    ("edge", "RESOURCE_STAR", "cloudfront:CreateResponseHeadersPolicy"): MADE,
    ("compute", "RESOURCE_MISMATCH", "elasticloadbalancing:DeleteListener"): "it asks for network load balancers too",
    ("compute", "RESOURCE_MISMATCH", "elasticloadbalancing:ModifyListener"): "it asks for network load balancers too",
    ("compute", "RESOURCE_MISMATCH", "elasticloadbalancing:CreateRule"): "it asks for network load balancers too",
    ("compute", "RESOURCE_MISMATCH", "elasticloadbalancing:DeleteRule"): "it asks for network load balancers too",
    ("compute", "RESOURCE_MISMATCH", "elasticloadbalancing:ModifyRule"): "it asks for network load balancers too",
    ("teardown", "RESOURCE_MISMATCH", "elasticloadbalancing:DeleteListener"): "it asks for network load balancers too",
    ("read", "RESOURCE_MISMATCH", "servicequotas:GetServiceQuota"): "it does not know that quotas have ARNs",
    ("messaging", "RESOURCE_POLICY_PRIVILEGE_ESCALATION", "s3:PutBucketPolicy"): "the site sets the buckets' policies",
    ("messaging", "RESOURCE_POLICY_PRIVILEGE_ESCALATION", "s3:PutLifecycleConfiguration"): "and their lifecycle",
}


def parliament_of(policy):
    """(issue, action) of each finding."""
    found = set()
    for finding in parliament.analyze_policy_string(json.dumps(policy)).findings:
        if isinstance(finding.detail, list):
            found |= {(finding.issue, one if isinstance(one, str) else one["action"]) for one in finding.detail}
        else:
            found.add((finding.issue, str(finding.detail).rpartition("does allow ")[2]))
    return found


def cloudsplaining_of(policy):
    """Its six classes, those that are not empty."""
    document = PolicyDocument(policy)
    classes = {
        "privilege escalation": document.allows_privilege_escalation,
        "resource exposure": document.permissions_management_without_constraints,
        "data exfiltration": document.allows_data_exfiltration_actions,
        "credentials exposure": document.credentials_exposure,
        "service wildcard": document.service_wildcard,
        "infrastructure modification": document.infrastructure_modification,
    }
    return {name: found for name, found in classes.items() if found}


def too_wide(policy):
    """Actions with a wildcard; and those on every resource for which AWS knows a narrower one."""
    for one in iam.statements(policy):
        for action in one["Action"] if one["Effect"] == "Allow" else ():
            if "*" in action:
                yield action
                continue
            known = get_action_data(*action.split(":"))
            assert known, f"AWS has no action {action}"
            (entries,) = known.values()
            narrower = {entry["resource_arn_format"] for entry in entries} != {"*"}
            if narrower and "*" in one["Resource"]:
                yield action


def test_the_auditors_find_what_is_too_wide():
    careless = {"Effect": "Allow", "Action": ["iam:PassRole", "s3:*", "s3:GetObject", "lambda:*"], "Resource": "*"}
    policy = {"Version": "2012-10-17", "Statement": [careless]}
    assert list(too_wide(policy)) == ["iam:PassRole", "s3:*", "s3:GetObject", "lambda:*"]
    assert {"data exfiltration", "service wildcard", "infrastructure modification"} <= set(cloudsplaining_of(policy))
    misplaced = careless | {"Action": "s3:ListBucket", "Resource": "arn:aws:s3:::b/*"}
    assert ("RESOURCE_MISMATCH", "s3:ListBucket") in parliament_of(policy | {"Statement": [misplaced]})


@pytest.fixture
def made(endpoint, client):
    """made() are the calls of the API since the test began."""
    client("sts").get_caller_identity()
    begin = api.last_call(endpoint)
    return lambda: api.calls(endpoint, begin)


@pytest.mark.parametrize("stack", ["policed"])
def test_site_may_make_each_call_that_it_makes(client, made, play, stack):
    """Those tiers that need no machine. The end-to-end tests ask it of a whole site, test_teardown.py of its end."""
    play("network", threetier_flow_logs=True)
    play("database")
    play("messaging")
    assert iam.needed(made()) - iam.allowed(OPERATOR.values()) == set()
    policy = json.loads(client("secretsmanager").get_resource_policy(SecretId=f"{stack}-app-db")["ResourcePolicy"])
    role = f"arn:aws:iam::123456789012:role/{stack}"
    readers = [f"{role}-s3-dynamo-iam-role", f"{role}-ami-builder-iam-role"]
    assert policy["Statement"][0]["Condition"] == {"ArnNotLike": {"aws:PrincipalArn": readers}}


@pytest.mark.parametrize("stack", ["policed"])  # which the first test has built
def test_the_stacks_own_roles_hold_no_more_than_they_need(client, ansible, stack):
    done = ansible("playbook", "tests/playbooks/iam.yml")
    assert done.returncode == 0, done.stdout
    roles = [role["RoleName"] for role in client("iam").list_roles()["Roles"] if role["RoleName"].startswith(stack)]
    assert len(roles) == 4
    for role in roles:
        for name in client("iam").list_role_policies(RoleName=role)["PolicyNames"]:
            policy = client("iam").get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"]
            said = {"parliament": parliament_of(policy), "wide": list(too_wide(policy)), **cloudsplaining_of(policy)}
            assert not any(said.values()), f"{role}, {name}: {said}"


@pytest.mark.parametrize("name", OPERATOR)
def test_the_operators_policy_is_as_narrow_as_aws_lets_it_be(name):
    assert {(name, *one) for one in parliament_of(OPERATOR[name])} == {one for one in KNOWN if one[0] == name}
    assert list(too_wide(OPERATOR[name])) == []
    assert cloudsplaining_of(OPERATOR[name]) == {}


@pytest.mark.parametrize("name", OPERATOR)
def test_the_operators_policy_fits_into_a_managed_policy(name):
    longest = iam.operator(stack="a-stack-of-20-letter", region="ap-southeast-2")[name]
    assert len("".join(json.dumps(longest, separators=(",", ":")).split())) <= 6144
    assert not {"STACK", "ACCOUNT", "REGION", "DATABASE"} & set(json.dumps(OPERATOR[name]).replace("/", ":").split(":"))


def test_a_role_may_have_all_of_them():
    assert len(OPERATOR) <= 10  # IAM's default for managed policies of one role
