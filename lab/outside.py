"""Places on the lab's internet, in which AWS's own machines would stand: functions, health checkers.

Each is a network namespace with one address and a way to the internet alone: no private network, not this machine's and
not a VPC's, and of this machine nothing but the API, the websites and the name server.
"""

from __future__ import annotations

import threading

from . import config, netns

_building = threading.Lock()


def ensure(namespace: str, device: str, address: str) -> None:
    """
    Make a place unless it is there.

    :param device: the name of its end on the lab's bridge.
    :param address: under which it is seen.
    """
    with _building:
        if netns.exists(namespace):
            return
        netns.add(namespace)
        size = config.INTERNET.rpartition("/")[2]
        netns.ip("link", "add", device, "type", "veth", "peer", "name", "eth0", "netns", namespace)
        netns.ip("link", "set", device, "master", config.BRIDGE, "up")
        netns.ip("addr", "add", f"{address}/{size}", "dev", "eth0", ns=namespace)
        netns.ip("link", "set", "eth0", "up", ns=namespace)
        netns.ip("route", "add", "default", "via", config.HOST_ADDRESS, ns=namespace)
        netns.nft(_rules(), namespace)


def _rules() -> str:
    services = ", ".join(config.SERVICE_ADDRESSES.values())
    return f"""table ip outside {{
      chain output {{
        type filter hook output priority filter; policy accept
        oifname "lo" accept
        ct state established,related accept
        ip daddr {{ {services} }} tcp dport {config.API_PORT} accept
        ip daddr {config.HOST_ADDRESS} tcp dport {{ {config.API_PORT}, {config.WEBSITE_PORT} }} accept
        ip daddr {config.HOST_ADDRESS} meta l4proto {{ tcp, udp }} th dport 53 accept
        ip daddr {{ {config.HOST_ADDRESS}, {services}, 10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16, 169.254.0.0/16 }} drop
      }}
    }}
    """
