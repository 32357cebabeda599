"""The edge: one proxy that all viewers come to, and a cache for each distribution behind it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from moto.cloudfront.models import Distribution

from ... import backends, config, images, netns, outside, pki
from ..elbv2.proxy import Proxy
from . import distributions, front, invalidations, policies, vcl
from .cache import Cache
from .configuration import behaviours, items

log = logging.getLogger("lab.edge")
NAMESPACE = f"{config.PREFIX}edge"
_DEVICE = "t3edge"
_SOON = 0.3  # seconds until what is under way is looked at again
_EDGE = "edge"  # the key of all of it: the proxy in front knows every distribution


class Edge:
    """There from the first distribution on."""

    workers = 1

    def __init__(self, resolve: Callable[[str], list[str]], changed: Callable[[], None]) -> None:
        """
        :param resolve: the addresses of a name.
        :param changed: called when a distribution is deployed or an invalidation is done.
        """
        self._resolve, self._changed = resolve, changed
        self._caches: dict[str, Cache] = {}
        self._root: Path | None = None  # of the image that caches run out of
        self._own: dict[str, str] = {}  # certificates of names of cloudfront.net, PEM with key, by name
        self._proxy = Proxy(NAMESPACE, config.RUN / "edge" / "front")

    def keys(self) -> Iterable[str]:
        return [_EDGE] if distributions.every() or self._caches or self._proxy.pid else []

    def reconcile(self, _key: str) -> float | None:
        found = {one.id: (backend, one) for backend, one in distributions.every()}
        serving = {key: pair for key, pair in found.items() if distributions.config_of(pair[1])["Enabled"]}
        for gone in self._caches.keys() - serving.keys():
            self._caches.pop(gone).close()
        for key, (_, one) in found.items():
            if key not in serving:
                distributions.note_of(one).deployed = one.distribution_config
        if not serving:
            self._proxy.stop()
            return None
        self._root = self._root or images.edge().build()  # which takes a minute or more the first time
        outside.ensure(NAMESPACE, _DEVICE, config.EDGE_ADDRESS)
        for key in serving:
            if key not in self._caches:
                self._caches[key] = Cache(NAMESPACE, config.RUN / "edge" / key, self._root)
        if not self._front([one for _, one in serving.values()]):
            return _SOON  # the caches look for the sockets of their origins
        failed = []
        for backend, one in serving.values():
            try:
                self._deploy(backend, one)
            except RuntimeError as error:  # which holds up no other
                failed.append(f"{one.id}: {error}")
        if failed:
            raise RuntimeError("; ".join(failed))
        return None

    def status(self) -> list[dict[str, Any]]:
        rows = []
        for _, one in distributions.every():
            cache = self._caches.get(one.id)
            behind = f"varnish {cache.pid or '-'} at {config.EDGE_ADDRESS}" if cache else "nothing"
            rows.append({"resource": one.domain_name, "kind": "distribution", "state": one.status, "behind": behind})
        return rows

    def close(self) -> None:
        for cache in self._caches.values():
            cache.close()
        self._proxy.stop()
        netns.delete(NAMESPACE)

    def _front(self, serving: list[Distribution]) -> bool:
        """Whether the proxy runs with what these distributions call for."""
        if self._proxy.pid and self._proxy.is_elsewhere():
            self._proxy.stop()
        files: dict[str, str] = {}
        sites = tuple(self._site(one, files) for one in serving)
        edge = front.Edge(
            config.EDGE_ADDRESS, str(self._proxy.socket), str(self._proxy.home / "certificates.txt"), sites
        )
        listed = front.certificate_list(edge)
        files["certificates.txt"] = listed
        # what the list says counts as well for whether there is something new
        text = front.render(edge) + "".join(f"# {line}\n" for line in listed.splitlines())
        self._proxy.apply(text, files)
        return self._proxy.runs(text)

    def _site(self, one: Distribution, files: dict[str, str]) -> front.Site:
        settings, cache = distributions.config_of(one), self._caches[one.id]
        origins = items(settings["Origins"])
        certificate = settings["ViewerCertificate"]
        api = (config.HOST_ADDRESS, config.API_PORT)
        return front.Site(
            id=one.id,
            certificates=self._certificates(one, files),
            cache=str(cache.socket),
            origins=tuple(
                front.origin_of(
                    origin, socket=socket, address=self._address(origin), api=api, authority=str(config.CA_CERT)
                )
                for origin, (socket, _) in zip(origins, cache.origin_sockets(len(origins)), strict=True)
            ),
            policy=certificate["MinimumProtocolVersion"],
            http_version=settings["HttpVersion"],
            web_acl=settings["WebACLId"],
        )

    def _address(self, origin: dict[str, Any]) -> str | None:
        if "CustomOriginConfig" not in origin:
            return None
        return next(iter(sorted(self._resolve(origin["DomainName"].lower()))), None)

    def _certificates(self, one: Distribution, files: dict[str, str]) -> dict[str, str]:
        """The file of the certificate for each name; the file's name changes with its content."""
        if one.domain_name not in self._own:
            self._own[one.domain_name] = "\n".join(part.decode() for part in pki.issue(one.domain_name))
        paths = {one.domain_name: self._file(f"{one.id}.pem", self._own[one.domain_name], files)}
        settings = distributions.config_of(one)
        if arn := settings["ViewerCertificate"].get("ACMCertificateArn"):
            _, _, _, region, account, _ = arn.split(":", 5)
            found = backends.backend("acm", region, account)._certificates[arn]
            parts = (found.cert, found.chain or b"", found.key)
            text = "\n".join(part.decode() if isinstance(part, bytes) else str(part) for part in parts)
            path = self._file(f"{arn.rpartition('/')[2]}.pem", text, files)
            paths |= {name.lower(): path for name in items(settings["Aliases"])}
        return paths

    def _file(self, name: str, text: str, files: dict[str, str]) -> str:
        files[name] = text
        return str(self._proxy.home / name)

    def _deploy(self, backend: Any, one: Distribution) -> None:
        note, cache = distributions.note_of(one), self._caches[one.id]
        wanted = one.distribution_config
        cache.apply(self._vcl(backend, one, cache))
        if note.deployed is not wanted:
            note.deployed = wanted
            log.info("%s is deployed at %s", one.domain_name, config.EDGE_ADDRESS)
            self._changed()
        for invalidation in invalidations.pending(backend, one.id):
            cache.ban(*invalidation.paths)
            invalidation.status = invalidations.DONE

    def _vcl(self, backend: Any, one: Distribution, cache: Cache) -> str:
        settings = distributions.config_of(one)
        sockets = [inside for _, inside in cache.origin_sockets(len(items(settings["Origins"])))]
        found = [_policies(backend, behaviour) for behaviour in behaviours(settings)]
        return vcl.render(settings, found, arn=one.arn, domain_name=one.domain_name, sockets=sockets)


