"""Cache, origin request and response headers policies: AWS's managed ones, and those that the account makes."""

from __future__ import annotations

import datetime
import functools
import uuid
from pathlib import Path
from typing import Any

import yaml
from moto.cloudfront import urls
from moto.cloudfront.models import CloudFrontBackend, random_id
from moto.cloudfront.responses import CloudFrontResponse
from moto.core.responses import ActionResult, EmptyResult

from ... import backends
from ...monkeypatch import wrap
from .errors import insist_on_etag, refusal
from .store import Policy, stores

# Kind of policy, as the API's operations and a behaviour's attribute (with Id) call it: its path, the name of its list.
KINDS = {
    "CachePolicy": ("cache-policy", "CachePolicyList"),
    "OriginRequestPolicy": ("origin-request-policy", "OriginRequestPolicyList"),
    "ResponseHeadersPolicy": ("response-headers-policy", "ResponseHeadersPolicyList"),
}
_MANAGED = Path(__file__).with_name("managed_policies.yml")


@functools.cache
def managed(kind: str) -> dict[str, Policy]:
    """AWS's own, by id."""
    since = datetime.datetime(2020, 5, 31, tzinfo=datetime.UTC)
    found = yaml.safe_load(_MANAGED.read_text())[kind]
    return {key: Policy(key, "managed", config, random_id(), since) for key, config in found.items()}


def find(backend: CloudFrontBackend, kind: str, policy_id: str) -> Policy:
    """:raises CloudFrontException: such as NoSuchCachePolicy."""
    found = {**managed(kind), **_own(backend, kind)}.get(policy_id)
    if found is None:
        raise refusal(f"NoSuch{kind}", f"The specified policy {policy_id} does not exist.")
    return found


def _own(backend: CloudFrontBackend, kind: str) -> dict[str, Policy]:
    return stores.of(backend).policies.setdefault(kind, {})


def create(_original: Any, kind: str) -> Any:
    def answer(self: CloudFrontResponse) -> ActionResult:
        config = self._get_param(f"{kind}Config")
        _insist_on_new_name(self.backend, kind, config["Name"])
        made = Policy(str(uuid.uuid4()), "custom", config, random_id(), _now())
        _own(self.backend, kind)[made.id] = made
        location = f"https://cloudfront.amazonaws.com/2020-05-31/{KINDS[kind][0]}/{made.id}"
        return ActionResult({kind: _shown(kind, made), "ETag": made.etag, "Location": location})

    return answer


def get(_original: Any, kind: str) -> Any:
    def answer(self: CloudFrontResponse) -> ActionResult:
        found = find(self.backend, kind, self._get_param("Id"))
        return ActionResult({kind: _shown(kind, found), "ETag": found.etag})

    return answer


def get_config(_original: Any, kind: str) -> Any:
    def answer(self: CloudFrontResponse) -> ActionResult:
        found = find(self.backend, kind, self._get_param("Id"))
        return ActionResult({f"{kind}Config": found.config, "ETag": found.etag})

    return answer


def list_all(_original: Any, kind: str) -> Any:
    def answer(self: CloudFrontResponse) -> ActionResult:
        wanted = self._get_param("Type")
        known = [*managed(kind).values(), *_own(self.backend, kind).values()]
        chosen = [one for one in known if wanted in (None, one.kind)]
        items = [{"Type": one.kind, kind: _shown(kind, one)} for one in chosen]
        return ActionResult({KINDS[kind][1]: {"MaxItems": 100, "Quantity": len(items), "Items": items}})

    return answer


def update(_original: Any, kind: str) -> Any:
    def answer(self: CloudFrontResponse) -> ActionResult:
        found = _changeable(self, kind)
        config = self._get_param(f"{kind}Config")
        _insist_on_new_name(self.backend, kind, config["Name"], found.id)
        found.config, found.etag, found.changed = config, random_id(), _now()
        return ActionResult({kind: _shown(kind, found), "ETag": found.etag})

    return answer


def delete(_original: Any, kind: str) -> Any:
    def answer(self: CloudFrontResponse) -> EmptyResult:
        found = _changeable(self, kind)
        if found.id in _used(kind):
            message = "Cannot delete the policy because it is attached to one or more cache behaviors."
            raise refusal(f"{kind}InUse", message)
        del _own(self.backend, kind)[found.id]
        return EmptyResult()

    return answer


def _changeable(response: CloudFrontResponse, kind: str) -> Policy:
    found = find(response.backend, kind, response._get_param("Id"))
    if found.kind == "managed":
        raise refusal("IllegalUpdate" if kind == "CachePolicy" else "AccessDenied", "A managed policy stays as it is.")
    insist_on_etag(found, response._get_param("IfMatch"))
    return found


def _insist_on_new_name(backend: CloudFrontBackend, kind: str, name: str, own: str | None = None) -> None:
    if any(one.config["Name"] == name and one.id != own for one in _own(backend, kind).values()):
        raise refusal(f"{kind}AlreadyExists", f"A policy with the name {name} already exists.")


def _used(kind: str) -> set[str]:
    """The policies that behaviours of distributions have."""
    return {
        behaviour.get(f"{kind}Id")
        for backend in backends.regions("cloudfront")
        for one in list(backend.distributions.values())
        for behaviour in (one.DefaultCacheBehavior, *(one.CacheBehaviors.get("Items") or []))
    }


def _shown(kind: str, policy: Policy) -> dict[str, Any]:
    return {"Id": policy.id, "LastModifiedTime": policy.changed, f"{kind}Config": policy.config}


def _now() -> datetime.datetime:
    return datetime.datetime.now(datetime.UTC)


def install() -> None:
    paths = {}
    for kind, (path, _) in KINDS.items():
        snake = path.replace("-", "_")
        plural = f"{snake[:-1]}ies"
        for name, make in {
            f"create_{snake}": create,
            f"get_{snake}": get,
            f"get_{snake}_config": get_config,
            f"list_{plural}": list_all,
            f"update_{snake}": update,
            f"delete_{snake}": delete,
        }.items():
            wrap(CloudFrontResponse, name, functools.partial(make, kind=kind))
        for rest in ("$", "/(?P<policy_id>[^/]+)$", "/(?P<policy_id>[^/]+)/config$"):
            paths[f"{{0}}/2020-05-31/{path}{rest}"] = CloudFrontResponse.dispatch
    wrap(urls, "url_paths", lambda known: {**known, **paths})
