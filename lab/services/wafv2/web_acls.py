"""Web ACLs: what they are on, checked rules, and none that is in use is deleted."""

from __future__ import annotations

import json
from typing import Any

from moto.wafv2.exceptions import WAFNonexistentItemException
from moto.wafv2.models import FakeRule, FakeWebACL, WAFV2Backend
from moto.wafv2.responses import WAFV2Response

from ... import backends
from ...monkeypatch import wrap
from ..cloudfront import distributions
from . import rules
from .errors import IN_USE, MISSING, refusal

_KINDS = {
    "APPLICATION_LOAD_BALANCER": ":loadbalancer/app/",
    "API_GATEWAY": ":/restapis/",
    "APPSYNC": ":apis/",
    "COGNITO_USER_POOL": ":userpool/",
}


def every() -> list[tuple[WAFV2Backend, FakeWebACL]]:
    """Each web ACL, with the backend that has it."""
    return [(backend, acl) for backend in backends.regions("wafv2") for acl in list(backend.wacls.values())]


def find(arn: str) -> FakeWebACL | None:
    return next((acl for _, acl in every() if acl.arn == arn), None)


def arn_of(resource_arn: str) -> str | None:
    """The web ACL that a regional resource, such as a load balancer, is behind."""
    return next((acl.arn for _, acl in every() if resource_arn in acl.associated_resources), None)


def rules_of(acl: FakeWebACL) -> list[dict[str, Any]]:
    """As GetWebACL returns them."""
    return [{key: value for key, value in rule.to_dict().items() if value is not None} for rule in acl.rules]


def list_resources(_original: Any) -> Any:
    """moto lacks it."""

    def list_resources_for_web_acl(self: WAFV2Response) -> Any:
        body = json.loads(self.body)
        acl = self.wafv2_backend.get_web_acl(body["WebACLArn"], None, None)
        mark = _KINDS[body.get("ResourceType") or "APPLICATION_LOAD_BALANCER"]
        found = [one for one in acl.associated_resources if mark in one and _is_there(one)]
        return 200, {"Content-Type": "application/json"}, json.dumps({"ResourceArns": found})

    return list_resources_for_web_acl


def one_for_each_resource(original: Any) -> Any:
    """moto keeps a resource with the one before as well, and takes any ARN."""

    def associate_web_acl(self: WAFV2Backend, web_acl_arn: str, resource_arn: str) -> None:
        if web_acl_arn not in self.wacls:
            raise WAFNonexistentItemException
        _, _, _, region, account, rest = resource_arn.split(":", 5)
        if rest.startswith("loadbalancer/") and (
            resource_arn not in backends.backend("elbv2", region, account).load_balancers
        ):
            raise refusal("WAFNonexistentItemException", MISSING)
        self.disassociate_web_acl(resource_arn)
        original(self, web_acl_arn, resource_arn)

    return associate_web_acl


def check_before_it_is_made(original: Any) -> Any:
    def create_web_acl(self: WAFV2Backend, *args: Any, **kwargs: Any) -> FakeWebACL:
        sent: list[dict[str, Any]] = kwargs.get("rules", args[6] if len(args) > 6 else [])
        _check(self, sent)
        made: FakeWebACL = original(self, *args, **kwargs)
        made.capacity = rules.capacity(sent)
        return made

    return create_web_acl


def check_before_it_is_changed(original: Any) -> Any:
    """An update says all rules: one that has none takes them all away."""

    def update_web_acl(
        self: WAFV2Backend, name: str, _id: str, default_action: Any, sent: list[dict[str, Any]] | None, *rest: Any
    ) -> str:
        _check(self, sent or [])
        token: str = original(self, name, _id, default_action, sent, *rest)
        acl = self.get_web_acl(None, name, _id)
        acl.rules = acl.rules if sent else []
        acl.capacity = rules.capacity(sent or [])
        return token

    return update_web_acl


def keep_used(original: Any) -> Any:
    def delete_web_acl(self: WAFV2Backend, name: str, scope: str, _id: str, lock_token: str) -> None:
        acl = self.get_web_acl(None, name, _id)
        if any(map(_is_there, acl.associated_resources)) or any(
            distributions.config_of(one)["WebACLId"] == acl.arn for _, one in distributions.every()
        ):
            raise refusal("WAFAssociatedItemException", IN_USE)
        original(self, name, scope, _id, lock_token)
        for backend in backends.regions("wafv2"):  # the configuration is with the region that was asked
            backend.logging_configurations.pop(acl.arn, None)

    return delete_web_acl


def _check(backend: WAFV2Backend, sent: list[dict[str, Any]]) -> None:
    rules.check(sent)
    if rules.ip_sets(sent) - backend.ip_sets.keys():
        raise WAFNonexistentItemException
    if rules.capacity(sent) > 5000:
        message = "AWS WAF couldn’t perform the operation because you exceeded a limit."
        raise refusal("WAFLimitsExceededException", message)


def _is_there(resource_arn: str) -> bool:
    """A load balancer that is deleted leaves its web ACL."""
    _, _, _, region, account, rest = resource_arn.split(":", 5)
    return not rest.startswith("loadbalancer/") or (
        resource_arn in backends.backend("elbv2", region, account).load_balancers
    )


def rule_without_nothing(original: Any) -> Any:
    """WAF says nothing of what a rule has not."""

    def to_dict(self: FakeRule) -> dict[str, Any]:
        return {key: value for key, value in original(self).items() if value is not None}

    return to_dict


def install() -> None:
    wrap(FakeRule, "to_dict", rule_without_nothing)
    wrap(WAFV2Response, "list_resources_for_web_acl", list_resources)
    wrap(WAFV2Backend, "associate_web_acl", one_for_each_resource)
    wrap(WAFV2Backend, "create_web_acl", check_before_it_is_made)
    wrap(WAFV2Backend, "update_web_acl", check_before_it_is_changed)
    wrap(WAFV2Backend, "delete_web_acl", keep_used)
