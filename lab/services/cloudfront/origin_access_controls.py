"""Origin access controls: one of a name, and there for as long as an origin has it."""

from __future__ import annotations

from typing import Any

from moto.cloudfront.models import CloudFrontBackend, OriginAccessControl, random_id
from moto.cloudfront.responses import CloudFrontResponse
from moto.core.responses import ActionResult, EmptyResult

from ...monkeypatch import wrap
from .configuration import items
from .distributions import config_of
from .errors import insist_on_etag, refusal


def refuse_namesake(original: Any) -> Any:
    def create_origin_access_control(self: CloudFrontBackend, config_dict: dict[str, str]) -> OriginAccessControl:
        _insist_on_new_name(self, config_dict["Name"])
        made: OriginAccessControl = original(self, config_dict)
        return made

    return create_origin_access_control


def _insist_on_new_name(backend: CloudFrontBackend, name: str, own: str | None = None) -> None:
    if any(other.name == name and other.id != own for other in backend.origin_access_controls.values()):
        message = f"An origin access control with the name {name} already exists."
        raise refusal("OriginAccessControlAlreadyExists", message)


def change_what_is_known(_original: Any) -> Any:
    """moto takes any ETag and never gives another one."""

    def update_origin_access_control(self: CloudFrontResponse) -> ActionResult:
        control = self.backend.get_origin_access_control(self._get_param("Id"))
        insist_on_etag(control, self._get_param("IfMatch"))
        config = self._get_param("OriginAccessControlConfig", {})
        _insist_on_new_name(self.backend, config["Name"], control.id)
        control.update(config)
        control.etag = random_id()
        shown = {"Id": control.id, "OriginAccessControlConfig": control}
        return ActionResult({"OriginAccessControl": shown, "ETag": control.etag})

    return update_origin_access_control


def keep_what_is_in_use(_original: Any) -> Any:
    def delete_origin_access_control(self: CloudFrontResponse) -> EmptyResult:
        control = self.backend.get_origin_access_control(self._get_param("Id"))
        insist_on_etag(control, self._get_param("IfMatch"))
        used = {
            origin["OriginAccessControlId"]
            for one in self.backend.distributions.values()
            for origin in items(config_of(one)["Origins"])
        }
        if control.id in used:
            message = "Cannot delete the origin access control because it's in use by one or more distributions."
            raise refusal("OriginAccessControlInUse", message)
        self.backend.delete_origin_access_control(control.id)
        return EmptyResult()

    return delete_origin_access_control


def install() -> None:
    wrap(CloudFrontBackend, "create_origin_access_control", refuse_namesake)
    wrap(CloudFrontResponse, "update_origin_access_control", change_what_is_known)
    wrap(CloudFrontResponse, "delete_origin_access_control", keep_what_is_in_use)
