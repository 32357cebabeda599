"""Pure: listeners, rules and healthy targets of a load balancer to a HAProxy configuration."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

_PAGE = "<html><head><title>{0}</title></head><body><center><h1>{0}</h1></center></body></html>"


@dataclass(frozen=True)
class Server:
    """One target that gets traffic."""

    name: str
    address: str
    port: int


@dataclass(frozen=True)
class Pool:
    """A target group as the proxy sees it."""

    name: str
    servers: tuple[Server, ...]
    sticky_seconds: int = 0
    tls: bool = False


@dataclass(frozen=True)
class Listener:
    port: int
    rules: tuple[Any, ...]  # moto's rules, lowest priority number first, the default rule last
    certificate: str | None = None  # path of a PEM file: the listener speaks TLS


@dataclass(frozen=True)
class Settings:
    addresses: tuple[str, ...]
    listeners: tuple[Listener, ...]
    pools: dict[str, Pool]  # by ARN of the target group
    admin_socket: str
    source: str = ""  # the one of them that talks with the targets; empty: whichever the kernel takes
    idle_timeout: int = 60
    drain_seconds: int = 300
    drop_invalid_headers: bool = False
    loaded: tuple[str, ...] = ()  # lines of the section global, of what the next ones need
    first: tuple[str, ...] = ()  # lines of each frontend that come before all others


def render(settings: Settings) -> str:
    lines = [
        "global",
        f"  stats socket {settings.admin_socket} mode 600 level admin expose-fd listeners",
        f"  hard-stop-after {max(settings.drain_seconds, 1)}s",
        "  maxconn 2000",
        *settings.loaded,
        "defaults",
        "  mode http",
        "  timeout connect 10s",
        f"  timeout client {settings.idle_timeout}s",
        f"  timeout server {settings.idle_timeout}s",
        f"  timeout http-keep-alive {settings.idle_timeout}s",
        "  option forwardfor",
        "  option http-keep-alive",
        "  retries 1",
    ]
    for listener in settings.listeners:
        lines += _frontend(listener, settings)
    for pool in settings.pools.values():
        lines += _backend(pool, settings.source)
    return "\n".join([*lines, ""])


def _frontend(listener: Listener, settings: Settings) -> list[str]:
    scheme = "https" if listener.certificate else "http"
    tls = f" ssl crt {listener.certificate} alpn h2,http/1.1" if listener.certificate else ""
    return [
        f"frontend port-{listener.port}",
        *(f"  bind {address}:{listener.port}{tls}" for address in settings.addresses),
        *settings.first,
        *(['  http-request del-header "[^-A-Za-z0-9]" -m reg'] if settings.drop_invalid_headers else []),
        f"  http-request set-header X-Forwarded-Proto {scheme}",
        f"  http-request set-header X-Forwarded-Port {listener.port}",
        "  http-request set-header X-Amzn-Trace-Id Root=1-%[date,hex,bytes(8,8)]-%[uuid,regsub(-,,g),bytes(0,24)]"
        " unless { req.hdr(X-Amzn-Trace-Id) -m found }",
        *(line for number, rule in enumerate(listener.rules) for line in _rule(number, rule, settings.pools)),
    ]


def _rule(number: int, rule: Any, pools: dict[str, Pool]) -> list[str]:
    """A rule's conditions are numbered ACLs; HAProxy answers or redirects at once and picks a backend at the end."""
    names, lines = [], []
    for index, condition in enumerate(rule.conditions or []):
        name = f"rule-{number}-{index}"
        lines += [f"  acl {name} {test}" for test in _tests(condition)]
        names.append(name)
    # what came before in order of priority must win, whichever kind of directive it is
    mine = [*names, "!{ var(txn.rule) -m found }"]
    lines.append(f"  http-request set-var(txn.rule) int({number}) if {' '.join(mine)}")
    chosen = f"{{ var(txn.rule) -m int {number} }}"
    for action in rule.actions:
        lines += _action(action.data, chosen, pools)
    return lines


def _action(action: dict[str, Any], chosen: str, pools: dict[str, Pool]) -> list[str]:
    kind = action.get("Type")
    if kind == "fixed-response":
        config = action["FixedResponseConfig"]
        body = _quote(config.get("MessageBody") or "")
        content = config.get("ContentType") or "text/plain"
        return [f"  http-request return status {config['StatusCode']} content-type {content} string {body} if {chosen}"]
    if kind == "redirect":
        config = action["RedirectConfig"]
        code = config["StatusCode"].removeprefix("HTTP_")
        return [f"  http-request redirect code {code} location {_location(config)} if {chosen}"]
    if kind == "forward":
        return list(_forward(action, chosen, pools))
    return []


