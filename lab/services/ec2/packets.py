"""Words of nftables that security groups and network ACLs share."""

from __future__ import annotations

_PROTOCOLS = {"1": "icmp", "6": "tcp", "17": "udp"}
_ALL_PORTS = (0, 65535)


def match(protocol: str, ports: tuple[int, int] | None = None) -> str:
    """What a packet has to be; empty if anything will do.

    :param protocol: a name or a number, "-1" or "all" for all.
    :param ports: the first and the last one of the receiver; None for all, as ICMP has none.
    """
    if protocol in ("-1", "all"):
        return ""
    name = _PROTOCOLS.get(protocol, protocol)
    if name == "icmp" or ports in (None, _ALL_PORTS):
        return f"ip protocol {name}"
    first, last = ports
    return f"{name} dport {first}" if first == last else f"{name} dport {first}-{last}"


def name_of(aws_id: str) -> str:
    """The id as nftables takes it in a name."""
    return "".join(letter if letter.isalnum() else "_" for letter in aws_id)
