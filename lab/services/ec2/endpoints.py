"""Gateway endpoints: routes to the networks of S3 and DynamoDB, past internet and NAT gateways."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from moto.core.responses import ActionResult
from moto.ec2.exceptions import EC2ClientError
from moto.ec2.models.vpcs import VPCBackend, VPCEndPoint
from moto.ec2.responses.vpcs import VPCs

from ...monkeypatch import wrap
from . import prefix_lists


def networks(table: Any) -> tuple[str, ...]:
    """Where the gateway endpoints of a route table lead to."""
    routes = table.routes if table is not None else []
    lists = [(one, one.destination_prefix_list) for one in routes if isinstance(one.gateway, VPCEndPoint)]
    found = {
        network
        for route, known in lists
        if known and route.gateway.state == "available"
        for network in prefix_lists.cidrs(route.gateway.ec2_backend, [known.id])
    }
    return tuple(sorted(found))


def _route(endpoint: VPCEndPoint, former: Iterable[str], wanted: Iterable[str]) -> None:
    """Give the wanted route tables the endpoint's route, and take it from the others."""
    ec2, destination = endpoint.ec2_backend, endpoint.destination_prefix_list_id
    for table in set(former) - set(wanted):
        if table in ec2.route_tables:
            ec2.delete_route(table, destination)
    for table in set(wanted) - set(former):
        ec2.create_route(table, None, gateway_id=endpoint.id, destination_prefix_list_id=destination)


def refuse_second_route(original: Any) -> Any:
    """A route table takes one endpoint of a service. Without a kind an endpoint is a gateway, which moto leaves out."""

    def create_vpc_endpoint(self: Any, *args: Any, **kwargs: Any) -> VPCEndPoint:
        kwargs["endpoint_type"] = kwargs.get("endpoint_type") or "Gateway"
        wanted = set(kwargs.get("route_table_ids") or [])
        same = [one for one in self.vpc_end_points.values() if one.service_name == kwargs["service_name"]]
        for one in same:
            for table in sorted(wanted & set(one.route_table_ids or [])):
                message = f"route table {table} already has a route with destination-prefix-list-id"
                raise EC2ClientError("RouteAlreadyExists", f"{message} {one.destination_prefix_list_id}")
        made: VPCEndPoint = original(self, *args, **kwargs)
        return made

    return create_vpc_endpoint


def change_routes(original: Any) -> Any:
    """moto notes other route tables and routes nothing there."""

    def modify(self: VPCEndPoint, *args: Any, **kwargs: Any) -> None:
        former = list(self.route_table_ids or [])
        original(self, *args, **kwargs)
        if self.vpc_endpoint_type == "Gateway":
            _route(self, former, self.route_table_ids or [])

    return modify


def report_missing_endpoint_as_unsuccessful(original: Any) -> Any:
    """A deleted endpoint is gone; deleting it again is reported, not an error."""

    def delete_vpc_endpoints(self: VPCs) -> ActionResult:
        wanted = self._get_param("VpcEndpointIds", [])
        known = self.ec2_backend.vpc_end_points
        missing = [endpoint_id for endpoint_id in wanted if endpoint_id not in known]
        for endpoint_id in wanted:
            if endpoint := known.pop(endpoint_id, None):
                if endpoint.vpc_endpoint_type == "Gateway":
                    _route(endpoint, endpoint.route_table_ids, [])
                for interface in endpoint.network_interface_ids:
                    self.ec2_backend.enis.pop(interface, None)
        code = "InvalidVpcEndpoint.NotFound"
        return ActionResult(
            {
                "Unsuccessful": [
                    {
                        "ResourceId": name,
                        "Error": {
                            "Code": code,
                            "Message": f"The VpcEndpoint Id '{name}' does not exist",
                        },
                    }
                    for name in missing
                ]
            }
        )

    return delete_vpc_endpoints


def install(_machines: bool) -> None:
    wrap(VPCBackend, "create_vpc_endpoint", refuse_second_route)
    wrap(VPCEndPoint, "modify", change_routes)
    wrap(VPCs, "delete_vpc_endpoints", report_missing_endpoint_as_unsuccessful)
