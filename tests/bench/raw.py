"""The same stack by boto3 alone: what the calls themselves cost, the measure of everything else.

Not a way to build anything: it tags and names as the roles do, and knows no second run but the one that looks.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

SERVICES = (
    *("ec2", "rds", "elbv2", "autoscaling", "iam", "s3", "sns", "sqs", "dynamodb", "lambda"),
    *("logs", "cloudwatch", "secretsmanager", "sts"),
)
ZONES = ("a", "b", "c")
ANYWHERE = [{"CidrIp": "0.0.0.0/0"}]
_TRUST = {"Version": "2012-10-17"}


def trust(service: str) -> str:
    statement = {"Effect": "Allow", "Principal": {"Service": f"{service}.amazonaws.com"}, "Action": "sts:AssumeRole"}
    return json.dumps({**_TRUST, "Statement": [statement]})


def allow(action: list[str], resource: str) -> str:
    return json.dumps({**_TRUST, "Statement": [{"Effect": "Allow", "Action": action, "Resource": resource}]})


class Raw:
    """create(), look() and delete() make the calls that the task needs, one after another.

    :param client: gives a boto3 client for a service's name.
    :param stack: prefix of every name.
    :param image: id of the image the instances start from.
    :param public_key: of the bastion's key pair, in OpenSSH's format.
    :param package: the function's zip.
    """

    def __init__(
        self, client: Callable[[str], Any], stack: str, *, image: str, public_key: bytes, package: bytes
    ) -> None:
        self.api = {name: client(name) for name in SERVICES}
        self.stack, self.image, self.public_key, self.package = stack, image, public_key, package
        self.account = self.api["sts"].get_caller_identity()["Account"]
        self.tags = {"Stack": stack, "ManagedBy": "threetier.aws"}

    def create(self) -> None:
        self._network()
        self._data()
        self._messaging()
        self._web()

    def _tags(self, name: str) -> list[dict[str, str]]:
        return [{"Key": key, "Value": value} for key, value in {**self.tags, "Name": f"{self.stack}-{name}"}.items()]

    def _specified(self, kind: str, name: str) -> list[dict[str, Any]]:
        return [{"ResourceType": kind, "Tags": self._tags(name)}]

    def _network(self) -> None:
        ec2 = self.api["ec2"]
        vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16", TagSpecifications=self._specified("vpc", "vpc"))["Vpc"]["VpcId"]
        ec2.modify_vpc_attribute(VpcId=vpc, EnableDnsHostnames={"Value": True})
        self.subnets: dict[str, list[str]] = {"public": [], "private": []}
        for tier, first in (("public", 1), ("private", 11)):
            for offset, zone in enumerate(ZONES):
                made = ec2.create_subnet(
                    VpcId=vpc,
                    CidrBlock=f"10.0.{first + offset}.0/24",
                    AvailabilityZone=f"us-east-1{zone}",
                    TagSpecifications=self._specified("subnet", f"{tier}-{zone}"),
                )["Subnet"]["SubnetId"]
                if tier == "public":
                    ec2.modify_subnet_attribute(SubnetId=made, MapPublicIpOnLaunch={"Value": True})
                self.subnets[tier].append(made)
        gateway = ec2.create_internet_gateway(TagSpecifications=self._specified("internet-gateway", "igw"))
        igw = gateway["InternetGateway"]["InternetGatewayId"]
        ec2.attach_internet_gateway(InternetGatewayId=igw, VpcId=vpc)
        address = ec2.allocate_address(Domain="vpc", TagSpecifications=self._specified("elastic-ip", "nat"))
        nat = ec2.create_nat_gateway(
            SubnetId=self.subnets["public"][0],
            AllocationId=address["AllocationId"],
            TagSpecifications=self._specified("natgateway", "nat"),
        )["NatGateway"]["NatGatewayId"]
        ec2.describe_nat_gateways(NatGatewayIds=[nat])
        for tier, way in (("public", {"GatewayId": igw}), ("private", {"NatGatewayId": nat})):
            specified = self._specified("route-table", f"{tier}-rt")
            table = ec2.create_route_table(VpcId=vpc, TagSpecifications=specified)["RouteTable"]["RouteTableId"]
            ec2.create_route(RouteTableId=table, DestinationCidrBlock="0.0.0.0/0", **way)
            for subnet in self.subnets[tier]:
                ec2.associate_route_table(RouteTableId=table, SubnetId=subnet)
        self.vpc = vpc
        self._security_groups()

    def _security_groups(self) -> None:
        ec2 = self.api["ec2"]
        self.groups = {}
        for name in ("lb", "app", "db", "bastion", "builder"):
            made = ec2.create_security_group(
                GroupName=f"{self.stack}-{name}-sg",
                Description=name,
                VpcId=self.vpc,
                TagSpecifications=self._specified("security-group", f"{name}-sg"),
            )["GroupId"]
            everything = [{"IpProtocol": "-1", "IpRanges": ANYWHERE}]
            ec2.revoke_security_group_egress(GroupId=made, IpPermissions=everything)
            self.groups[name] = made

        def rule(port: int, source: str) -> dict[str, Any]:
            found = (
                {"IpRanges": ANYWHERE} if source == "*" else {"UserIdGroupPairs": [{"GroupId": self.groups[source]}]}
            )
            return {"IpProtocol": "tcp", "FromPort": port, "ToPort": port, **found}

        inward = {
            "lb": [(80, "*")],
            "app": [(5000, "lb"), (22, "bastion")],
            "db": [(3306, "app")],
            "bastion": [(22, "*")],
            "builder": [(22, "bastion")],
        }
        out = [(80, "*"), (443, "*")]
        outward = {
            "lb": [(5000, "app")],
            "app": [*out, (3306, "db")],
            "bastion": [*out, (22, "app"), (22, "builder")],
            "builder": [*out, (3306, "db")],
        }
        for name, rules in inward.items():
            wanted = [rule(*one) for one in rules]
            ec2.authorize_security_group_ingress(GroupId=self.groups[name], IpPermissions=wanted)
        for name, rules in outward.items():
            wanted = [rule(*one) for one in rules]
            ec2.authorize_security_group_egress(GroupId=self.groups[name], IpPermissions=wanted)

    def _data(self) -> None:
        ec2, rds, logs = self.api["ec2"], self.api["rds"], self.api["logs"]
        key = f"{self.stack}-key"
        ec2.import_key_pair(
            KeyName=key, PublicKeyMaterial=self.public_key, TagSpecifications=self._specified("key-pair", "key")
        )
        ec2.run_instances(
            ImageId=self.image,
            InstanceType="t3.micro",
            KeyName=key,
            MinCount=1,
            MaxCount=1,
            SubnetId=self.subnets["public"][0],
            SecurityGroupIds=[self.groups["bastion"]],
            MetadataOptions={"HttpTokens": "required"},
            TagSpecifications=self._specified("instance", "bastion-host"),
        )
        name = f"{self.stack}-db"
        rds.create_db_subnet_group(
            DBSubnetGroupName=name,
            DBSubnetGroupDescription=name,
            SubnetIds=self.subnets["private"],
            Tags=self._tags("db-subnet-group"),
        )
        rds.create_db_parameter_group(
            DBParameterGroupName=name,
            DBParameterGroupFamily="mysql8.4",
            Description=name,
            Tags=self._tags("parameters"),
        )
        rds.modify_db_parameter_group(
            DBParameterGroupName=name,
            Parameters=[{"ParameterName": "long_query_time", "ParameterValue": "1", "ApplyMethod": "immediate"}],
        )
        for log in ("error", "slowquery"):
            group = f"/aws/rds/instance/{name}/{log}"
            logs.create_log_group(logGroupName=group, tags=self.tags)
            logs.put_retention_policy(logGroupName=group, retentionInDays=30)
        rds.create_db_instance(
            DBInstanceIdentifier=name,
            DBInstanceClass="db.t4g.micro",
            Engine="mysql",
            EngineVersion="8.4",
            AllocatedStorage=20,
            StorageType="gp3",
            MasterUsername="admin",
            ManageMasterUserPassword=True,
            DBSubnetGroupName=name,
            DBParameterGroupName=name,
            VpcSecurityGroupIds=[self.groups["db"]],
            Tags=self._tags("db"),
        )
        self.secret = self.api["secretsmanager"].create_secret(
            Name=f"{self.stack}-app-db", SecretString='{"username": "app", "password": "x"}', Tags=self._tags("app-db")
        )["ARN"]

    def _messaging(self) -> None:
        s3, sns, sqs, iam = (self.api[name] for name in ("s3", "sns", "sqs", "iam"))
        self.topics = []
        for name in ("sns-topic", "alarms-sns-topic"):
            topic = sns.create_topic(Name=f"{self.stack}-{name}", Tags=self._tags(name))["TopicArn"]
            self.topics.append(topic)
            policy = {"Effect": "Allow", "Principal": "*", "Action": "sns:Publish", "Resource": topic}
            policy["Condition"] = {"StringEquals": {"aws:SourceAccount": self.account}}  # type: ignore[assignment]
            value = json.dumps({**_TRUST, "Statement": [policy]})
            sns.set_topic_attributes(TopicArn=topic, AttributeName="Policy", AttributeValue=value)
        self.bucket = f"{self.stack}-backend-{self.account}"
        self._bucket(self.bucket)
        s3.put_bucket_versioning(Bucket=self.bucket, VersioningConfiguration={"Status": "Enabled"})
        lifecycle = {"ID": "clear-away", "Status": "Enabled", "Filter": {"Prefix": ""}}
        lifecycle["NoncurrentVersionExpiration"] = {"NoncurrentDays": 30}  # type: ignore[assignment]
        s3.put_bucket_lifecycle_configuration(Bucket=self.bucket, LifecycleConfiguration={"Rules": [lifecycle]})
        cors = {"CORSRules": [{"AllowedOrigins": ["*"], "AllowedMethods": ["GET", "PUT"]}]}
        s3.put_bucket_cors(Bucket=self.bucket, CORSConfiguration=cors)
        table = f"{self.stack}-file-metadata"
        self.api["dynamodb"].create_table(
            TableName=table,
            AttributeDefinitions=[{"AttributeName": "file_name", "AttributeType": "S"}],
            KeySchema=[{"AttributeName": "file_name", "KeyType": "HASH"}],
            BillingMode="PAY_PER_REQUEST",
            Tags=self._tags("file-metadata"),
        )
        recovery = {"PointInTimeRecoveryEnabled": True}
        self.api["dynamodb"].update_continuous_backups(TableName=table, PointInTimeRecoverySpecification=recovery)
        queue = sqs.create_queue(QueueName=f"{self.stack}-dead-letters", tags=self.tags)["QueueUrl"]
        attributes = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]
        sqs.set_queue_attributes(QueueUrl=queue, Attributes={"MessageRetentionPeriod": "1209600"})
        function = f"{self.stack}-metadata-lambda"
        self.api["logs"].create_log_group(logGroupName=f"/aws/lambda/{function}", tags=self.tags)
        self.api["logs"].put_retention_policy(logGroupName=f"/aws/lambda/{function}", retentionInDays=30)
        role = f"{self.stack}-lambda-role"
        arn = iam.create_role(RoleName=role, AssumeRolePolicyDocument=trust("lambda"), Tags=self._tags("lambda-role"))
        iam.put_role_policy(RoleName=role, PolicyName="metadata", PolicyDocument=allow(["dynamodb:PutItem"], "*"))
        made = self.api["lambda"].create_function(
            FunctionName=function,
            Runtime="python3.13",
            Handler="handler.handler",
            Role=arn["Role"]["Arn"],
            Code={"ZipFile": self.package},
            DeadLetterConfig={"TargetArn": attributes["QueueArn"]},
            Tags=self.tags,
        )["FunctionArn"]
        self.api["lambda"].add_permission(
            FunctionName=function,
            StatementId="uploads",
            Action="lambda:InvokeFunction",
            Principal="sns.amazonaws.com",
            SourceArn=self.topics[0],
        )
        sns.subscribe(TopicArn=self.topics[0], Protocol="lambda", Endpoint=made)
        for topic in self.topics:
            sns.subscribe(TopicArn=topic, Protocol="email", Endpoint="operator@example.com")
        for name, metric in (("errors", "Errors"), ("throttles", "Throttles"), ("depth", "Depth")):
            self.api["cloudwatch"].put_metric_alarm(
                AlarmName=f"{self.stack}-{name}",
                Namespace="AWS/Lambda",
                MetricName=metric,
                Statistic="Sum",
                ComparisonOperator="GreaterThanThreshold",
                Threshold=0,
                Period=300,
                EvaluationPeriods=1,
                AlarmActions=[self.topics[1]],
                Tags=self._tags(name),
            )
        uploads = {"TopicArn": self.topics[0], "Events": ["s3:ObjectCreated:*"]}
        s3.put_bucket_notification_configuration(
            Bucket=self.bucket, NotificationConfiguration={"TopicConfigurations": [uploads]}
        )

    def _bucket(self, name: str, public: bool = False) -> None:
        s3 = self.api["s3"]
        s3.create_bucket(Bucket=name, ObjectOwnership="BucketOwnerEnforced")
        s3.put_bucket_tagging(Bucket=name, Tagging={"TagSet": self._tags(name)})
        block = dict.fromkeys(("BlockPublicAcls", "IgnorePublicAcls"), True)
        block |= dict.fromkeys(("BlockPublicPolicy", "RestrictPublicBuckets"), not public)
        s3.put_public_access_block(Bucket=name, PublicAccessBlockConfiguration=block)
        statement = {
            "Effect": "Allow",
            "Principal": "*",
            "Action": "s3:GetObject",
            "Resource": f"arn:aws:s3:::{name}/*",
        }
        if not public:
            statement |= {"Effect": "Deny", "Condition": {"Bool": {"aws:SecureTransport": "false"}}}  # type: ignore[dict-item]
        s3.put_bucket_policy(Bucket=name, Policy=json.dumps({**_TRUST, "Statement": [statement]}))

    def _web(self) -> None:
        elb, iam, s3 = self.api["elbv2"], self.api["iam"], self.api["s3"]
        target = elb.create_target_group(
            Name=f"{self.stack}-tg", Protocol="HTTP", Port=5000, VpcId=self.vpc, Tags=self._tags("tg")
        )["TargetGroups"][0]["TargetGroupArn"]
        delay = [{"Key": "deregistration_delay.timeout_seconds", "Value": "60"}]
        elb.modify_target_group_attributes(TargetGroupArn=target, Attributes=delay)
        balancer = elb.create_load_balancer(
            Name=f"{self.stack}-alb",
            Subnets=self.subnets["public"],
            SecurityGroups=[self.groups["lb"]],
            Tags=self._tags("alb"),
        )["LoadBalancers"][0]["LoadBalancerArn"]
        drop = [{"Key": "routing.http.drop_invalid_header_fields.enabled", "Value": "true"}]
        elb.modify_load_balancer_attributes(LoadBalancerArn=balancer, Attributes=drop)
        forward = [{"Type": "forward", "TargetGroupArn": target}]
        elb.create_listener(LoadBalancerArn=balancer, Port=80, Protocol="HTTP", DefaultActions=forward)
        for role in ("instance-role", "builder-role"):
            name = f"{self.stack}-{role}"
            iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust("ec2"), Tags=self._tags(role))
            rights = allow(["s3:GetObject"], f"arn:aws:s3:::{self.bucket}/*")
            iam.put_role_policy(RoleName=name, PolicyName="application", PolicyDocument=rights)
            iam.create_instance_profile(InstanceProfileName=name, Tags=self._tags(role))
            iam.add_role_to_instance_profile(InstanceProfileName=name, RoleName=name)
        rights = allow(["secretsmanager:GetSecretValue"], self.secret)
        iam.put_role_policy(RoleName=f"{self.stack}-builder-role", PolicyName="migration", PolicyDocument=rights)
        template = self.api["ec2"].create_launch_template(
            LaunchTemplateName=f"{self.stack}-template",
            LaunchTemplateData={
                "ImageId": self.image,
                "InstanceType": "t3.micro",
                "KeyName": f"{self.stack}-key",
                "IamInstanceProfile": {"Name": f"{self.stack}-instance-role"},
                "SecurityGroupIds": [self.groups["app"]],
                "MetadataOptions": {"HttpTokens": "required"},
            },
            TagSpecifications=self._specified("launch-template", "template"),
        )["LaunchTemplate"]["LaunchTemplateId"]
        group = f"{self.stack}-asg"
        self.api["autoscaling"].create_auto_scaling_group(
            AutoScalingGroupName=group,
            LaunchTemplate={"LaunchTemplateId": template, "Version": "1"},
            MinSize=1,
            MaxSize=3,
            DesiredCapacity=2,
            VPCZoneIdentifier=",".join(self.subnets["private"]),
            TargetGroupARNs=[target],
            HealthCheckType="ELB",
            Tags=[{**tag, "PropagateAtLaunch": True} for tag in self._tags("asg")],
        )
        self.api["autoscaling"].enable_metrics_collection(AutoScalingGroupName=group, Granularity="1Minute")
        self.api["autoscaling"].put_scaling_policy(
            AutoScalingGroupName=group,
            PolicyName=f"{self.stack}-cpu",
            PolicyType="TargetTrackingScaling",
            TargetTrackingConfiguration={
                "PredefinedMetricSpecification": {"PredefinedMetricType": "ASGAverageCPUUtilization"},
                "TargetValue": 80,
            },
        )
        page = f"{self.stack}-frontend-{self.account}"
        self._bucket(page, public=True)
        website = {"IndexDocument": {"Suffix": "index.html"}}
        s3.put_bucket_website(Bucket=page, WebsiteConfiguration=website)
        for name in ("index.html", "app.js", "style.css", "config.json"):
            s3.put_object(Bucket=page, Key=name, Body=b"x", ContentType="text/html")

    def look(self) -> None:
        """Every call that says whether something of it has to change."""
        ec2, rds, elb, s3, iam = (self.api[name] for name in ("ec2", "rds", "elbv2", "s3", "iam"))
        mine = [{"Name": "tag:Stack", "Values": [self.stack]}]
        for call in (
            *(ec2.describe_vpcs, ec2.describe_subnets, ec2.describe_internet_gateways, ec2.describe_route_tables),
            *(ec2.describe_security_groups, ec2.describe_addresses, ec2.describe_instances, ec2.describe_key_pairs),
            ec2.describe_launch_templates,
        ):
            call(Filters=mine)
        ec2.describe_nat_gateways(Filters=mine)
        ec2.describe_launch_template_versions(LaunchTemplateName=f"{self.stack}-template")
        ec2.describe_vpc_attribute(VpcId=self.vpc, Attribute="enableDnsHostnames")
        name = f"{self.stack}-db"
        rds.describe_db_subnet_groups(DBSubnetGroupName=name)
        rds.describe_db_parameters(DBParameterGroupName=name)
        rds.describe_db_instances(DBInstanceIdentifier=name)
        self.api["secretsmanager"].describe_secret(SecretId=self.secret)
        self.api["logs"].describe_log_groups()
        for topic in self.topics:
            self.api["sns"].get_topic_attributes(TopicArn=topic)
            self.api["sns"].list_subscriptions_by_topic(TopicArn=topic)
        queue = self.api["sqs"].get_queue_url(QueueName=f"{self.stack}-dead-letters")["QueueUrl"]
        self.api["sqs"].get_queue_attributes(QueueUrl=queue, AttributeNames=["All"])
        table = f"{self.stack}-file-metadata"
        self.api["dynamodb"].describe_table(TableName=table)
        self.api["dynamodb"].describe_continuous_backups(TableName=table)
        function = f"{self.stack}-metadata-lambda"
        self.api["lambda"].get_function(FunctionName=function)
        self.api["lambda"].get_policy(FunctionName=function)
        self.api["cloudwatch"].describe_alarms(AlarmNamePrefix=self.stack)
        for bucket in (self.bucket, f"{self.stack}-frontend-{self.account}"):
            for ask in (s3.get_bucket_tagging, s3.get_bucket_policy, s3.get_public_access_block):
                ask(Bucket=bucket)
        for ask in (s3.get_bucket_versioning, s3.get_bucket_lifecycle_configuration, s3.get_bucket_cors):
            ask(Bucket=self.bucket)
        s3.get_bucket_notification_configuration(Bucket=self.bucket)
        s3.get_bucket_website(Bucket=f"{self.stack}-frontend-{self.account}")
        s3.list_objects_v2(Bucket=f"{self.stack}-frontend-{self.account}")
        for role in ("lambda-role", "instance-role", "builder-role"):
            iam.get_role(RoleName=f"{self.stack}-{role}")
            iam.list_role_policies(RoleName=f"{self.stack}-{role}")
        balancer = elb.describe_load_balancers(Names=[f"{self.stack}-alb"])["LoadBalancers"][0]["LoadBalancerArn"]
        elb.describe_load_balancer_attributes(LoadBalancerArn=balancer)
        elb.describe_listeners(LoadBalancerArn=balancer)
        target = elb.describe_target_groups(Names=[f"{self.stack}-tg"])["TargetGroups"][0]["TargetGroupArn"]
        elb.describe_target_group_attributes(TargetGroupArn=target)
        self.api["autoscaling"].describe_auto_scaling_groups(AutoScalingGroupNames=[f"{self.stack}-asg"])
        self.api["autoscaling"].describe_policies(AutoScalingGroupName=f"{self.stack}-asg")
