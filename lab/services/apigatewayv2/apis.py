"""HTTP APIs and their stages, where moto's differ from API Gateway's."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import unquote, urlsplit

from moto.apigatewayv2 import urls
from moto.apigatewayv2.exceptions import BadRequestException
from moto.apigatewayv2.models import Api, ApiGatewayV2Backend, Stage
from moto.apigatewayv2.responses import ApiGatewayV2Response
from moto.core.common_types import TYPE_RESPONSE

from ... import backends
from ...monkeypatch import wrap
from . import domain_names

_LOG_GROUPS = "logs"
_STAGE = {
    "accessLogSettings": "access_log_settings",
    "autoDeploy": "auto_deploy",
    "defaultRouteSettings": "default_route_settings",
    "description": "description",
    "routeSettings": "route_settings",
    "stageVariables": "stage_variables",
}


def every() -> list[Api]:
    return [api for backend in backends.regions("apigatewayv2") for api in list(backend.apis.values())]


def host_of(api: Api) -> str:
    """The name that API Gateway gives an API."""
    return str(urlsplit(api.api_endpoint).hostname)


def update_stage(_original: Any) -> Any:
    """moto has no UpdateStage."""

    def update(self: ApiGatewayV2Response) -> TYPE_RESPONSE:
        api_id, stage_name = self.path.split("/")[-3], unquote(self.path.split("/")[-1])
        stage, wanted = self.apigatewayv2_backend.get_stage(api_id, stage_name), json.loads(self.body)
        _check_stage(self.apigatewayv2_backend, wanted)
        for key, attribute in _STAGE.items():
            if key in wanted:
                setattr(stage, attribute, wanted[key])
        return 200, {}, json.dumps(stage.to_json())

    return update


def delete_access_log(_original: Any) -> Any:
    """moto has no DeleteAccessLogSettings, the one way to end a stage's log."""

    def delete_access_log_settings(self: ApiGatewayV2Response) -> TYPE_RESPONSE:
        api_id, stage_name = self.path.split("/")[-4], unquote(self.path.split("/")[-2])
        self.apigatewayv2_backend.get_stage(api_id, stage_name).access_log_settings = None
        return 204, {}, ""

    return delete_access_log_settings


def stage_paths(original: dict[str, Any]) -> dict[str, Any]:
    stage = "{0}/v2/apis/(?P<api_id>[^/]+)/stages/(?P<stage_name>[^/]+)"
    return {**original, f"{stage}/accesslogsettings$": original[f"{stage}$"]}


def check_stage(original: Any) -> Any:
    def create_stage(self: ApiGatewayV2Backend, api_id: str, config: dict[str, Any]) -> Stage:
        _check_stage(self, config)
        if config["stageName"] in self.get_api(api_id).stages:
            raise BadRequestException("Stage already exists")
        made: Stage = original(self, api_id, config)
        return made

    return create_stage


def _check_stage(backend: ApiGatewayV2Backend, wanted: dict[str, Any]) -> None:
    """The access log goes to a log group that is there."""
    arn = (wanted.get("accessLogSettings") or {}).get("destinationArn")
    if arn and log_group_of(arn) is None:
        raise BadRequestException(f"Insufficient permissions to enable logging, or no log group: {arn}")
    for settings in (wanted.get("defaultRouteSettings"), *(wanted.get("routeSettings") or {}).values()):
        rate, burst = (settings or {}).get("throttlingRateLimit"), (settings or {}).get("throttlingBurstLimit")
        if (rate is not None and rate < 0) or (burst is not None and burst < 0):
            raise BadRequestException("Throttling limits cannot be negative")


def log_group_of(arn: str) -> Any:
    """moto's log group of this ARN, None if there is none."""
    _, _, _, region, account, _, name = arn.removesuffix(":*").split(":", 6)
    return backends.backend(_LOG_GROUPS, region, account).groups.get(name)


def refuse_other_integrations(original: Any) -> Any:
    """What the lab cannot stand for is refused, and not kept without an effect."""

    def create_integration(self: ApiGatewayV2Backend, **wanted: Any) -> Any:
        if wanted["integration_type"] != "AWS_PROXY":
            raise BadRequestException(f"The lab knows integrations of type AWS_PROXY, not {wanted['integration_type']}")
        if int(wanted["timeout_in_millis"] or 30000) > 30000:
            raise BadRequestException("Timeout should be between 50 ms and 30000 ms")
        return original(self, **wanted)

    return create_integration


def route_once(original: Any) -> Any:
    def create_route(self: ApiGatewayV2Backend, **wanted: Any) -> Any:
        if any(route.route_key == wanted["route_key"] for route in self.get_api(wanted["api_id"]).routes.values()):
            raise BadRequestException(f"Route with key {wanted['route_key']} already exists for this API")
        return original(self, **{**wanted, "authorization_type": wanted["authorization_type"] or "NONE"})

    return create_route


def keep_what_is_mapped(original: Any) -> Any:
    def delete_api(self: ApiGatewayV2Backend, api_id: str) -> None:
        if any(mapping.api_id == api_id for mapping in self.api_mappings.values()):
            message = "Deleting API failed. Please remove all base path mappings related to the API in your domains"
            raise BadRequestException(message)
        self.get_api(api_id)
        original(self, api_id)

    return delete_api


def install() -> None:
    wrap(urls, "url_paths", lambda original: domain_names.tags_path(stage_paths(original)))
    wrap(ApiGatewayV2Response, "update_stage", update_stage)
    wrap(ApiGatewayV2Response, "delete_access_log_settings", delete_access_log)
    wrap(ApiGatewayV2Backend, "create_stage", check_stage)
    wrap(ApiGatewayV2Backend, "create_integration", refuse_other_integrations)
    wrap(ApiGatewayV2Backend, "create_route", route_once)
    wrap(ApiGatewayV2Backend, "delete_api", keep_what_is_mapped)
