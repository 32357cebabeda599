"""For each module, under its name: what must be there, and its steps. A step is a name and the module's options."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from typing import Any

from ansible_collections.threetier.aws.plugins.plugin_utils import _resource_kinds

from lab import backends, pki
from lab.services.ec2 import images

from . import test_sqs_dead_letters

Client = Callable[[str], Any]
Steps = Iterator[tuple[str, dict[str, Any]]]
ACCOUNT = "123456789012"
TAGS = {"Stack": "demo-app", "Tier": "data"}
FEWER = {"Stack": "demo-app"}


def acm_certificate_request(_client: Client) -> Steps:
    ours = {"domain_name": "www.example.test", "subject_alternative_names": ["example.test"]}
    yield "create", {**ours, "tags": TAGS}
    yield "change tags", {**ours, "tags": FEWER}
    yield "another one, by its Name", {**ours, "tags": {**FEWER, "Name": "demo-app-www"}}


def apigatewayv2_api(client: Client) -> Steps:
    for name in ("access", "other"):
        client("logs").create_log_group(logGroupName=name)
    group, function = f"arn:aws:logs:us-east-1:{ACCOUNT}:log-group:", f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:"
    client("apigatewayv2").create_api(Name="other", ProtocolType="HTTP")
    reports = {"route_key": "GET /reports/daily", "function_arn": f"{function}reports"}
    users = {"route_key": "GET /users/{id}", "function_arn": f"{function}users", "authorization_type": "NONE"}
    ours = {"name": "demo", "routes": [reports], "access_log_arn": f"{group}access", "tags": TAGS}
    yield "create", {**ours, "throttling_burst_limit": 10, "cors": {"allow_origins": ["https://www.example.test"]}}
    yield "add a route", {**ours, "routes": [reports, users]}
    yield "change", {**ours, "description": "of reports", "access_log_arn": f"{group}other", "throttling_rate_limit": 5}
    yield "other functions", {**ours, "routes": [{**reports, "function_arn": f"{function}users"}], "tags": FEWER}
    yield "no log", {"name": "demo", "routes": [users], "disable_execute_api_endpoint": True}
    yield "remove", {"name": "demo", "state": "absent"}


def apigatewayv2_domain_name(client: Client) -> Steps:
    arns = [make_certificate(client), make_certificate(client)]
    ids = []
    for name in ("one", "two"):
        ids.append(client("apigatewayv2").create_api(Name=name, ProtocolType="HTTP")["ApiId"])
        client("apigatewayv2").create_stage(ApiId=ids[-1], StageName="$default", AutoDeploy=True)
    ours = {"name": "reports.example.test", "certificate_arn": arns[0], "api_id": ids[0]}
    yield "create", {**ours, "tags": TAGS}
    yield "another API", {**ours, "api_id": ids[1]}
    yield "another certificate", {**ours, "certificate_arn": arns[1], "tags": FEWER}
    yield "remove", {"name": "reports.example.test", "state": "absent"}


def applicationautoscaling_policy(client: Client) -> Steps:
    make_table(client)
    target = {
        "service_namespace": "dynamodb",
        "resource_id": "table/files",
        "scalable_dimension": "dynamodb:table:ReadCapacityUnits",
    }
    client("application-autoscaling").register_scalable_target(
        ServiceNamespace="dynamodb",
        ResourceId="table/files",
        ScalableDimension="dynamodb:table:ReadCapacityUnits",
        MinCapacity=1,
        MaxCapacity=9,
    )
    ours = {**target, "name": "reads"}
    metric = {"predefined_metric": "DynamoDBReadCapacityUtilization", "scale_in_cooldown": 60}
    yield "create", {**ours, "target_tracking": {"target_value": 50, **metric}}
    yield "change", {**ours, "target_tracking": {"target_value": 60, **metric}}
    steps = [{"lower_bound": 0, "upper_bound": 10, "adjustment": 1}, {"lower_bound": 10, "adjustment": 2}]
    yield "change kind", {**ours, "step_scaling": {"adjustment_type": "ChangeInCapacity", "steps": steps}}
    yield "remove", {**ours, "state": "absent"}


def applicationautoscaling_target(client: Client) -> Steps:
    ours = {
        "service_namespace": "rds",
        "resource_id": "cluster:aurora",
        "scalable_dimension": "rds:cluster:ReadReplicaCount",
    }
    yield "create", {**ours, "min_capacity": 1, "max_capacity": 3}
    yield "change", {**ours, "max_capacity": 5}
    yield "suspend", {**ours, "suspend_scaling_in": True}
    yield "remove", {**ours, "state": "absent"}


def autoscaling_group_settings(client: Client) -> Steps:
    make_group(client)
    yield "size", {"name": "asg", "desired_capacity": 2, "max_size": 4}
    yield "version", {"name": "asg", "launch_template_version": 2}
    yield "suspend", {"name": "asg", "suspend": ["AZRebalance"], "tags": {"Held": "AZRebalance"}}
    yield "resume", {"name": "asg", "resume": ["AZRebalance"], "remove_tags": ["Held"]}


def autoscaling_instance_refresh(client: Client) -> Steps:
    template_id = make_group(client)
    ours = {"name": "asg", "launch_template_id": template_id}
    yield "refresh", {**ours, "launch_template_version": 2}
    yield "start", {**ours, "launch_template_version": 3, "min_healthy_percentage": 50, "wait": False}
    yield "roll back", {"name": "asg", "state": "rolled_back"}


def autoscaling_policy_info(client: Client) -> Steps:
    image = images.register(backends.backend("ec2", "us-east-1"), "debian-12").id
    client("ec2").create_launch_template(LaunchTemplateName="web", LaunchTemplateData={"ImageId": image})
    client("autoscaling").create_auto_scaling_group(
        AutoScalingGroupName="asg",
        MinSize=0,
        MaxSize=1,
        AvailabilityZones=["us-east-1a"],
        LaunchTemplate={"LaunchTemplateName": "web", "Version": "1"},
    )
    cpu = {"PredefinedMetricSpecification": {"PredefinedMetricType": "ASGAverageCPUUtilization"}, "TargetValue": 80}
    client("autoscaling").put_scaling_policy(
        AutoScalingGroupName="asg",
        PolicyName="cpu",
        PolicyType="TargetTrackingScaling",
        TargetTrackingConfiguration=cpu,
    )
    yield "read", {"asg_name": "asg"}
    yield "read, none", {"asg_name": "never-was"}


def cloudfront_distribution(client: Client) -> Steps:
    secrets = client("secretsmanager")
    arns = [secrets.create_secret(Name=name, SecretString=f"value of {name}")["ARN"] for name in ("one", "two")]
    page = {"id": "page", "domain_name": "page.s3.us-east-1.amazonaws.com"}
    api = {"id": "api", "domain_name": "api.example.test", "protocol_policy": "https-only"}
    cached = {"target_origin_id": "page", "cache_policy_id": "658327ea-f89d-4fab-a63d-7e88639e58f6"}
    passed = {
        "target_origin_id": "api",
        "path_pattern": "/api/*",
        "allowed_methods": "all",
        "cache_policy_id": "4135ea2d-6df8-44a3-9df3-4b5a84be39ad",
        "origin_request_policy_id": "b689b0a8-53d0-40ab-baf2-68738e2966ac",
    }
    wanted = {
        "name": "demo-cdn",
        "default_root_object": "index.html",
        "origins": [page, {**api, "secret_headers": {"X-Origin-Verify": arns[0]}}],
        "default_cache_behavior": cached,
        "cache_behaviors": [passed],
        "custom_error_responses": [{"error_code": 403, "response_code": "404", "response_page_path": "/404.html"}],
        "tags": TAGS,
    }
    yield "create", wanted
    yield "change", {**wanted, "price_class": "PriceClass_100", "http_version": "http2and3"}
    yield "change the secret", {**wanted, "origins": [page, {**api, "secret_headers": {"X-Origin-Verify": arns[1]}}]}
    yield "drop a behavior", {**wanted, "origins": [page], "cache_behaviors": [], "custom_error_responses": []}
    yield "change tags", {"name": "demo-cdn", "tags": FEWER}
    yield "remove", {"name": "demo-cdn", "state": "absent"}


def cloudfront_invalidation(client: Client) -> Steps:
    origin = {
        "Id": "page",
        "DomainName": "page.s3.us-east-1.amazonaws.com",
        "S3OriginConfig": {"OriginAccessIdentity": ""},
    }
    behavior = {
        "TargetOriginId": "page",
        "ViewerProtocolPolicy": "redirect-to-https",
        "CachePolicyId": "658327ea-f89d-4fab-a63d-7e88639e58f6",
    }
    made = client("cloudfront").create_distribution(
        DistributionConfig={
            "CallerReference": "one",
            "Comment": "",
            "Enabled": True,
            "Origins": {"Quantity": 1, "Items": [origin]},
            "DefaultCacheBehavior": behavior,
        }
    )
    s3 = client("s3")
    s3.create_bucket(Bucket="page")
    s3.put_object(Bucket="page", Key="index.html", Body=b"one")
    ours = {"distribution_id": made["Distribution"]["Id"], "bucket": "page"}
    yield "create", ours
    s3.put_object(Bucket="page", Key="index.html", Body=b"two")
    yield "after a release", ours
    yield "other paths", {**ours, "paths": ["/index.html", "/assets/*"]}


def cloudfront_origin_access_control(client: Client) -> Steps:
    client("cloudfront").create_origin_access_control(
        OriginAccessControlConfig={
            "Name": "other",
            "SigningProtocol": "sigv4",
            "SigningBehavior": "always",
            "OriginAccessControlOriginType": "s3",
        }
    )
    yield "create", {"name": "page"}
    yield "change", {"name": "page", "description": "of the page", "signing_behavior": "no-override"}
    yield "remove", {"name": "page", "state": "absent"}


def cloudfront_response_headers_policy(client: Client) -> Steps:
    few = {"name": "page", "content_type_options": True, "frame_options": "DENY"}
    yield "create", {**few, "custom_headers": {"Permissions-Policy": "camera=()"}, "remove_headers": ["Server"]}
    yield (
        "change",
        {**few, "strict_transport_security": {"max_age": 60}, "content_security_policy": "default-src 'self'"},
    )
    yield "add none", {"name": "page", "comment": "none"}
    yield "remove", {"name": "page", "state": "absent"}


def cloudwatch_alarm_tags(client: Client) -> Steps:
    client("cloudwatch").put_metric_alarm(
        AlarmName="errors",
        Namespace="AWS/Lambda",
        MetricName="Errors",
        Statistic="Sum",
        Period=300,
        EvaluationPeriods=1,
        Threshold=0,
        ComparisonOperator="GreaterThanThreshold",
    )
    yield "create", {"name": "errors", "tags": TAGS}
    yield "change", {"name": "errors", "tags": FEWER}


def dynamodb_continuous_backups(client: Client) -> Steps:
    make_table(client)
    yield "create", {"table_name": "files"}
    yield "change", {"table_name": "files", "recovery_period_in_days": 7}
    yield "turn off", {"table_name": "files", "point_in_time_recovery": False}


def dynamodb_table_encryption(client: Client) -> Steps:
    make_table(client)
    key = client("kms").create_key()["KeyMetadata"]["KeyId"]
    client("kms").create_alias(AliasName="alias/ours", TargetKeyId=key)
    yield "create", {"table_name": "files"}
    yield "change", {"table_name": "files", "kms_key_id": "alias/ours"}
    yield "turn off", {"table_name": "files", "key": "aws_owned"}


def dynamodb_table_deletion_protection(client: Client) -> Steps:
    make_table(client)
    yield "protect", {"table_name": "files"}
    yield "lift", {"table_name": "files", "enabled": False}


def sns_topic_encryption(client: Client) -> Steps:
    ours = {"topic_arn": client("sns").create_topic(Name="uploads")["TopicArn"]}
    key = client("kms").create_key()["KeyMetadata"]["Arn"]
    yield "encrypt", {**ours, "kms_key_id": key}
    yield "turn off", ours


def ec2_flow_log(client: Client) -> Steps:
    client("logs").create_log_group(logGroupName="flows")
    ours = {"resource_id": make_vpc(client), "log_group_name": "flows"}
    role = f"arn:aws:iam::{ACCOUNT}:role/flows"
    ours["deliver_logs_permission_arn"] = role
    yield "create", {**ours, "tags": TAGS}
    yield "change tags", {**ours, "tags": FEWER}
    yield "change", {**ours, "traffic_type": "REJECT", "max_aggregation_interval": 60}
    yield "remove", {**ours, "state": "absent"}
    client("s3").create_bucket(Bucket="flows")
    yield "create, to a bucket", {"resource_id": ours["resource_id"], "log_destination": "arn:aws:s3:::flows"}
    (made,) = client("ec2").describe_flow_logs()["FlowLogs"]
    yield "remove, by id", {"flow_log_id": made["FlowLogId"], "state": "absent"}


def ec2_image(client: Client) -> Steps:
    ours = {"name": "app-1", "instance_id": launch(client)}
    yield "create", {**ours, "tags": TAGS}
    yield "change tags", {"name": "app-1", "tags": FEWER}
    yield "remove", {"name": "app-1", "state": "absent"}


def ec2_image_retention(client: Client) -> Steps:
    instance = launch(client)
    for name in ("one", "two", "three"):
        tags = [
            {"ResourceType": kind, "Tags": [{"Key": "Stack", "Value": "demo-app"}]} for kind in ("image", "snapshot")
        ]
        client("ec2").create_image(InstanceId=instance, Name=name, TagSpecifications=tags)
    yield "keep two", {"match_tags": FEWER, "keep": 2}
    yield "keep none", {"match_tags": FEWER, "keep": 0}


def ec2_security_group_rule(client: Client) -> Steps:
    vpc = make_vpc(client)
    create = client("ec2").create_security_group
    ids = [create(GroupName=name, Description=name, VpcId=vpc)["GroupId"] for name in ("db", "builder")]
    rule = {"group_id": ids[0], "source_group_id": ids[1], "port": 3306}
    yield "create", {**rule, "description": "while baking"}
    yield "remove", {**rule, "state": "absent"}


def elb_listener_secret_header(client: Client) -> Steps:
    make_load_balancer(client, "web")
    secret = client("secretsmanager").create_secret(Name="origin", SecretString="nobodymayseethis")["ARN"]
    yield "close", {"load_balancer": "web", "secret_id": secret}
    client("secretsmanager").put_secret_value(SecretId=secret, SecretString="northistoo")
    yield "another value", {"load_balancer": "web", "secret_id": secret}
    yield "remove", {"load_balancer": "web", "state": "absent"}


def account_limit_info(client: Client) -> Steps:
    yield "read", {"needs": [{"vpcs": 1, "elastic_ips": 1, "instance_types": ["t3.micro"]}]}


def availability_zone_info(client: Client) -> Steps:
    yield "read", {"instance_types": ["t3.micro"], "db_instance_class": "db.t4g.micro"}


def ec2_managed_prefix_list_info(_client: Client) -> Steps:
    yield "read", {"filters": {"prefix-list-name": "com.amazonaws.global.cloudfront.origin-facing"}}


def global_name_info(client: Client) -> Steps:
    client("s3").create_bucket(Bucket="taken")
    yield "read", {"stack": "demo", "roles": ["free"], "buckets": ["taken"]}


def iam_role_inline_policies(client: Client) -> Steps:
    trust = {"Version": "2012-10-17", "Statement": []}
    client("iam").create_role(RoleName="fleet", AssumeRolePolicyDocument=json.dumps(trust))
    allowed = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}
    reading = {"Version": "2012-10-17", "Statement": [allowed]}
    writing = {"Version": "2012-10-17", "Statement": [{**allowed, "Action": ["s3:PutObject"]}]}
    yield "create", {"role_name": "fleet", "policies": {"files": reading, "more": writing}}
    yield "change, and delete one", {"role_name": "fleet", "policies": {"files": writing}}
    yield "delete all", {"role_name": "fleet", "policies": {}}


def lambda_function_info(client: Client) -> Steps:
    test_sqs_dead_letters.make_function(client)
    client("lambda").put_function_concurrency(FunctionName="worker", ReservedConcurrentExecutions=0)
    yield "read", {"name": "worker"}
    yield "read, none", {"name": "never-was"}


def lambda_permissions(client: Client) -> Steps:
    test_sqs_dead_letters.make_function(client)
    ours = {"function_name": "worker"}
    topic = {"principal": "sns.amazonaws.com", "source_arn": f"arn:aws:sns:us-east-1:{ACCOUNT}:uploads"}
    bucket = {"principal": "s3.amazonaws.com", "source_arn": "arn:aws:s3:::files", "source_account": ACCOUNT}
    yield "create", {**ours, "statements": {"uploads": topic, "files": bucket}}
    yield "change, and remove one", {**ours, "statements": {"uploads": {**topic, "principal": "events.amazonaws.com"}}}
    yield "remove all", {**ours, "statements": {}}


def logs_log_group(client: Client) -> Steps:
    ours = {"name": "/ours", "tags": TAGS}
    client("logs").create_log_group(logGroupName="/ours/too")
    yield "create", {**ours, "retention_in_days": 30}
    yield "change retention", {**ours, "retention_in_days": 7}
    yield "change tags", {**ours, "retention_in_days": 7, "tags": FEWER}


def logs_event_info(client: Client) -> Steps:
    logs = client("logs")
    logs.create_log_group(logGroupName="/g")
    logs.create_log_stream(logGroupName="/g", logStreamName="s")
    event = {"timestamp": int(time.time() * 1000), "message": "[ERROR] just now"}
    logs.put_log_events(logGroupName="/g", logStreamName="s", logEvents=[event])
    yield "read", {"log_group_name": "/g", "phrases": ["[ERROR]"]}
    yield "read, none", {"log_group_name": "/never-was", "phrases": ["[ERROR]"]}


def make_cluster(client: Client) -> dict[str, Any]:
    """A subnet group over two zones, and the options of a cluster in it."""
    subnets = [found["SubnetId"] for found in client("ec2").describe_subnets()["Subnets"][:2]]
    client("rds").create_db_subnet_group(DBSubnetGroupName="private", DBSubnetGroupDescription="d", SubnetIds=subnets)
    return {
        "db_cluster_identifier": "demo-db",
        "engine": "aurora-mysql",
        "engine_version": "8.0",
        "engine_lifecycle_support": "open-source-rds-extended-support-disabled",
        "serverless_v2_scaling_configuration": {"min_capacity": 0.5, "max_capacity": 2},
        "storage_encrypted": True,
        "database_name": "demo",
        "port": 3306,
        "master_username": "admin",
        "db_subnet_group_name": "private",
        "backup_retention_period": 7,
        "enable_iam_database_authentication": False,
        "enable_cloudwatch_logs_exports": ["slowquery", "error"],
        "deletion_protection": True,
        "apply_immediately": True,
        "tags": TAGS,
    }


def add_member(client: Client, name: str) -> None:
    client("rds").create_db_instance(
        DBInstanceIdentifier=name,
        DBClusterIdentifier="demo-db",
        Engine="aurora-mysql",
        DBInstanceClass="db.r6g.large",
    )


def rds_db_cluster(client: Client) -> Steps:
    wanted = make_cluster(client)
    yield "create", wanted
    limits = {"min_capacity": 1, "max_capacity": 4}
    changed = {**wanted, "serverless_v2_scaling_configuration": limits, "enable_cloudwatch_logs_exports": ["error"]}
    yield "change", {**changed, "backup_retention_period": 14, "enable_iam_database_authentication": True}
    yield "change tags", {"db_cluster_identifier": "demo-db", "tags": FEWER}
    yield "stop", {"db_cluster_identifier": "demo-db", "state": "stopped"}
    yield "start", {"db_cluster_identifier": "demo-db", "state": "started"}
    gone = {"db_cluster_identifier": "demo-db", "deletion_protection": False, "state": "absent"}
    yield "remove", {**gone, "final_db_snapshot_identifier": "last"}


def rds_db_cluster_parameter_group(client: Client) -> Steps:
    ours = {"name": "ours-aurora", "family": "aurora-mysql8.0", "description": "d", "tags": TAGS}
    yield "create", {**ours, "parameters": {"require_secure_transport": True}}
    yield "set and reset", {**ours, "parameters": {"wait_timeout": "1K"}}
    yield "change tags", {**ours, "parameters": {"wait_timeout": 1024}, "tags": FEWER}


def rds_db_failover(client: Client) -> Steps:
    make_cluster(client)
    client("rds").create_db_cluster(
        DBClusterIdentifier="demo-db",
        Engine="aurora-mysql",
        MasterUsername="admin",
        ManageMasterUserPassword=True,
        DBSubnetGroupName="private",
    )
    for name in ("demo-db-1", "demo-db-2"):
        add_member(client, name)
    yield "fail over", {"db_cluster_identifier": "demo-db", "writer": "demo-db-2"}
    yield "fail back", {"db_cluster_identifier": "demo-db", "writer": "demo-db-1"}
    made = client("rds").create_db_instance(
        DBInstanceIdentifier="one",
        DBInstanceClass="db.t4g.micro",
        Engine="mysql",
        AllocatedStorage=20,
        MasterUsername="admin",
        ManageMasterUserPassword=True,
        DBSubnetGroupName="private",
        MultiAZ=True,
    )["DBInstance"]
    zones = (made["SecondaryAvailabilityZone"], made["AvailabilityZone"])
    for step, zone in zip(("to the standby", "back from the standby"), zones, strict=True):
        yield step, {"db_instance_identifier": "one", "availability_zone": zone}


def rds_db_instance(client: Client) -> Steps:
    ec2, rds = client("ec2"), client("rds")
    subnets = [found["SubnetId"] for found in ec2.describe_subnets()["Subnets"][:2]]
    rds.create_db_subnet_group(DBSubnetGroupName="private", DBSubnetGroupDescription="d", SubnetIds=subnets)
    wanted = {
        "db_instance_identifier": "my-demo-db",
        "engine": "mysql",
        "engine_version": "8.4",
        "engine_lifecycle_support": "open-source-rds-extended-support-disabled",
        "db_instance_class": "db.t4g.micro",
        "allocated_storage": 20,
        "storage_type": "gp3",
        "storage_encrypted": True,
        "master_username": "admin",
        "db_subnet_group_name": "private",
        "deletion_protection": True,
        "apply_immediately": True,
        "tags": TAGS,
    }
    yield "create", wanted
    yield "change", {**wanted, "db_instance_class": "db.t4g.small", "multi_az": True, "allocated_storage": 40}
    yield "change tags", {**wanted, "allocated_storage": 40, "db_instance_class": "db.t4g.small", "tags": FEWER}
    gone = {"db_instance_identifier": "my-demo-db", "deletion_protection": False, "state": "absent"}
    yield "remove", {**gone, "final_db_snapshot_identifier": "last"}
    again = {
        **wanted,
        "allocated_storage": 40,
        "max_allocated_storage": 100,
        "preferred_maintenance_window": "sun:04:00-sun:04:30",
    }
    yield "restore", {**again, "db_snapshot_identifier": "last"}


def rds_db_parameter_group(client: Client) -> Steps:
    ours = {"name": "ours-mysql-8-4", "family": "mysql8.4", "description": "d", "tags": TAGS}
    few = {"require_secure_transport": True, "long_query_time": 1}
    yield "create", {**ours, "parameters": few}
    yield "set and reset", {**ours, "parameters": {"require_secure_transport": "on", "wait_timeout": "1K"}}
    yield "change tags", {**ours, "parameters": {"require_secure_transport": 1, "wait_timeout": 1024}, "tags": FEWER}


def resourcegroupstaggingapi_resource_info(client: Client) -> Steps:
    vpc = make_vpc(client)
    client("ec2").create_tags(Resources=[vpc], Tags=[{"Key": "Stack", "Value": "demo-app"}])
    kinds = [kind for kind in _resource_kinds.read() if kind["type"] in ("ec2:vpc", "ec2:subnet")]
    yield "read", {"tags": FEWER, "listings": _resource_kinds.listings(kinds), "unlisted": True}


def route53_records(client: Client) -> Steps:
    zone = client("route53").create_hosted_zone(Name="example.test", CallerReference="one")["HostedZone"]["Id"]
    ours = {"zone": "example.test", "hosted_zone_id": zone.rpartition("/")[2], "owner": TAGS}
    alias = {"alias_hosted_zone_id": "Z35SXDOTRQ7X7K", "alias_evaluate_target_health": True}
    api = {"name": "api.example.test", "type": "A", "value": ["demo-1.us-east-1.elb.amazonaws.com"], **alias}
    proof = {"name": "_x.example.test", "type": "CNAME", "value": ["_y.acm-validations.aws."]}
    yield "create", {**ours, "records": [api, proof]}
    yield "change", {**ours, "records": [{**api, "value": ["demo-2.us-east-1.elb.amazonaws.com"]}, proof]}
    yield "fewer", {**ours, "records": [proof]}
    yield "remove", {**ours, "owner": FEWER, "records": [{"name": proof["name"], "type": "CNAME"}], "state": "absent"}


def s3_bucket_contents(client: Client) -> Steps:
    s3 = client("s3")
    s3.create_bucket(Bucket="files")
    s3.put_object(Bucket="files", Key="from before versioning", Body=b"x")
    s3.put_bucket_versioning(Bucket="files", VersioningConfiguration={"Status": "Enabled"})
    for key in ("kept twice", "kept twice", "deleted"):
        s3.put_object(Bucket="files", Key=key, Body=b"x")
    s3.delete_object(Bucket="files", Key="deleted")
    s3.create_multipart_upload(Bucket="files", Key="unfinished")
    yield "empty", {"bucket": "files"}


def s3_bucket_cors(client: Client) -> Steps:
    client("s3").create_bucket(Bucket="uploads")
    rule = {"allowed_origins": ["https://b.example", "https://a.example"], "allowed_methods": ["PUT", "GET"]}
    yield "create", {"bucket": "uploads", "rules": [rule]}
    yield "change", {"bucket": "uploads", "rules": [{**rule, "max_age_seconds": 60}]}
    yield "remove", {"bucket": "uploads", "state": "absent"}


def s3_bucket_notification(client: Client) -> Steps:
    client("s3").create_bucket(Bucket="uploads")
    topic = client("sns").create_topic(Name="news")["TopicArn"]
    statement = {"Effect": "Allow", "Principal": {"Service": "s3.amazonaws.com"}, "Action": "sns:Publish"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [{**statement, "Resource": topic}]})
    client("sns").set_topic_attributes(TopicArn=topic, AttributeName="Policy", AttributeValue=policy)
    ours = {"bucket": "uploads", "name": "ours", "topic_arn": topic, "events": ["s3:ObjectCreated:*"]}
    yield "create", ours
    yield "change", {**ours, "prefix": "in/"}
    yield "remove", {"bucket": "uploads", "name": "ours", "state": "absent"}


def s3_object_versions(client: Client) -> Steps:
    s3 = client("s3")
    s3.create_bucket(Bucket="files")
    s3.put_bucket_versioning(Bucket="files", VersioningConfiguration={"Status": "Enabled"})
    s3.put_object(Bucket="files", Key="a.txt", Body=b"later than the moment")
    yield "purge", {"bucket": "files", "at": "2020-01-01T00:00:00Z", "purge": True}


def scheduler_schedule(client: Client) -> Steps:
    trust = {"Effect": "Allow", "Principal": {"Service": "scheduler.amazonaws.com"}, "Action": "sts:AssumeRole"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    role = client("iam").create_role(RoleName="schedule", AssumeRolePolicyDocument=document)["Role"]["Arn"]
    queue = f"arn:aws:sqs:us-east-1:{ACCOUNT}:"
    ours = {"name": "daily", "target_arn": f"{queue}live", "role_arn": role, "enabled": False}
    yield "create", {**ours, "schedule_expression": "cron(0 5 * * ? *)"}
    ours["schedule_expression_timezone"] = "Europe/Berlin"
    yield "change", {**ours, "schedule_expression": "rate(1 day)", "input": "{}", "dead_letter_arn": f"{queue}dead"}
    yield "remove", {"name": "daily", "state": "absent"}


def scheduler_schedule_group(_client: Client) -> Steps:
    yield "create", {"name": "demo", "tags": TAGS}
    yield "change tags", {"name": "demo", "tags": FEWER}
    yield "remove", {"name": "demo", "state": "absent"}


def secretsmanager_secret_info(client: Client) -> Steps:
    client("secretsmanager").create_secret(Name="app", SecretString="nobody-may-see-this")
    yield "read", {"name": "app"}
    yield "read its policy", {"name": "app", "resource_policy": True}
    yield "read, none", {"name": "never-was"}


def secretsmanager_secret_rotation(client: Client) -> Steps:
    client("secretsmanager").create_secret(Name="app", SecretString="nobody-may-see-this")
    yield "begin", {"name": "app", "step": "begin", "username": "app"}
    yield "promote", {"name": "app", "step": "promote"}
    yield "finish", {"name": "app", "step": "finish"}


def sns_subscription(client: Client) -> Steps:
    topic = client("sns").create_topic(Name="news")["TopicArn"]
    for name in ("live", "dead"):
        client("sqs").create_queue(QueueName=name)
    queue = f"arn:aws:sqs:us-east-1:{ACCOUNT}:"
    ours = {"topic_arn": topic, "protocol": "sqs", "endpoint": f"{queue}live", "dead_letter_queue_arn": f"{queue}dead"}
    yield "create", ours
    yield "change", {**ours, "raw_message_delivery": True, "filter_policy": {"kind": ["new"]}}
    yield "take off", {**ours, "dead_letter_queue_arn": "", "filter_policy": {}}
    yield "remove", {**ours, "state": "absent"}
    yield "ask a person", {"topic_arn": topic, "protocol": "email", "endpoint": "someone@example.com"}


def sqs_dead_letter_redrive(client: Client) -> Steps:
    test_sqs_dead_letters.make_function(client)
    queue = client("sqs").create_queue(QueueName="dead")["QueueUrl"]
    client("sqs").send_message(QueueUrl=queue, MessageBody=test_sqs_dead_letters.by_lambda(key="one"))
    yield "redrive", {"queue_name": "dead", "function_name": "worker"}


def sqs_queue_info(client: Client) -> Steps:
    client("sqs").create_queue(QueueName="dead")
    yield "read", {"name": "dead"}
    yield "read, none", {"name": "never-was"}


def wafv2_logging_configuration(client: Client) -> Steps:
    for name in ("aws-waf-logs-one", "aws-waf-logs-two"):
        client("logs").create_log_group(logGroupName=name)
    ours = {"web_acl_arn": make_web_acl(client), "log_group_name": "aws-waf-logs-one"}
    yield "create", {**ours, "redacted_headers": ["Cookie", "Authorization"], "actions": ["COUNT", "BLOCK"]}
    yield "another group, all requests", {**ours, "log_group_name": "aws-waf-logs-two"}
    yield "remove", {"web_acl_arn": ours["web_acl_arn"], "state": "absent"}


def wafv2_web_acl_activity_info(client: Client) -> Steps:
    yield "none of the name", {"name": "demo"}
    make_web_acl(client)
    yield "one", {"name": "demo"}
    yield "one before CloudFront", {"name": "demo", "scope": "CLOUDFRONT"}


def make_web_acl(client: Client) -> str:
    seen = {"SampledRequestsEnabled": True, "CloudWatchMetricsEnabled": True, "MetricName": "demo"}
    rate = {"RateBasedStatement": {"Limit": 10, "AggregateKeyType": "IP"}}
    rule = {"Name": "rate", "Priority": 0, "Action": {"Block": {}}, "Statement": rate, "VisibilityConfig": seen}
    made = {
        scope: client("wafv2").create_web_acl(
            Name="demo", Scope=scope, DefaultAction={"Allow": {}}, Rules=[rule], VisibilityConfig=seen
        )["Summary"]["ARN"]
        for scope in ("REGIONAL", "CLOUDFRONT")
    }
    return str(made["REGIONAL"])


def make_certificate(client: Client) -> str:
    """One for *.example.test that somebody has imported; its ARN."""
    pki.ensure_authority()
    certificate, key = pki.issue("*.example.test")
    return str(client("acm").import_certificate(Certificate=certificate, PrivateKey=key)["CertificateArn"])


def make_group(client: Client) -> str:
    """Eight instances of the first of three versions of a launch template, whose id it returns."""
    ec2 = client("ec2")
    image = images.register(backends.backend("ec2", "us-east-1"), "debian-12").id
    template = ec2.create_launch_template(LaunchTemplateName="web", LaunchTemplateData={"ImageId": image})
    template_id = str(template["LaunchTemplate"]["LaunchTemplateId"])
    for _version in range(2):
        ec2.create_launch_template_version(LaunchTemplateId=template_id, LaunchTemplateData={"ImageId": image})
    client("autoscaling").create_auto_scaling_group(
        AutoScalingGroupName="asg",
        MinSize=0,
        MaxSize=8,
        DesiredCapacity=8,
        AvailabilityZones=["us-east-1a"],
        LaunchTemplate={"LaunchTemplateId": template_id, "Version": "1"},
    )
    return template_id


def launch(client: Client) -> str:
    image = images.register(backends.backend("ec2", "us-east-1"), "debian-12").id
    return client("ec2").run_instances(ImageId=image, MinCount=1, MaxCount=1)["Instances"][0]["InstanceId"]


def make_load_balancer(client: Client, name: str) -> dict[str, Any]:
    """A load balancer whose port 8443 forwards and whose port 80 redirects: its forwarding listener."""
    vpc, elb = make_vpc(client), client("elbv2")
    subnets = [
        client("ec2").create_subnet(VpcId=vpc, CidrBlock=f"10.0.{n}.0/24", AvailabilityZone=f"us-east-1{zone}")
        for n, zone in enumerate("ab")
    ]
    made = elb.create_load_balancer(Name=name, Subnets=[one["Subnet"]["SubnetId"] for one in subnets])
    arn = made["LoadBalancers"][0]["LoadBalancerArn"]
    group = elb.create_target_group(Name=name, Protocol="HTTP", Port=80, VpcId=vpc)["TargetGroups"][0]["TargetGroupArn"]
    redirect = {"Type": "redirect", "RedirectConfig": {"Protocol": "HTTPS", "StatusCode": "HTTP_301"}}
    elb.create_listener(LoadBalancerArn=arn, Protocol="HTTP", Port=80, DefaultActions=[redirect])
    forward = {"Type": "forward", "TargetGroupArn": group}
    listener = elb.create_listener(LoadBalancerArn=arn, Protocol="HTTP", Port=8443, DefaultActions=[forward])
    return dict(listener["Listeners"][0])


def make_vpc(client: Client) -> str:
    return client("ec2").create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]


def make_table(client: Client) -> None:
    client("dynamodb").create_table(
        TableName="files",
        KeySchema=[{"AttributeName": "name", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "name", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
