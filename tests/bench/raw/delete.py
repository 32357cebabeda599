"""All of it gone again: the calls AWS needs, in an order it takes. What is waited for on AWS is asked for once."""

from __future__ import annotations

from .stack import ALARMS, ROLES, Stack


class Delete(Stack):
    def delete(self) -> None:
        self._fleet()
        self._messaging()
        self._web()
        self._data()
        self._network()

    def _fleet(self) -> None:
        ec2, elb = self.api["ec2"], self.api["elbv2"]
        group = f"{self.stack}-asg"
        self.api["autoscaling"].delete_policy(AutoScalingGroupName=group, PolicyName=f"{self.stack}-cpu")
        self.api["autoscaling"].delete_auto_scaling_group(AutoScalingGroupName=group, ForceDelete=True)
        live = [*self.mine, {"Name": "instance-state-name", "Values": ["pending", "running", "stopped"]}]
        found = ec2.describe_instances(Filters=live)["Reservations"]
        if instances := [one["InstanceId"] for group in found for one in group["Instances"]]:
            ec2.terminate_instances(InstanceIds=instances)
        balancer = elb.describe_load_balancers(Names=[f"{self.stack}-alb"])["LoadBalancers"][0]["LoadBalancerArn"]
        for listener in elb.describe_listeners(LoadBalancerArn=balancer)["Listeners"]:
            elb.delete_listener(ListenerArn=listener["ListenerArn"])
        elb.delete_load_balancer(LoadBalancerArn=balancer)
        target = elb.describe_target_groups(Names=[f"{self.stack}-tg"])["TargetGroups"][0]["TargetGroupArn"]
        elb.delete_target_group(TargetGroupArn=target)
        self.api["rds"].delete_db_instance(DBInstanceIdentifier=f"{self.stack}-db", SkipFinalSnapshot=True)
        for gateway in ec2.describe_nat_gateways(Filters=self.mine)["NatGateways"]:
            ec2.delete_nat_gateway(NatGatewayId=gateway["NatGatewayId"])

    def _messaging(self) -> None:
        sns, sqs = self.api["sns"], self.api["sqs"]
        self.api["lambda"].delete_function(FunctionName=f"{self.stack}-metadata-lambda")
        for topic in self.topics:
            for one in sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]:
                sns.unsubscribe(SubscriptionArn=one["SubscriptionArn"])
            sns.delete_topic(TopicArn=topic)
        sqs.delete_queue(QueueUrl=sqs.get_queue_url(QueueName=f"{self.stack}-dead-letters")["QueueUrl"])
        self.api["dynamodb"].delete_table(TableName=f"{self.stack}-file-metadata")
        self.api["cloudwatch"].delete_alarms(AlarmNames=[f"{self.stack}-{name}" for name in ALARMS])

    def _web(self) -> None:
        ec2, iam, s3 = self.api["ec2"], self.api["iam"], self.api["s3"]
        ec2.delete_launch_template(LaunchTemplateName=f"{self.stack}-template")
        for image in ec2.describe_images(Owners=["self"], Filters=self.mine)["Images"]:
            ec2.deregister_image(ImageId=image["ImageId"])
            for disk in image["BlockDeviceMappings"]:
                if snapshot := disk.get("Ebs", {}).get("SnapshotId"):
                    ec2.delete_snapshot(SnapshotId=snapshot)
        for bucket in self.buckets.values():
            found = s3.list_object_versions(Bucket=bucket)
            kept = [*found.get("Versions", []), *found.get("DeleteMarkers", [])]
            if keys := [{"Key": one["Key"], "VersionId": one["VersionId"]} for one in kept]:
                s3.delete_objects(Bucket=bucket, Delete={"Objects": keys})
            s3.delete_bucket(Bucket=bucket)
        for role in ROLES:
            name = f"{self.stack}-{role}"
            if role != "lambda-role":
                iam.remove_role_from_instance_profile(InstanceProfileName=name, RoleName=name)
                iam.delete_instance_profile(InstanceProfileName=name)
            for policy in iam.list_role_policies(RoleName=name)["PolicyNames"]:
                iam.delete_role_policy(RoleName=name, PolicyName=policy)
            iam.delete_role(RoleName=name)

    def _data(self) -> None:
        name, rds, logs = f"{self.stack}-db", self.api["rds"], self.api["logs"]
        rds.delete_db_subnet_group(DBSubnetGroupName=name)
        rds.delete_db_parameter_group(DBParameterGroupName=name)
        self.api["secretsmanager"].delete_secret(SecretId=f"{self.stack}-app-db", ForceDeleteWithoutRecovery=True)
        for group in logs.describe_log_groups()["logGroups"]:
            if f"{self.stack}-" in group["logGroupName"]:
                logs.delete_log_group(logGroupName=group["logGroupName"])

    def _network(self) -> None:
        ec2 = self.api["ec2"]
        ec2.delete_key_pair(KeyName=f"{self.stack}-key")
        for address in ec2.describe_addresses(Filters=self.mine)["Addresses"]:
            ec2.release_address(AllocationId=address["AllocationId"])
        groups = ec2.describe_security_groups(Filters=self.mine)["SecurityGroups"]
        for group in groups:  # they name each other
            if group["IpPermissions"]:
                ec2.revoke_security_group_ingress(GroupId=group["GroupId"], IpPermissions=group["IpPermissions"])
            if group["IpPermissionsEgress"]:
                ec2.revoke_security_group_egress(GroupId=group["GroupId"], IpPermissions=group["IpPermissionsEgress"])
        for group in groups:
            ec2.delete_security_group(GroupId=group["GroupId"])
        for table in ec2.describe_route_tables(Filters=self.mine)["RouteTables"]:
            for one in table["Associations"]:
                ec2.disassociate_route_table(AssociationId=one["RouteTableAssociationId"])
            ec2.delete_route_table(RouteTableId=table["RouteTableId"])
        for subnet in ec2.describe_subnets(Filters=self.mine)["Subnets"]:
            ec2.delete_subnet(SubnetId=subnet["SubnetId"])
        for gateway in ec2.describe_internet_gateways(Filters=self.mine)["InternetGateways"]:
            identity = gateway["InternetGatewayId"]
            ec2.detach_internet_gateway(InternetGatewayId=identity, VpcId=gateway["Attachments"][0]["VpcId"])
            ec2.delete_internet_gateway(InternetGatewayId=identity)
        ec2.delete_vpc(VpcId=ec2.describe_vpcs(Filters=self.mine)["Vpcs"][0]["VpcId"])
