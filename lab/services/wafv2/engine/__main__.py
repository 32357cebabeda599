"""Serves verdicts to the proxies at one socket, and takes the web ACLs and gives the records at the other.

A proxy sends netstrings inside of one: the web ACL's ARN, the source (ALB or CF), address, method, URI, version, body,
then names and values of headers. It gets the answer that it shall give, "0" if the request may pass.
"""

from __future__ import annotations

import json
import os
import socketserver
import sys
import threading
import time
from collections import deque
from pathlib import Path
from typing import Any

from .modsecurity import Engine
from .rates import Rates
from .request import Request
from .statements import Verdict, WebACL

_KEPT = 20_000  # records that nobody has fetched yet
_BLOCKED = {
    "ALB": "text/html\n\n<html>\r\n<head><title>403 Forbidden</title></head>\r\n<body>\r\n"
    "<center><h1>403 Forbidden</h1></center>\r\n</body>\r\n</html>\r\n",
    "CF": "text/html\nX-Cache: Error from cloudfront\n\n"
    '<!DOCTYPE HTML PUBLIC "-//W3C//DTD HTML 4.01 Transitional//EN">\n'
    "<HTML><HEAD><TITLE>ERROR: The request could not be satisfied</TITLE></HEAD><BODY>\n<H1>403 ERROR</H1>\n"
    "<H2>The request could not be satisfied.</H2>\nRequest blocked.\n</BODY></HTML>\n",
}


class Firewall:
    """The web ACLs as they are now, and what has come of requests."""

    def __init__(self) -> None:
        self._engine, self._rates = Engine(), Rates()
        self._acls: dict[str, WebACL] = {}
        self._records: deque[dict[str, Any]] = deque(maxlen=_KEPT)

    def verdict(self, arn: str, source: str, request: Request) -> str:
        acl = self._acls.get(arn)
        if acl is None:  # it is removed just now
            return "0\n"
        found = acl.decide(request, self._engine.inspect)
        self._records.append(_record(arn, source, request, found))
        return "0\n" if found.action == "ALLOW" else f"403\nContent-Type: {_BLOCKED[source]}"

    def exchange(self, told: dict[str, Any]) -> dict[str, Any]:
        """
        :param told: acls, as GetWebACL returns them, and ip_sets, addresses by ARN.
        :returns: what has come of each request since the last time.
        """
        self._acls = {one["ARN"]: WebACL(one, told["ip_sets"], self._rates) for one in told["acls"]}
        records = [self._records.popleft() for _ in range(len(self._records))]
        return {"records": records}


def _record(arn: str, source: str, request: Request, found: Verdict) -> dict[str, Any]:
    return {
        "acl": arn,
        "time": time.time(),
        "source": source,
        "action": found.action,
        "rule": found.rule,
        "group_rule": found.group_rule,
        "counted": found.counted,
        "labels": found.labels,
        "address": request.address,
        "method": request.method,
        "uri": request.uri,
        "version": f"HTTP/{request.version}",
        "headers": request.headers,
    }


def netstrings(data: bytes) -> list[bytes]:
    found = []
    while data:
        size, _, rest = data.partition(b":")
        found.append(rest[: int(size)])
        data = rest[int(size) + 1 :]
    return found


class _Proxy(socketserver.StreamRequestHandler):
    server: _Server

    def handle(self) -> None:
        size = b""
        while (letter := self.rfile.read(1)).isdigit():
            size += letter
        if not size:
            return
        fields = netstrings(self.rfile.read(int(size)))
        arn, source, address, method, uri, version = (one.decode("latin-1") for one in fields[:6])
        words = [one.decode("latin-1") for one in fields[7:]]
        headers = list(zip(words[::2], words[1::2], strict=True))
        request = Request(address, method, uri, version, headers, fields[6])
        self.wfile.write(self.server.firewall.verdict(arn, source, request).encode())


class _Lab(socketserver.StreamRequestHandler):
    server: _Server

    def handle(self) -> None:
        told = json.loads(self.rfile.readline())
        self.wfile.write(json.dumps(self.server.firewall.exchange(told)).encode())


class _Server(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    daemon_threads = True
    request_queue_size = 512

    def __init__(self, path: Path, handler: type[socketserver.StreamRequestHandler], firewall: Firewall) -> None:
        path.unlink(missing_ok=True)
        super().__init__(str(path), handler)
        self.firewall = firewall
        path.chmod(0o666)


def main(home: Path) -> None:
    os.umask(0o077)
    firewall = Firewall()
    threading.Thread(target=_Server(home / "verdict.sock", _Proxy, firewall).serve_forever, daemon=True).start()
    _Server(home / "control.sock", _Lab, firewall).serve_forever()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
