"""Gateway endpoints of the API: their routes, where these lead to, and who answers there."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ClientError

from lab import backends, config, server
from lab.services.ec2.vpc_controller import Router

S3, DYNAMODB = "com.amazonaws.us-east-1.s3", "com.amazonaws.us-east-1.dynamodb"


@pytest.fixture
def vpc(api: None, client: Any) -> SimpleNamespace:
    """One with two route tables, and a subnet with the first of them."""
    ec2 = client("ec2")
    vpc_id = ec2.create_vpc(CidrBlock="10.7.0.0/16")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc_id, CidrBlock="10.7.1.0/24")["Subnet"]["SubnetId"]
    tables = [ec2.create_route_table(VpcId=vpc_id)["RouteTable"]["RouteTableId"] for _ in range(2)]
    ec2.associate_route_table(RouteTableId=tables[0], SubnetId=subnet)
    return SimpleNamespace(id=vpc_id, tables=tables, ec2=ec2)


def lead_to(vpc: SimpleNamespace, service: str, *tables: str) -> str:
    made = vpc.ec2.create_vpc_endpoint(VpcId=vpc.id, ServiceName=service, RouteTableIds=list(tables))["VpcEndpoint"]
    assert (made["VpcEndpointType"], made["State"]) == ("Gateway", "available")
    return str(made["VpcEndpointId"])


def routed(vpc: SimpleNamespace) -> list[list[str]]:
    """By route table the endpoints that it has routes to."""
    found = vpc.ec2.describe_route_tables(RouteTableIds=vpc.tables)["RouteTables"]
    return [[one["GatewayId"] for one in table["Routes"] if "DestinationPrefixListId" in one] for table in found]


def way_out(vpc: SimpleNamespace) -> tuple[str, ...]:
    """Where the router lets the VPC's one subnet out to."""
    found = backends.backend("ec2", "us-east-1").vpcs[vpc.id]
    (subnet,) = Router._subnets(SimpleNamespace(vpc=found))  # type: ignore[arg-type]
    assert (subnet.gateway, subnet.nat_address) == (False, None)
    return subnet.endpoints


def test_an_endpoint_leads_to_its_service_from_its_route_tables(vpc: SimpleNamespace) -> None:
    assert way_out(vpc) == ()
    s3 = lead_to(vpc, S3, vpc.tables[0])
    assert routed(vpc) == [[s3], []]
    assert way_out(vpc) == (f"{config.S3_ADDRESS}/32",)
    dynamodb = lead_to(vpc, DYNAMODB, *vpc.tables)
    assert way_out(vpc) == (f"{config.S3_ADDRESS}/32", f"{config.DYNAMODB_ADDRESS}/32")
    vpc.ec2.modify_vpc_endpoint(VpcEndpointId=s3, AddRouteTableIds=[vpc.tables[1]], RemoveRouteTableIds=[vpc.tables[0]])
    assert routed(vpc) == [[dynamodb], [dynamodb, s3]]
    vpc.ec2.delete_vpc_endpoints(VpcEndpointIds=[dynamodb, s3])
    assert (routed(vpc), way_out(vpc)) == ([[], []], ())


def test_a_route_table_takes_one_endpoint_of_a_service(vpc: SimpleNamespace) -> None:
    lead_to(vpc, S3, vpc.tables[0])
    with pytest.raises(ClientError, match="RouteAlreadyExists"):
        lead_to(vpc, S3, *vpc.tables)
    lead_to(vpc, S3, vpc.tables[1])


def test_an_endpoint_goes_though_a_route_table_of_it_is_gone(vpc: SimpleNamespace) -> None:
    s3 = lead_to(vpc, S3, *vpc.tables)
    vpc.ec2.delete_route_table(RouteTableId=vpc.tables[1])
    assert vpc.ec2.delete_vpc_endpoints(VpcEndpointIds=[s3])["Unsuccessful"] == []


@pytest.mark.parametrize(("service", "answers"), [("dynamodb", True), ("s3", False), ("sts", False)])
def test_at_the_address_of_a_service_no_other_answers(api: None, service: str, answers: bool) -> None:
    signed = f"AWS4-HMAC-SHA256 Credential=AKIAUNITTESTSONLY000/20261130/us-east-1/{service}/aws4_request, Signature=0"
    environ = {"SERVER_NAME": config.DYNAMODB_ADDRESS, "HTTP_AUTHORIZATION": signed, "REQUEST_METHOD": "GET"}
    assert (server._refused(environ, service) is None) == answers
