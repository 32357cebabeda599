"""Every call that says whether something of it has to change."""

from __future__ import annotations

from .stack import ROLES, Stack


class Look(Stack):
    def look(self) -> None:
        """Every call that says whether something of it has to change."""
        ec2, rds, elb, s3, iam = (self.api[name] for name in ("ec2", "rds", "elbv2", "s3", "iam"))
        mine = self.mine
        for call in (
            *(ec2.describe_subnets, ec2.describe_internet_gateways, ec2.describe_route_tables),
            *(ec2.describe_security_groups, ec2.describe_addresses, ec2.describe_instances, ec2.describe_key_pairs),
            ec2.describe_launch_templates,
        ):
            call(Filters=mine)
        vpc = ec2.describe_vpcs(Filters=mine)["Vpcs"][0]["VpcId"]
        ec2.describe_nat_gateways(Filters=mine)
        ec2.describe_images(Owners=["self"], Filters=mine)
        ec2.describe_launch_template_versions(LaunchTemplateName=f"{self.stack}-template")
        ec2.describe_vpc_attribute(VpcId=vpc, Attribute="enableDnsHostnames")
        name = f"{self.stack}-db"
        rds.describe_db_subnet_groups(DBSubnetGroupName=name)
        rds.describe_db_parameters(DBParameterGroupName=name)
        rds.describe_db_instances(DBInstanceIdentifier=name)
        self.api["secretsmanager"].describe_secret(SecretId=f"{self.stack}-app-db")
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
        for bucket in self.buckets.values():
            for ask in (s3.get_bucket_tagging, s3.get_bucket_policy, s3.get_public_access_block):
                ask(Bucket=bucket)
        for ask in (s3.get_bucket_versioning, s3.get_bucket_lifecycle_configuration, s3.get_bucket_cors):
            ask(Bucket=self.buckets["backend"])
        s3.get_bucket_notification_configuration(Bucket=self.buckets["backend"])
        s3.get_bucket_website(Bucket=self.buckets["frontend"])
        s3.list_objects_v2(Bucket=self.buckets["frontend"])
        for role in ROLES:
            iam.get_role(RoleName=f"{self.stack}-{role}")
            iam.list_role_policies(RoleName=f"{self.stack}-{role}")
        balancer = elb.describe_load_balancers(Names=[f"{self.stack}-alb"])["LoadBalancers"][0]["LoadBalancerArn"]
        elb.describe_load_balancer_attributes(LoadBalancerArn=balancer)
        elb.describe_listeners(LoadBalancerArn=balancer)
        target = elb.describe_target_groups(Names=[f"{self.stack}-tg"])["TargetGroups"][0]["TargetGroupArn"]
        elb.describe_target_group_attributes(TargetGroupArn=target)
        self.api["autoscaling"].describe_auto_scaling_groups(AutoScalingGroupNames=[f"{self.stack}-asg"])
        self.api["autoscaling"].describe_policies(AutoScalingGroupName=f"{self.stack}-asg")

    def instances(self) -> None:
        """What the inventory has to ask for: the stack's instances, page by page, and the groups they are in."""
        state = {"Name": "instance-state-name", "Values": ["pending", "running"]}
        pages = self.api["ec2"].get_paginator("describe_instances")
        for page in pages.paginate(Filters=[*self.mine, state], PaginationConfig={"PageSize": 1000}):
            page["Reservations"]
        self.api["autoscaling"].describe_auto_scaling_groups(Filters=self.mine)
