"""Pure: the names of APIs to the configuration of the HAProxy that all clients come to."""

from __future__ import annotations

from collections.abc import Mapping


def certificate_list(certificates: Mapping[str, str]) -> str:
    """HAProxy's list of certificates. :param certificates: path of a PEM file, by name."""
    return "".join(f"{path} [alpn h2,http/1.1 ssl-min-ver TLSv1.2] {name}\n" for name, path in certificates.items())


def render(*, address: str, admin_socket: str, certificate_list: str, api: tuple[str, int]) -> str:
    """
    :param address: of the gateway, which answers on port 443 alone.
    :param certificate_list: path of the file that certificate_list() is the text of.
    :param api: address and port of the lab's API, where the requests are answered.
    """
    return "\n".join(
        [
            "global",
            f"  stats socket {admin_socket} mode 600 level admin expose-fd listeners",
            "  hard-stop-after 10s",
            "  maxconn 2000",
            "defaults",
            "  mode http",
            "  timeout connect 5s",
            "  timeout client 60s",
            "  timeout server 60s",
            "  option http-keep-alive",
            "frontend clients",
            f"  bind {address}:443 ssl crt-list {certificate_list} strict-sni ssl-min-ver TLSv1.2",
            "  http-request del-header x-forwarded-for",
            "  http-request set-header X-Forwarded-For %[src]",
            "  http-request set-header X-Forwarded-Proto https",
            "  http-request set-header X-Forwarded-Port 443",
            "  default_backend gateway",
            "backend gateway",
            f"  server api {api[0]}:{api[1]}",
            "",
        ]
    )
