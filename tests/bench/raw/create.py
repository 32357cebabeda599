"""All of the stack, made one call after another."""

from __future__ import annotations

import json
from typing import Any

from .stack import PAGE, TOPICS, VERSION, Stack, allow, trust

ZONES = ("a", "b", "c")
ANYWHERE = [{"CidrIp": "0.0.0.0/0"}]


class Create(Stack):
    def create(self, public_key: bytes, package: bytes) -> None:
        """
        :param public_key: of the bastion's key pair, in OpenSSH's format.
        :param package: the function's zip.
        """
        self.public_key, self.package = public_key, package
        self._network()
        self._data()
        self._messaging()
        self._balancer()
        self._instance_roles()
        self._image()
        self._fleet()
        self._page()

    def _network(self) -> None:
        ec2 = self.api["ec2"]
        vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16", TagSpecifications=self.specified("vpc", "vpc"))["Vpc"]["VpcId"]
        ec2.modify_vpc_attribute(VpcId=vpc, EnableDnsHostnames={"Value": True})
        self.subnets: dict[str, list[str]] = {"public": [], "private": []}
        for tier, first in (("public", 1), ("private", 11)):
            for offset, zone in enumerate(ZONES):
                made = ec2.create_subnet(
                    VpcId=vpc,
                    CidrBlock=f"10.0.{first + offset}.0/24",
                    AvailabilityZone=f"us-east-1{zone}",
                    TagSpecifications=self.specified("subnet", f"{tier}-{zone}"),
                )["Subnet"]["SubnetId"]
                if tier == "public":
                    ec2.modify_subnet_attribute(SubnetId=made, MapPublicIpOnLaunch={"Value": True})
                self.subnets[tier].append(made)
        gateway = ec2.create_internet_gateway(TagSpecifications=self.specified("internet-gateway", "igw"))
        igw = gateway["InternetGateway"]["InternetGatewayId"]
        ec2.attach_internet_gateway(InternetGatewayId=igw, VpcId=vpc)
        address = ec2.allocate_address(Domain="vpc", TagSpecifications=self.specified("elastic-ip", "nat"))
        nat = ec2.create_nat_gateway(
            SubnetId=self.subnets["public"][0],
            AllocationId=address["AllocationId"],
            TagSpecifications=self.specified("natgateway", "nat"),
        )["NatGateway"]["NatGatewayId"]
        ec2.describe_nat_gateways(NatGatewayIds=[nat])
        for tier, way in (("public", {"GatewayId": igw}), ("private", {"NatGatewayId": nat})):
            specified = self.specified("route-table", f"{tier}-rt")
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
                TagSpecifications=self.specified("security-group", f"{name}-sg"),
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
        published = ec2.describe_images(Filters=[{"Name": "name", "Values": ["debian-12-amd64-*"]}])["Images"]
        self.base = max(published, key=lambda image: image["CreationDate"])["ImageId"]
        key = f"{self.stack}-key"
        ec2.import_key_pair(
            KeyName=key, PublicKeyMaterial=self.public_key, TagSpecifications=self.specified("key-pair", "key")
        )
        ec2.run_instances(
            ImageId=self.base,
            InstanceType="t3.micro",
            KeyName=key,
            MinCount=1,
            MaxCount=1,
            SubnetId=self.subnets["public"][0],
            SecurityGroupIds=[self.groups["bastion"]],
            MetadataOptions={"HttpTokens": "required"},
            TagSpecifications=self.specified("instance", "bastion-host"),
        )
        name = f"{self.stack}-db"
        rds.create_db_subnet_group(
            DBSubnetGroupName=name,
            DBSubnetGroupDescription=name,
            SubnetIds=self.subnets["private"],
            Tags=self.tagged("db-subnet-group"),
        )
        rds.create_db_parameter_group(
            DBParameterGroupName=name,
            DBParameterGroupFamily="mysql8.4",
            Description=name,
            Tags=self.tagged("parameters"),
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
            Tags=self.tagged("db"),
        )
        self.secret = self.api["secretsmanager"].create_secret(
            Name=f"{self.stack}-app-db", SecretString='{"username": "app", "password": "x"}', Tags=self.tagged("app-db")
        )["ARN"]

    def _messaging(self) -> None:
        s3, sns, sqs, iam = (self.api[name] for name in ("s3", "sns", "sqs", "iam"))
        for name, topic in zip(TOPICS, self.topics, strict=True):
            sns.create_topic(Name=f"{self.stack}-{name}", Tags=self.tagged(name))
            policy = {"Effect": "Allow", "Principal": "*", "Action": "sns:Publish", "Resource": topic}
            policy["Condition"] = {"StringEquals": {"aws:SourceAccount": self.account}}  # type: ignore[assignment]
            value = json.dumps({**VERSION, "Statement": [policy]})
            sns.set_topic_attributes(TopicArn=topic, AttributeName="Policy", AttributeValue=value)
        backend = self._bucket("backend", versioning=True)
        lifecycle = {"ID": "clear-away", "Status": "Enabled", "Filter": {"Prefix": ""}}
        lifecycle["NoncurrentVersionExpiration"] = {"NoncurrentDays": 30}  # type: ignore[assignment]
        s3.put_bucket_lifecycle_configuration(Bucket=backend, LifecycleConfiguration={"Rules": [lifecycle]})
        cors = {"CORSRules": [{"AllowedOrigins": ["*"], "AllowedMethods": ["GET", "PUT"]}]}
        s3.put_bucket_cors(Bucket=backend, CORSConfiguration=cors)
        table = f"{self.stack}-file-metadata"
        self.api["dynamodb"].create_table(
            TableName=table,
            AttributeDefinitions=[{"AttributeName": "file_name", "AttributeType": "S"}],
            KeySchema=[{"AttributeName": "file_name", "KeyType": "HASH"}],
            BillingMode="PAY_PER_REQUEST",
            Tags=self.tagged("file-metadata"),
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
        arn = iam.create_role(RoleName=role, AssumeRolePolicyDocument=trust("lambda"), Tags=self.tagged("lambda-role"))
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
            self._alarm(name, Namespace="AWS/Lambda", MetricName=metric, Threshold=0, Period=300)
        uploads = {"TopicArn": self.topics[0], "Events": ["s3:ObjectCreated:*"]}
        s3.put_bucket_notification_configuration(
            Bucket=backend, NotificationConfiguration={"TopicConfigurations": [uploads]}
        )

    def _bucket(self, kind: str, public: bool = False, versioning: bool = False) -> str:
        s3, name = self.api["s3"], self.buckets[kind]
        s3.create_bucket(Bucket=name, ObjectOwnership="BucketOwnerEnforced")
        s3.put_bucket_tagging(Bucket=name, Tagging={"TagSet": self.tagged(name)})
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
        s3.put_bucket_policy(Bucket=name, Policy=json.dumps({**VERSION, "Statement": [statement]}))
        if versioning:
            s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
        return name

    def _balancer(self) -> None:
        elb = self.api["elbv2"]
        self.target = target = elb.create_target_group(
            Name=f"{self.stack}-tg", Protocol="HTTP", Port=5000, VpcId=self.vpc, Tags=self.tagged("tg")
        )["TargetGroups"][0]["TargetGroupArn"]
        delay = [{"Key": "deregistration_delay.timeout_seconds", "Value": "60"}]
        elb.modify_target_group_attributes(TargetGroupArn=target, Attributes=delay)
        balancer = elb.create_load_balancer(
            Name=f"{self.stack}-alb",
            Subnets=self.subnets["public"],
            SecurityGroups=[self.groups["lb"]],
            Tags=self.tagged("alb"),
        )["LoadBalancers"][0]["LoadBalancerArn"]
        drop = [{"Key": "routing.http.drop_invalid_header_fields.enabled", "Value": "true"}]
        elb.modify_load_balancer_attributes(LoadBalancerArn=balancer, Attributes=drop)
        forward = [{"Type": "forward", "TargetGroupArn": target}]
        elb.create_listener(LoadBalancerArn=balancer, Port=80, Protocol="HTTP", DefaultActions=forward)
        measured = [{"Name": "LoadBalancer", "Value": balancer.partition(":loadbalancer/")[2]}]
        fault = {"Namespace": "AWS/ApplicationELB", "MetricName": "HTTPCode_Target_5XX_Count", "Dimensions": measured}
        self._alarm("alb-errors", **fault, Threshold=5, Period=60)

    def _alarm(self, name: str, **watched: Any) -> None:
        self.api["cloudwatch"].put_metric_alarm(
            AlarmName=f"{self.stack}-{name}",
            **watched,
            Statistic="Sum",
            ComparisonOperator="GreaterThanThreshold",
            EvaluationPeriods=1,
            AlarmActions=[self.topics[1]],
            Tags=self.tagged(name),
        )

    def _instance_roles(self) -> None:
        iam = self.api["iam"]
        for role in ("instance-role", "builder-role"):
            name = f"{self.stack}-{role}"
            iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust("ec2"), Tags=self.tagged(role))
            rights = allow(["s3:GetObject"], f"arn:aws:s3:::{self.buckets['backend']}/*")
            iam.put_role_policy(RoleName=name, PolicyName="application", PolicyDocument=rights)
            iam.create_instance_profile(InstanceProfileName=name, Tags=self.tagged(role))
            iam.add_role_to_instance_profile(InstanceProfileName=name, RoleName=name)
        rights = allow(["secretsmanager:GetSecretValue"], self.secret)
        iam.put_role_policy(RoleName=f"{self.stack}-builder-role", PolicyName="migration", PolicyDocument=rights)

    def _image(self) -> None:
        """Of a builder that the database lets in, as it is: without machines nobody can log in to it."""
        ec2 = self.api["ec2"]
        pair = {"UserIdGroupPairs": [{"GroupId": self.groups["builder"]}]}
        opening = [{"IpProtocol": "tcp", "FromPort": 3306, "ToPort": 3306, **pair}]
        ec2.authorize_security_group_ingress(GroupId=self.groups["db"], IpPermissions=opening)
        builder = ec2.run_instances(
            ImageId=self.base,
            InstanceType="t3.micro",
            KeyName=f"{self.stack}-key",
            MinCount=1,
            MaxCount=1,
            IamInstanceProfile={"Name": f"{self.stack}-builder-role"},
            SubnetId=self.subnets["public"][0],
            SecurityGroupIds=[self.groups["builder"]],
            MetadataOptions={"HttpTokens": "required"},
            TagSpecifications=self.specified("instance", "test-ami-builder"),
        )["Instances"][0]["InstanceId"]
        ec2.describe_instances(InstanceIds=[builder])
        ec2.stop_instances(InstanceIds=[builder])
        ec2.describe_instances(InstanceIds=[builder])
        self.image = ec2.create_image(
            InstanceId=builder,
            Name=f"{self.stack}-ami",
            TagSpecifications=[*self.specified("image", "ami"), *self.specified("snapshot", "ami")],
        )["ImageId"]
        ec2.describe_images(ImageIds=[self.image])
        ec2.terminate_instances(InstanceIds=[builder])
        ec2.revoke_security_group_ingress(GroupId=self.groups["db"], IpPermissions=opening)
        release = {"Bucket": self._bucket("releases", versioning=True), "Key": "1.0.0.tar", "Body": b"x" * 100_000}
        self.api["s3"].put_object(**release)

    def _fleet(self) -> None:
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
            TagSpecifications=self.specified("launch-template", "template"),
        )["LaunchTemplate"]["LaunchTemplateId"]
        group = f"{self.stack}-asg"
        self.api["autoscaling"].create_auto_scaling_group(
            AutoScalingGroupName=group,
            LaunchTemplate={"LaunchTemplateId": template, "Version": "1"},
            MinSize=1,
            MaxSize=3,
            DesiredCapacity=2,
            VPCZoneIdentifier=",".join(self.subnets["private"]),
            TargetGroupARNs=[self.target],
            HealthCheckType="ELB",
            Tags=[{**tag, "PropagateAtLaunch": True} for tag in self.tagged("asg")],
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

    def _page(self) -> None:
        s3, page = self.api["s3"], self._bucket("frontend", public=True)
        website = {"IndexDocument": {"Suffix": "index.html"}}
        s3.put_bucket_website(Bucket=page, WebsiteConfiguration=website)
        for name in PAGE:
            s3.put_object(Bucket=page, Key=name, Body=b"x", ContentType="text/html")
