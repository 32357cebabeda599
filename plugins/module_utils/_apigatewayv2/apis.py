# -*- coding: utf-8 -*-
# Copyright: Contributors to threetier.aws
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
"""HTTP APIs of API Gateway, each before functions, with one stage. Private to this collection."""

from __future__ import annotations

from typing import Any

from ansible_collections.amazon.aws.plugins.module_utils.exceptions import AnsibleAWSError

from ansible_collections.threetier.aws.plugins.module_utils import _calls

State = dict[str, Any]  # description, cors, disable_execute_api_endpoint, routes by key, stage, tags
STAGE = "$default"
_GONE = ["NotFoundException"]
_CORS = {
    "allow_origins": "AllowOrigins",
    "allow_methods": "AllowMethods",
    "allow_headers": "AllowHeaders",
    "expose_headers": "ExposeHeaders",
    "max_age": "MaxAge",
    "allow_credentials": "AllowCredentials",
}


@_calls.read("list the APIs", [])
def _list(client: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = client.get_paginator("get_apis").paginate().build_full_result()["Items"]
    return found


def find(client: Any, name: str) -> dict[str, Any]:
    """The HTTP API of this name as API Gateway has it, empty if there is none. Raises if there are several."""
    found = [one for one in _list(client) if one["Name"] == name and one["ProtocolType"] == "HTTP"]
    if len(found) > 1:
        ids = ", ".join(sorted(one["ApiId"] for one in found))
        raise AnsibleAWSError(message=f"There are several HTTP APIs named {name}: {ids}. Delete all but one.")
    return found[0] if found else {}


def state(client: Any, api: dict[str, Any]) -> State:
    """What an API is, in the words of the module's options; empty for none."""
    if not api:
        return {}
    functions = {one["IntegrationId"]: one.get("IntegrationUri", "") for one in integrations(client, api["ApiId"])}
    return dict(
        description=api.get("Description") or "",
        cors=cors_state(api.get("CorsConfiguration")),
        disable_execute_api_endpoint=bool(api.get("DisableExecuteApiEndpoint")),
        routes={
            route["RouteKey"]: dict(
                function_arn=functions.get(str(route.get("Target")).rpartition("/")[2], ""),
                authorization_type=route.get("AuthorizationType") or "NONE",
            )
            for route in routes(client, api["ApiId"])
        },
        stage=stage_state(stage(client, api["ApiId"])),
        tags=api.get("Tags") or {},
    )


def cors_state(found: dict[str, Any] | None) -> State:
    return {option: found[key] for option, key in _CORS.items() if found.get(key)} if found else {}


def stage_state(found: dict[str, Any]) -> State:
    if not found:
        return {}
    log, limits = found.get("AccessLogSettings") or {}, found.get("DefaultRouteSettings") or {}
    return dict(
        access_log_arn=log.get("DestinationArn") or "",
        access_log_format=log.get("Format") or "",
        throttling_burst_limit=limits.get("ThrottlingBurstLimit"),
        throttling_rate_limit=limits.get("ThrottlingRateLimit"),
    )


@_calls.read("list the API's integrations", [], missing=_GONE)
def integrations(client: Any, api_id: str) -> list[dict[str, Any]]:
    pages = client.get_paginator("get_integrations").paginate(ApiId=api_id)
    found: list[dict[str, Any]] = pages.build_full_result()["Items"]
    return found


@_calls.read("list the API's routes", [], missing=_GONE)
def routes(client: Any, api_id: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = client.get_paginator("get_routes").paginate(ApiId=api_id).build_full_result()["Items"]
    return found


@_calls.read("look at the API's stage", {}, missing=_GONE)
def stage(client: Any, api_id: str) -> dict[str, Any]:
    found: dict[str, Any] = client.get_stage(ApiId=api_id, StageName=STAGE)
    return found


def apply(client: Any, name: str, api: dict[str, Any], have: State, want: State) -> dict[str, Any]:
    """Make an API what is wanted. Returns it; what it was asked for counts, and no call is made for what it is."""
    if not api:
        api = _create(client, name, want)
    elif any(have[key] != want[key] for key in ("description", "cors", "disable_execute_api_endpoint")):
        _update(client, api["ApiId"], want)
        if have["cors"] and not want["cors"]:
            _delete_cors(client, api["ApiId"])
    if have.get("routes") != want["routes"]:
        _route(client, api["ApiId"], want["routes"])
    if have.get("stage") != want["stage"]:
        _put_stage(client, api["ApiId"], want["stage"], new=not have.get("stage"))
        if have.get("stage", {}).get("access_log_arn") and not want["stage"]["access_log_arn"]:
            _delete_log(client, api["ApiId"])
    return api


def _settings(want: State) -> dict[str, Any]:
    cors = {_CORS[option]: value for option, value in want["cors"].items()}
    return dict(
        Description=want["description"],
        DisableExecuteApiEndpoint=want["disable_execute_api_endpoint"],
        **({"CorsConfiguration": cors} if cors else {}),
    )


@_calls.call("create the API", tries=1)
def _create(client: Any, name: str, want: State) -> dict[str, Any]:
    made: dict[str, Any] = client.create_api(Name=name, ProtocolType="HTTP", Tags=want["tags"], **_settings(want))
    return made


@_calls.call("change the API")
def _update(client: Any, api_id: str, want: State) -> None:
    client.update_api(ApiId=api_id, **_settings(want))


@_calls.call("stop the API answering to pages of other origins")
def _delete_cors(client: Any, api_id: str) -> None:
    client.delete_cors_configuration(ApiId=api_id)


def _route(client: Any, api_id: str, want: State) -> None:
    """New routes before those that go; an integration that no route has any more goes last."""
    targets = {one.get("IntegrationUri"): one["IntegrationId"] for one in integrations(client, api_id)}
    for arn in sorted({route["function_arn"] for route in want.values()} - targets.keys()):
        targets[arn] = _integrate(client, api_id, arn)
    known = {route["RouteKey"]: route["RouteId"] for route in routes(client, api_id)}
    for key, route in want.items():
        target = f"integrations/{targets[route['function_arn']]}"
        _put_route(client, api_id, known.get(key), key, target, route["authorization_type"])
    for key in known.keys() - want.keys():
        _delete_route(client, api_id, known[key])
    for arn in targets.keys() - {route["function_arn"] for route in want.values()}:
        _delete_integration(client, api_id, targets[arn])


@_calls.call("put the API before the function", tries=1)
def _integrate(client: Any, api_id: str, arn: str) -> str:
    made: dict[str, Any] = client.create_integration(
        ApiId=api_id, IntegrationType="AWS_PROXY", IntegrationUri=arn, PayloadFormatVersion="2.0"
    )
    return str(made["IntegrationId"])


@_calls.call("set the API's route")
def _put_route(client: Any, api_id: str, route_id: str | None, key: str, target: str, authorization: str) -> None:
    wanted = dict(ApiId=api_id, RouteKey=key, Target=target, AuthorizationType=authorization)
    if route_id:
        client.update_route(RouteId=route_id, **wanted)
    else:
        client.create_route(**wanted)


@_calls.delete("delete the API's route", missing=_GONE)
def _delete_route(client: Any, api_id: str, route_id: str) -> None:
    client.delete_route(ApiId=api_id, RouteId=route_id)


@_calls.delete("take the API off the function", missing=_GONE)
def _delete_integration(client: Any, api_id: str, integration_id: str) -> None:
    client.delete_integration(ApiId=api_id, IntegrationId=integration_id)


@_calls.call("set the API's stage")
def _put_stage(client: Any, api_id: str, want: State, new: bool) -> None:
    limits = dict(
        ThrottlingBurstLimit=want["throttling_burst_limit"], ThrottlingRateLimit=want["throttling_rate_limit"]
    )
    log = dict(DestinationArn=want["access_log_arn"], Format=want["access_log_format"])
    settings: dict[str, Any] = dict(ApiId=api_id, StageName=STAGE, AutoDeploy=True)
    settings["DefaultRouteSettings"] = {key: value for key, value in limits.items() if value is not None}
    if want["access_log_arn"]:
        settings["AccessLogSettings"] = log
    if new:
        client.create_stage(**settings)
    else:
        client.update_stage(**settings)


@_calls.delete("end the API's access log", missing=_GONE)
def _delete_log(client: Any, api_id: str) -> None:
    client.delete_access_log_settings(ApiId=api_id, StageName=STAGE)


@_calls.delete("delete the API", missing=_GONE)
def delete(client: Any, api_id: str) -> None:
    client.delete_api(ApiId=api_id)
