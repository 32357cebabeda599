"""A name server that speaks UDP and TCP."""

from __future__ import annotations

import logging
import socketserver

from dnslib import DNSRecord
from dnslib.server import BaseResolver, DNSHandler, DNSLogger, DNSServer, TCPServer, UDPServer

from ... import netns
from .answers import View

log = logging.getLogger("lab.dns")
_LARGEST = 1232  # bytes of an answer by UDP; a larger one is asked for again by TCP


class NameServer:
    """Answers at an address until it is closed."""

    def __init__(self, view: View, address: str, port: int = 53, namespace: str | None = None) -> None:
        """
        :param port: 0 takes a free one.
        :param namespace: the network namespace that the address is in; None for the host's own.
        :raises OSError: if the address and port are taken.
        """

        def listen() -> list[DNSServer]:
            tcp = _server(view, address, port, TCPServer)  # first: a port that is free there is hardly taken for UDP
            return [tcp, _server(view, address, tcp.server.server_address[1], UDPServer)]

        self._servers = netns.socket_in(namespace, listen) if namespace else listen()
        self.port: int = self._servers[0].server.server_address[1]
        for server in self._servers:
            server.start_thread()

    def close(self) -> None:
        for server in self._servers:
            server.stop()
            server.server.server_close()


class _Resolver(BaseResolver):  # type: ignore[misc] # dnslib says nothing of types
    def __init__(self, view: View) -> None:
        self._view = view

    def resolve(self, request: DNSRecord, _handler: DNSHandler) -> DNSRecord:
        return self._view.answer(request)


class _Handler(DNSHandler):  # type: ignore[misc]
    udplen = _LARGEST


def _server(view: View, address: str, port: int, kind: type[socketserver.BaseServer]) -> DNSServer:
    logger = DNSLogger("error", prefix=False, logf=log.warning)
    return DNSServer(_Resolver(view), address=address, port=port, server=kind, handler=_Handler, logger=logger)
