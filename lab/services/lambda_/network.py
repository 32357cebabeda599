"""Where functions stand: a network namespace of the lab's own, with a way to the lab's internet and nothing else."""

from __future__ import annotations

import threading

from ... import config, netns

NAMESPACE = f"{config.PREFIX}lambda"
DEVICE = "t3lambda"  # its end on the bridge
_building = threading.Lock()
_wanted = False  # without machines, for unit tests, functions run where their user's other programs do


def _rules() -> str:
    """A function without a VPC reaches the internet, and no private network: not the machine's, not a VPC's."""
    return f"""table ip lambda {{
      chain output {{
        type filter hook output priority filter; policy accept
        oifname "lo" accept
        ip daddr {config.HOST_ADDRESS} tcp dport {{ {config.API_PORT}, {config.WEBSITE_PORT} }} accept
        ip daddr {{ {config.HOST_ADDRESS}, 10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16, 169.254.0.0/16 }} drop
      }}
    }}
    """


def install(machines: bool) -> None:
    global _wanted
    _wanted = machines


def prefix() -> list[str]:
    """The start of the command line of what is to run in the namespace, which is made with the first function."""
    if not _wanted:
        return []
    with _building:
        if not netns.exists(NAMESPACE):
            _build()
    return ["nsenter", f"--net={netns.path(NAMESPACE)}", "--"]


def _build() -> None:
    netns.add(NAMESPACE)
    size = config.INTERNET.rpartition("/")[2]
    netns.ip("link", "add", DEVICE, "type", "veth", "peer", "name", "eth0", "netns", NAMESPACE)
    netns.ip("link", "set", DEVICE, "master", config.BRIDGE, "up")
    netns.ip("addr", "add", f"{config.LAMBDA_ADDRESS}/{size}", "dev", "eth0", ns=NAMESPACE)
    netns.ip("link", "set", "eth0", "up", ns=NAMESPACE)
    netns.ip("route", "add", "default", "via", config.HOST_ADDRESS, ns=NAMESPACE)
    netns.nft(_rules(), NAMESPACE)


def close() -> None:
    """Only what this process has made."""
    if _wanted:
        netns.delete(NAMESPACE)