def _policies(backend: Any, behaviour: dict[str, Any]) -> vcl.Policies:
    def of(kind: str) -> dict[str, Any]:
        wanted = behaviour.get(f"{kind}Id")
        return policies.find(backend, kind, wanted).config if wanted else {}

    return vcl.Policies(of("CachePolicy") or _legacy(behaviour), of("OriginRequestPolicy"), of("ResponseHeadersPolicy"))


def _legacy(behaviour: dict[str, Any]) -> dict[str, Any]:
    """What a behaviour without a cache policy says itself, as one."""
    forwarded = behaviour.get("ForwardedValues") or {}
    cookies = (forwarded.get("Cookies") or {}).get("Forward", "none")
    headers = items(forwarded.get("Headers"))
    return {
        "MinTTL": behaviour.get("MinTTL", 0),
        "DefaultTTL": behaviour.get("DefaultTTL", 86400),
        "MaxTTL": behaviour.get("MaxTTL", 31536000),
        "ParametersInCacheKeyAndForwardedToOrigin": {
            "EnableAcceptEncodingGzip": True,
            "HeadersConfig": {"Headers": {"Items": headers}},
            "CookiesConfig": {"CookieBehavior": cookies},
            "QueryStringsConfig": {"QueryStringBehavior": "all" if forwarded.get("QueryString") else "none"},
        },
    }