def _forward(action: dict[str, Any], chosen: str, pools: dict[str, Pool]) -> Iterable[str]:
    groups = (action.get("ForwardConfig") or {}).get("TargetGroups") or [
        {"TargetGroupArn": action.get("TargetGroupArn")}
    ]
    known = [(pools[g["TargetGroupArn"]], int(g.get("Weight", 1))) for g in groups if g["TargetGroupArn"] in pools]
    rest = sum(weight for _, weight in known)
    for pool, weight in known:
        if weight:
            share = f" {{ rand({rest}) lt {weight} }}" if weight < rest else ""
            yield f"  use_backend {pool.name} if {chosen}{share}"
        rest -= weight


def _location(config: dict[str, Any]) -> str:
    parts = {
        "protocol": "%[ssl_fc,iif(https,http)]",
        "host": "%[req.hdr(host),field(1,:)]",
        "port": "%[dst_port]",
        "path": "%[path,regsub(^/,)]",
        "query": "%[query]",
    }
    protocol = config.get("Protocol") or "#{protocol}"
    text = "{}://{}:{}{}?{}".format(
        protocol.lower() if "#" not in protocol else protocol,
        config.get("Host") or "#{host}",
        config.get("Port") or "#{port}",
        config.get("Path") or "/#{path}",
        config.get("Query") or "#{query}",
    )
    return re.sub(r"#\{(\w+)\}", lambda match: parts[match[1]], text).replace(" ", "%20")


def _tests(condition: dict[str, Any]) -> list[str]:
    kind = condition["Field"]
    config: dict[str, Any] = next((value for key, value in condition.items() if key.endswith("Config") and value), {})
    values = list(config.get("Values") or condition.get("Values") or [])
    if kind == "path-pattern":
        return [f"path -m reg {_quote(_wild(value))}" for value in values]
    if kind == "host-header":
        return [f"req.hdr(host),field(1,:) -m reg -i {_quote(_wild(value))}" for value in values]
    if kind == "http-request-method":
        return [f"method {value}" for value in values]
    if kind == "source-ip":
        return [f"src {value}" for value in values]
    if kind == "http-header":
        return [f"req.hdr({config['HttpHeaderName']}) -m reg -i {_quote(_wild(value))}" for value in values]
    if kind == "query-string":
        keyed = [(v.get("Key"), _wild(v["Value"], anchored=False)) for v in values]
        patterns = [f"(^|&){re.escape(key) if key else '[^=&]*'}={value}(&|$)" for key, value in keyed]
        return [f"query -m reg -i {_quote(pattern)}" for pattern in patterns]
    return []


def _wild(pattern: str, anchored: bool = True) -> str:
    """AWS's * and ? as a regular expression."""
    text = "".join({"*": ".*", "?": "."}.get(letter, re.escape(letter)) for letter in pattern)
    return f"^{text}$" if anchored else text


def _quote(text: str) -> str:
    return "'" + text.replace("'", "'\"'\"'").replace("\r", "").replace("\n", " ") + "'"


def _backend(pool: Pool, source: str) -> list[str]:
    lines = [f"backend {pool.name}"]
    if not pool.servers:
        page = _PAGE.format("503 Service Temporarily Unavailable")
        return [*lines, f'  http-request return status 503 content-type text/html string "{_escape(page)}"']
    lines.append("  balance roundrobin")
    lines += [f"  source {source}"] if source else []
    # A target that refuses the connection is the balancer's 502; 503 is left for "there is no target".
    # HAProxy marks its own answers: they have no server header of a target, `http-error` gives them one to tell.
    page = _PAGE.format("502 Bad Gateway")
    lines.append(f'  http-error status 503 content-type text/html hdr x-lab-own 1 string "{_escape(page)}"')
    lines.append("  http-after-response set-status 502 if { res.hdr(x-lab-own) -m found }")
    lines.append("  http-after-response del-header x-lab-own")
    if pool.sticky_seconds:
        lines.append(f"  cookie AWSALB insert indirect nocache maxlife {pool.sticky_seconds}s")
    tls = " ssl verify none" if pool.tls else ""
    for server in pool.servers:
        cookie = f" cookie {server.name}" if pool.sticky_seconds else ""
        lines.append(f"  server {server.name} {server.address}:{server.port}{tls}{cookie}")
    return lines


def _escape(text: str) -> str:
    return text.replace('"', '\\"')


def order(rules: Sequence[Any]) -> tuple[Any, ...]:
    """By priority, the default rule last."""
    return tuple(sorted(rules, key=lambda rule: (rule.is_default, int(rule.priority) if not rule.is_default else 0)))
