"""EC2 through boto3: states, addresses, images."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from lab.services.ec2 import images, store
from lab.services.ec2 import instances as ec2


def run(ec2_client: Any, image: str, **more: Any) -> str:
    found = ec2_client.run_instances(ImageId=image, MinCount=1, MaxCount=1, InstanceType="t3.micro", **more)
    return str(found["Instances"][0]["InstanceId"])


def state(ec2_client: Any, instance_id: str) -> str:
    found = ec2_client.describe_instances(InstanceIds=[instance_id])["Reservations"][0]["Instances"][0]
    return str(found["State"]["Name"])


def test_a_machines_states_last_until_the_controller_ends_them(machines: None, image: str, client: Any) -> None:
    api = client("ec2")
    instance_id = run(api, image)
    instance = next(ec2.all_instances())
    assert (instance.id, state(api, instance_id)) == (instance_id, "pending")
    ec2.set_state(instance, "running")
    assert state(api, instance_id) == "running"
    api.stop_instances(InstanceIds=[instance_id])
    assert state(api, instance_id) == "stopping"
    with pytest.raises(ClientError, match="IncorrectInstanceState"):
        api.start_instances(InstanceIds=[instance_id])
    ec2.set_state(instance, "stopped")
    api.start_instances(InstanceIds=[instance_id])
    assert state(api, instance_id) == "pending"
    ec2.set_state(instance, "running")
    api.reboot_instances(InstanceIds=[instance_id])
    assert store.of_instance(instance).reboot_requested
    api.terminate_instances(InstanceIds=[instance_id])
    assert state(api, instance_id) == "shutting-down"
    assert instance.private_ip_address in str(api.describe_network_interfaces())
    ec2.set_state(instance, "terminated")
    assert state(api, instance_id) == "terminated"
    assert api.describe_network_interfaces()["NetworkInterfaces"] == []


def test_without_machines_nothing_is_held(api: None, image: str, client: Any) -> None:
    instance_id = run(client("ec2"), image)
    assert state(client("ec2"), instance_id) == "running"
    client("ec2").terminate_instances(InstanceIds=[instance_id])
    assert state(client("ec2"), instance_id) == "terminated"


def test_an_impaired_machine_shows_in_its_status(machines: None, image: str, client: Any) -> None:
    run(client("ec2"), image)
    instance = next(ec2.all_instances())
    ec2.set_state(instance, "running")
    ec2.set_impaired(instance, True)
    seen = client("ec2").describe_instance_status()["InstanceStatuses"][0]
    assert (seen["InstanceStatus"]["Status"], seen["SystemStatus"]["Status"]) == ("impaired", "impaired")


def test_public_addresses_are_the_lowest_free_ones(api: None, image: str, client: Any) -> None:
    api_ = client("ec2")
    first, second = (api_.allocate_address(Domain="vpc") for _ in range(2))
    assert [first["PublicIp"], second["PublicIp"]] == ["198.51.100.16", "198.51.100.17"]
    api_.release_address(AllocationId=first["AllocationId"])
    subnet = api_.describe_subnets()["Subnets"][0]["SubnetId"]
    nic = {"DeviceIndex": 0, "SubnetId": subnet, "AssociatePublicIpAddress": True}
    instance_id = run(api_, image, NetworkInterfaces=[nic])
    instance = next(ec2.all_instances())
    assert instance.public_ip == "198.51.100.16"
    api_.stop_instances(InstanceIds=[instance_id])
    assert instance.public_ip is None
    assert api_.allocate_address(Domain="vpc")["PublicIp"] == "198.51.100.16"


def test_an_elastic_address_survives_stop_and_start(api: None, image: str, client: Any) -> None:
    api_ = client("ec2")
    subnet = api_.describe_subnets()["Subnets"][0]["SubnetId"]
    nic = {"DeviceIndex": 0, "SubnetId": subnet, "AssociatePublicIpAddress": True}
    instance_id = run(api_, image, NetworkInterfaces=[nic])
    elastic = api_.allocate_address(Domain="vpc")
    api_.associate_address(InstanceId=instance_id, AllocationId=elastic["AllocationId"])
    api_.stop_instances(InstanceIds=[instance_id])
    api_.start_instances(InstanceIds=[instance_id])
    assert next(ec2.all_instances()).public_ip == elastic["PublicIp"]


def test_an_image_is_pending_until_its_disk_is_frozen(machines: None, image: str, client: Any) -> None:
    api = client("ec2")
    instance_id = run(api, image)
    ec2.set_state(next(ec2.all_instances()), "running")
    tags = [{"ResourceType": kind, "Tags": [{"Key": "Stack", "Value": "s"}]} for kind in ("image", "snapshot")]
    made = api.create_image(InstanceId=instance_id, Name="mine", NoReboot=True, TagSpecifications=tags)["ImageId"]
    ami = next(found for found in images.all_images() if found.id == made)
    note = store.of_image(ami)
    assert (ami.state, note.no_reboot, note.source.id) == ("pending", True, instance_id)
    with pytest.raises(ClientError, match=r"InvalidAMIID\.Unavailable"):
        run(api, made)
    images.finish_image(ami)
    run(api, made)
    shown = api.describe_images(ImageIds=[made])["Images"][0]
    assert shown["RootDeviceName"] == "/dev/xvda"
    snapshot = shown["BlockDeviceMappings"][0]["Ebs"]["SnapshotId"]
    assert api.describe_snapshots(SnapshotIds=[snapshot])["Snapshots"][0]["Tags"] == tags[1]["Tags"]
    with pytest.raises(ClientError, match=r"InvalidAMIName\.Duplicate"):
        api.create_image(InstanceId=instance_id, Name="mine")


def test_unknown_image_and_key_pair_are_refused(api: None, image: str, client: Any) -> None:
    with pytest.raises(ClientError, match=r"InvalidAMIID\.NotFound"):
        run(client("ec2"), "ami-00000000000000000")
    with pytest.raises(ClientError, match=r"InvalidKeyPair\.NotFound"):
        run(client("ec2"), image, KeyName="nobody")


def test_base_images_are_found_by_owner(api: None, image: str, client: Any) -> None:
    found = client("ec2").describe_images(
        Owners=["136693071363"], Filters=[{"Name": "name", "Values": ["debian-12-amd64-*"]}]
    )
    assert [entry["ImageId"] for entry in found["Images"]] == [image]


def test_tags_of_addresses_and_nat_gateways_are_described(api: None, client: Any) -> None:
    api_ = client("ec2")
    tag = [{"Key": "Name", "Value": "n"}]
    elastic = api_.allocate_address(Domain="vpc", TagSpecifications=[{"ResourceType": "elastic-ip", "Tags": tag}])
    subnet = api_.describe_subnets()["Subnets"][0]
    nat = api_.create_nat_gateway(SubnetId=subnet["SubnetId"], AllocationId=elastic["AllocationId"])["NatGateway"]
    api_.create_tags(Resources=[nat["NatGatewayId"]], Tags=tag)
    for kind, wanted in (("elastic-ip", elastic["AllocationId"]), ("natgateway", nat["NatGatewayId"])):
        found = api_.describe_tags(Filters=[{"Name": "resource-type", "Values": [kind]}])["Tags"]
        assert [(entry["ResourceId"], entry["ResourceType"]) for entry in found] == [(wanted, kind)]
    for name, gateways in (("n", [nat["NatGatewayId"]]), ("other", [])):
        named = api_.describe_nat_gateways(Filters=[{"Name": "tag:Name", "Values": [name]}])["NatGateways"]
        assert [gateway["NatGatewayId"] for gateway in named] == gateways


def test_a_nat_gateway_stands_in_its_subnet_and_leaves_it(api: None, client: Any) -> None:
    api_ = client("ec2")
    vpc = api_.create_vpc(CidrBlock="10.7.0.0/16")["Vpc"]["VpcId"]
    subnet = api_.create_subnet(VpcId=vpc, CidrBlock="10.7.1.0/24")["Subnet"]["SubnetId"]
    elastic = api_.allocate_address(Domain="vpc")
    nat = api_.create_nat_gateway(SubnetId=subnet, AllocationId=elastic["AllocationId"])["NatGateway"]
    assert nat["NatGatewayAddresses"][0]["PrivateIp"] == "10.7.1.4"
    api_.delete_nat_gateway(NatGatewayId=nat["NatGatewayId"])
    assert "AssociationId" not in api_.describe_addresses()["Addresses"][0]
    assert api_.describe_network_interfaces()["NetworkInterfaces"] == []


def test_deleting_an_endpoint_twice_is_reported(api: None, client: Any) -> None:
    api_ = client("ec2")
    vpc = api_.describe_vpcs()["Vpcs"][0]["VpcId"]
    made = api_.create_vpc_endpoint(VpcId=vpc, ServiceName="com.amazonaws.us-east-1.s3")["VpcEndpoint"]["VpcEndpointId"]
    assert api_.delete_vpc_endpoints(VpcEndpointIds=[made])["Unsuccessful"] == []
    again = api_.delete_vpc_endpoints(VpcEndpointIds=[made])["Unsuccessful"]
    assert again[0]["Error"]["Code"] == "InvalidVpcEndpoint.NotFound"


def test_an_owner_is_told_of_its_own_snapshots_only(api: None, image: str, client: Any) -> None:
    ec2 = client("ec2")
    volume = ec2.create_volume(AvailabilityZone="us-east-1a", Size=1)["VolumeId"]
    mine = ec2.create_snapshot(VolumeId=volume)["SnapshotId"]
    assert [found["SnapshotId"] for found in ec2.describe_snapshots(OwnerIds=["self"])["Snapshots"]] == [mine]


def test_a_registered_image_keeps_its_architecture_and_root_device(api: None, client: Any) -> None:
    """As EC2 does: the architecture is i386 where none is given, and instances have what their image has."""
    disk = [{"DeviceName": "/dev/xvda", "Ebs": {"VolumeSize": 8}}]
    told = {
        wish: client("ec2").register_image(
            Name=wish, Architecture=wish, RootDeviceName="/dev/xvda", BlockDeviceMappings=disk
        )["ImageId"]
        for wish in ("arm64", "x86_64")
    }
    told["i386"] = client("ec2").register_image(Name="old", RootDeviceName="/dev/xvda")["ImageId"]
    for architecture, image_id in told.items():
        (found,) = client("ec2").describe_images(ImageIds=[image_id])["Images"]
        assert (found["Architecture"], found["RootDeviceName"]) == (architecture, "/dev/xvda")
    instance = run(client("ec2"), told["arm64"])
    described = client("ec2").describe_instances(InstanceIds=[instance])["Reservations"][0]["Instances"][0]
    assert described["Architecture"] == "arm64"


def test_a_volume_of_no_snapshot_says_so(api: None, client: Any) -> None:
    volume = client("ec2").create_volume(Size=1, AvailabilityZone="us-east-1a")
    assert client("ec2").describe_volumes(VolumeIds=[volume["VolumeId"]])["Volumes"][0]["SnapshotId"] == ""


def test_a_flow_log_has_the_type_that_aws_gives_it(api: None, client: Any) -> None:
    ec2 = client("ec2")
    client("logs").create_log_group(logGroupName="/flow")
    role = client("iam").create_role(RoleName="flow", AssumeRolePolicyDocument="{}")["Role"]["Arn"]
    tags = [{"ResourceType": "vpc-flow-log", "Tags": [{"Key": "Stack", "Value": "a"}]}]
    made = ec2.create_flow_logs(
        ResourceIds=[ec2.describe_vpcs()["Vpcs"][0]["VpcId"]],
        ResourceType="VPC",
        TrafficType="ALL",
        LogGroupName="/flow",
        DeliverLogsPermissionArn=role,
        TagSpecifications=tags,
    )["FlowLogIds"][0]
    tagging = client("resourcegroupstaggingapi")
    found = tagging.get_resources(TagFilters=[{"Key": "Stack", "Values": ["a"]}])["ResourceTagMappingList"]
    assert [one["ResourceARN"] for one in found] == [f"arn:aws:ec2:us-east-1:123456789012:vpc-flow-log/{made}"]
