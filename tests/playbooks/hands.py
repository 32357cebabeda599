"""Changes that somebody makes by hand to a stack, over all its services, and what a plan has to say of each."""

from __future__ import annotations

import base64
import io
import json
import zipfile
from collections.abc import Callable
from typing import Any

ANYTHING = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
ACCOUNT = "123456789012"


class Hands:
    """Changes that somebody makes by hand, each with what drift has to say of it: the resource and the attribute."""

    def __init__(self, client: Callable[[str], Any], stack: str) -> None:
        self.of, self.stack = client, stack
        self.topic = f"arn:aws:sns:us-east-1:{ACCOUNT}:{stack}-sns-topic"

    def _group(self, name: str) -> Any:
        mine = [{"Name": "group-name", "Values": [name]}, {"Name": "tag:Stack", "Values": [self.stack]}]
        return self.of("ec2").describe_security_groups(Filters=mine)["SecurityGroups"][0]

    def _table(self, name: str) -> Any:
        named = [{"Name": "tag:Name", "Values": [f"{self.stack}-{name}"]}]
        return self.of("ec2").describe_route_tables(Filters=named)["RouteTables"][0]

    def all(self) -> dict[str, str]:
        """Do them all; by resource, its attributes."""
        ec2, iam, sns, s3, elb = (self.of(service) for service in ("ec2", "iam", "sns", "s3", "elbv2"))
        stack, opened = self.stack, {"IpProtocol": "tcp", "CidrIp": "0.0.0.0/0"}
        ec2.authorize_security_group_ingress(
            GroupId=self._group(f"{stack}-db-sg")["GroupId"], FromPort=1, ToPort=65535, **opened
        )
        ec2.authorize_security_group_ingress(
            GroupId=self._group("default")["GroupId"], FromPort=22, ToPort=22, **opened
        )
        balancer = self._group(f"{stack}-lb-sg")
        ec2.revoke_security_group_egress(GroupId=balancer["GroupId"], IpPermissions=balancer["IpPermissionsEgress"])
        named = [{"Name": "tag:Name", "Values": [f"{stack}-private-subnet-2"]}]
        subnet = ec2.describe_subnets(Filters=named)["Subnets"][0]["SubnetId"]
        ec2.delete_tags(Resources=[subnet], Tags=[{"Key": "Tier"}])
        ec2.delete_route(RouteTableId=self._table("private-rt-1")["RouteTableId"], DestinationCidrBlock="0.0.0.0/0")
        public = self._table("public-rt")
        gateway = next(route["GatewayId"] for route in public["Routes"] if route["GatewayId"] != "local")
        ec2.create_route(RouteTableId=public["RouteTableId"], DestinationCidrBlock="192.0.2.0/24", GatewayId=gateway)
        fleet, function = f"{stack}-s3-dynamo-iam-role", f"{stack}-lambda-iam-role"
        iam.put_role_policy(RoleName=fleet, PolicyName="hands", PolicyDocument=json.dumps(ANYTHING))
        wide = iam.create_policy(PolicyName=f"{stack}-wide", PolicyDocument=json.dumps(ANYTHING))["Policy"]["Arn"]
        iam.attach_role_policy(RoleName=f"{stack}-ami-builder-iam-role", PolicyArn=wide)
        everybody = [{"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}]
        trust = json.dumps({**ANYTHING, "Statement": everybody})
        iam.update_assume_role_policy(RoleName=function, PolicyDocument=trust)
        sns.subscribe(TopicArn=self.topic, Protocol="sqs", Endpoint=f"arn:aws:sqs:us-east-1:{ACCOUNT}:stranger")
        policy = json.loads(sns.get_topic_attributes(TopicArn=self.topic)["Attributes"]["Policy"])
        policy["Statement"][0]["Principal"] = "*"
        sns.set_topic_attributes(TopicArn=self.topic, AttributeName="Policy", AttributeValue=json.dumps(policy))
        self._alarms()
        backend, releases, frontend = (
            f"{stack}-{one}-s3-bucket-{ACCOUNT}" for one in ("backend", "releases", "frontend")
        )
        s3.delete_public_access_block(Bucket=backend)
        s3.put_bucket_versioning(Bucket=releases, VersioningConfiguration={"Status": "Suspended"})
        s3.delete_bucket_policy(Bucket=releases)
        s3.delete_bucket_cors(Bucket=backend)
        key = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms"}}
        s3.put_bucket_encryption(Bucket=frontend, ServerSideEncryptionConfiguration={"Rules": [key]})
        s3.put_object(Bucket=frontend, Key="index.html", Body=b"other", ContentType="text/plain")
        targets = elb.describe_target_groups(Names=[f"{stack}-tg"])["TargetGroups"][0]["TargetGroupArn"]
        elb.modify_target_group(TargetGroupArn=targets, HealthCheckPath="/other")
        elb.create_listener(
            LoadBalancerArn=elb.describe_load_balancers(Names=[f"{stack}-alb"])["LoadBalancers"][0]["LoadBalancerArn"],
            Protocol="HTTP",
            Port=8080,
            DefaultActions=[{"Type": "forward", "TargetGroupArn": targets}],
        )
        lambdas, name = self.of("lambda"), f"{stack}-metadata-lambda"
        environment = {"TABLE_NAME": "other", "PASSWORD": "hunter2"}
        lambdas.update_function_configuration(FunctionName=name, Timeout=3, Environment={"Variables": environment})
        with io.BytesIO() as packed:
            with zipfile.ZipFile(packed, "w") as archive:
                archive.writestr("handler.py", "def handler(event, context): pass")
            lambdas.update_function_code(FunctionName=name, ZipFile=packed.getvalue())
        lambdas.add_permission(FunctionName=name, StatementId="stranger", Action="lambda:InvokeFunction", Principal="*")
        queue = self.of("sqs").get_queue_url(QueueName=f"{stack}-metadata-dead-letter-queue")["QueueUrl"]
        attributes = {"MessageRetentionPeriod": "60", "Policy": ""}
        self.of("sqs").set_queue_attributes(QueueUrl=queue, Attributes=attributes)
        self.of("dynamodb").update_continuous_backups(
            TableName=f"{stack}-file-metadata-dynamodb",
            PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": False},
        )
        table = self.of("dynamodb").describe_table(TableName=f"{stack}-file-metadata-dynamodb")["Table"]["TableArn"]
        self.of("dynamodb").tag_resource(ResourceArn=table, Tags=[{"Key": "Tier", "Value": "other"}])
        self._database()
        self._template()
        self.of("logs").put_retention_policy(logGroupName=f"/aws/lambda/{name}", retentionInDays=1)
        self.of("autoscaling").update_auto_scaling_group(AutoScalingGroupName=f"{stack}-asg", HealthCheckType="EC2")
        return self._found(fleet, function, name, backend, releases, frontend)

    def _alarms(self) -> None:
        cloudwatch, alarm = self.of("cloudwatch"), f"{self.stack}-metadata-lambda-throttles"
        cloudwatch.delete_alarms(AlarmNames=[f"{self.stack}-metadata-lambda-errors"])
        found = cloudwatch.describe_alarms(AlarmNames=[alarm])["MetricAlarms"][0]
        kept = (
            "Namespace",
            "MetricName",
            "Statistic",
            "Period",
            "EvaluationPeriods",
            "ComparisonOperator",
            "Dimensions",
        )
        more = ("AlarmActions", "OKActions", "TreatMissingData", "AlarmDescription")
        cloudwatch.put_metric_alarm(AlarmName=alarm, Threshold=99, **{key: found[key] for key in (*kept, *more)})

    def _database(self) -> None:
        rds, stack = self.of("rds"), self.stack
        rds.modify_db_instance(DBInstanceIdentifier=f"{stack}-db", BackupRetentionPeriod=1, ApplyImmediately=True)
        values = {"slow_query_log": "0", "max_connections": "5"}  # the second is none of the role's
        rds.modify_db_parameter_group(
            DBParameterGroupName=f"{stack}-mysql-8-4",
            Parameters=[
                {"ParameterName": one, "ParameterValue": value, "ApplyMethod": "immediate"}
                for one, value in values.items()
            ],
        )
        policy = json.dumps({**ANYTHING, "Statement": [{**ANYTHING["Statement"][0], "Principal": "*"}]})
        self.of("secretsmanager").put_resource_policy(SecretId=f"{stack}-app-db", ResourcePolicy=policy)

    def _template(self) -> None:
        ec2, named = self.of("ec2"), {"LaunchTemplateName": f"{self.stack}-launch-template"}
        data = ec2.describe_launch_template_versions(**named)["LaunchTemplateVersions"][0]["LaunchTemplateData"]
        said = base64.b64decode(data["UserData"]).decode() + "  - [touch, /root/hands]\n"
        changes = {
            "InstanceType": "t3.large",
            "UserData": base64.b64encode(said.encode()).decode(),
            "EbsOptimized": True,
        }
        ec2.create_launch_template_version(**named, LaunchTemplateData={**data, **changes})

    def _found(
        self, fleet: str, function: str, name: str, backend: str, releases: str, frontend: str
    ) -> dict[str, str]:
        stack = self.stack
        return {
            "ec2_security_group default": "ingress",
            f"ec2_security_group {stack}-db-sg": "ingress",
            f"ec2_security_group {stack}-lb-sg": "egress",
            f"ec2_vpc_subnet {stack}-private-subnet-2": "tags.Tier",
            f"ec2_vpc_route_table {stack}-private-rt-1": "routes",
            f"ec2_vpc_route_table {stack}-public-rt": "routes",
            f"iam_role {fleet}": "inline_policies.hands",
            f"iam_role {stack}-ami-builder-iam-role": "managed_policies",
            f"iam_role {function}": "assume_role_policy_document",
            f"sns_subscription sqs arn:aws:sqs:us-east-1:{ACCOUNT}:stranger {stack}-sns-topic": "",
            f"sns_topic {stack}-sns-topic": "policy",
            f"cloudwatch_metric_alarm {name}-errors": "",
            f"cloudwatch_metric_alarm {name}-throttles": "threshold",
            f"s3_bucket {backend}": (
                "cors.rules public_access.block_public_acls public_access.block_public_policy "
                "public_access.ignore_public_acls public_access.restrict_public_buckets"
            ),
            f"s3_bucket {releases}": "versioning policy",
            f"s3_bucket {frontend}": "encryption",
            "s3_object index.html": "etag content_type cache_control",
            f"elb_target_group {stack}-tg": "health_check_path",
            f"elb_application_lb {stack}-alb": "listeners",
            f"lambda {name}": (
                "timeout permissions.stranger code_sha256 "
                "environment_variables.TABLE_NAME environment_variables.PASSWORD"
            ),
            f"sqs_queue {stack}-metadata-dead-letter-queue": "message_retention_period policy",
            f"dynamodb_table {stack}-file-metadata-dynamodb": (
                "continuous_backups.enabled continuous_backups.recovery_period_in_days tags.Tier"
            ),
            f"rds_db_instance {stack}-db": "backup_retention_period",
            f"rds_db_parameter_group {stack}-mysql-8-4": "parameters.slow_query_log parameters.max_connections",
            f"secretsmanager_secret {stack}-app-db": "policy",
            f"ec2_launch_template {stack}-launch-template": "instance_type user_data ebs_optimized version_description",
            f"autoscaling_instance_refresh {stack}-asg": "launch_template_version",  # of the template's new version
            f"logs_log_group /aws/lambda/{name}": "retention_in_days",
            f"autoscaling_group {stack}-asg": "health_check_type",
        }
