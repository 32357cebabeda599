"""Pure: distributions to the configuration of the HAProxy before their caches, and between these and the origins."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from ..wafv2 import proxy as firewall

_TLS = {"TLSv1": "TLSv1.0", "TLSv1_2016": "TLSv1.0", "TLSv1.1_2016": "TLSv1.1", "TLSv1.3_2025": "TLSv1.3"}
_CIPHERS = "ECDHE+AESGCM:ECDHE+CHACHA20"  # of the security policies since 2021


@dataclass(frozen=True)
class Origin:
    """
    Where an origin is, and how it is asked.

    :param socket: path of the socket that leads there.
    :param plain: address and port for HTTP, None if it is never asked so, or if its name leads nowhere.
    :param tls: address and port for HTTPS.
    :param name: by which the certificate has to be.
    :param authority: path of the certificates that are trusted.
    """

    socket: str
    name: str
    authority: str
    plain: tuple[str, int] | None = None
    tls: tuple[str, int] | None = None
    connect_seconds: int = 10
    read_seconds: int = 30
    attempts: int = 3
    is_bucket: bool = False


@dataclass(frozen=True)
class Site:
    """A distribution as the proxy sees it: its names, the file of the certificate for each, its cache, its origins."""

    id: str
    certificates: dict[str, str]  # path of a PEM file, by name
    cache: str  # path of the socket
    origins: tuple[Origin, ...]
    policy: str = "TLSv1"
    http_version: str = "http2"
    web_acl: str = ""  # ARN


@dataclass(frozen=True)
class Edge:
    address: str
    admin_socket: str
    certificate_list: str  # path of the file that certificate_list() is the text of
    sites: tuple[Site, ...] = field(default=())


def certificate_list(edge: Edge) -> str:
    """HAProxy's list of certificates, each with what a viewer needs to get it."""
    lines = []
    for site in edge.sites:
        protocols = "http/1.1" if site.http_version == "http1.1" else "h2,http/1.1"
        ciphers = f" ciphers {_CIPHERS}" if site.policy.partition("_")[2] >= "2021" else ""
        settings = f"[alpn {protocols} ssl-min-ver {_TLS.get(site.policy, 'TLSv1.2')}{ciphers}]"
        lines += [f"{path} {settings} {name}" for name, path in sorted(site.certificates.items())]
    return "".join(f"{line}\n" for line in lines)


def render(edge: Edge) -> str:
    asked = [line for site in edge.sites for line in _firewall(site)]
    lines = [
        "global",
        f"  stats socket {edge.admin_socket} mode 600 level admin expose-fd listeners",
        "  hard-stop-after 10s",
        "  maxconn 2000",
        *([firewall.LOAD] if asked else []),
        "defaults",
        "  mode http",
        "  timeout connect 10s",
        "  timeout client 60s",
        "  timeout server 90s",
        "  option http-keep-alive",
        "frontend viewers",
        f"  bind {edge.address}:80",
        f"  bind {edge.address}:443 ssl crt-list {edge.certificate_list} strict-sni ssl-min-ver TLSv1.0",
        "  http-request set-var(txn.name) req.hdr(host),field(1,:),lower",
        *asked,
        '  http-request del-header "^x-(edge|lab)-" -m reg',
        "  http-request set-header X-Edge-Proto %[ssl_fc,iif(https,http)]",
        "  http-request set-header X-Edge-Viewer %[src]",
        "  http-request set-header X-Edge-Url %[pathq]",
        "  http-request return status 421 if { ssl_fc } !{ ssl_fc_sni,lower,strcmp(txn.name) eq 0 }",
    ]
    lines += [f"  use_backend cache-{site.id} {_is_for(site)}" for site in edge.sites]
    lines += ["  default_backend none", "backend none"]
    lines.append("  http-request return status 403 content-type text/plain string 'No distribution has this name.'")
    for site in edge.sites:
        lines += [f"backend cache-{site.id}", f"  server varnish unix@{site.cache}"]
        for number, origin in enumerate(site.origins):
            lines += _origin(f"origin-{site.id}-{number}", origin)
    return "\n".join([*lines, ""])


def _is_for(site: Site) -> str:
    """The condition under which a request is a distribution's."""
    return f"if {{ var(txn.name) -m str {' '.join(sorted(site.certificates))} }}"


def _firewall(site: Site) -> tuple[str, ...]:
    return firewall.ask(site.web_acl or None, "CF", _is_for(site))


def _origin(name: str, origin: Origin) -> list[str]:
    lines = [
        f"listen {name}",
        f"  bind unix@{origin.socket} mode 666",
        f"  timeout connect {origin.connect_seconds}s",
        f"  timeout server {origin.read_seconds}s",
        f"  retries {origin.attempts - 1}",
        "  http-request set-var(txn.proto) req.hdr(x-edge-proto)",
        '  http-request del-header "^x-edge-" -m reg',
    ]
    if origin.is_bucket:
        lines.append("  http-response set-header Server AmazonS3")
    if not origin.plain and not origin.tls:
        return [*lines, "  http-request return status 502"]
    lines += [
        "  http-error status 503 hdr x-lab-own 1",
        "  http-after-response set-status 502 if { res.hdr(x-lab-own) -m found }",
    ]
    lines.append("  http-after-response del-header x-lab-own")
    if origin.plain and origin.tls:  # as the viewer has asked
        lines.append("  use-server tls if { var(txn.proto) -m str https }")
        lines.append("  use-server plain unless { var(txn.proto) -m str https }")
    if origin.plain:
        lines.append(f"  server plain {_at(origin.plain)}")
    if origin.tls:
        verified = f"ssl verify required ca-file {origin.authority} sni str({origin.name}) verifyhost {origin.name}"
        lines.append(f"  server tls {_at(origin.tls)} {verified} ssl-min-ver TLSv1.2 alpn http/1.1")
    return lines


def _at(place: tuple[str, int]) -> str:
    return f"{place[0]}:{place[1]}"


def origin_of(
    found: dict[str, Any], *, socket: str, address: str | None, api: tuple[str, int], authority: str
) -> Origin:
    """
    :param found: an origin of a distribution's configuration.
    :param address: where its name leads, None if nowhere.
    :param api: address and port of the API, which serves buckets.
    """
    custom = found.get("CustomOriginConfig")
    times = {"connect_seconds": found["ConnectionTimeout"], "attempts": found["ConnectionAttempts"]}
    base = Origin(socket, found["DomainName"], authority, **times)
    if custom is None:
        return Origin(socket, found["DomainName"], authority, plain=api, is_bucket=True, **times)
    if address is None:
        return base
    policy = custom["OriginProtocolPolicy"]
    return Origin(
        socket,
        found["DomainName"],
        authority,
        plain=(address, custom["HTTPPort"]) if policy != "https-only" else None,
        tls=(address, custom["HTTPSPort"]) if policy != "http-only" else None,
        read_seconds=custom["OriginReadTimeout"],
        **times,
    )
