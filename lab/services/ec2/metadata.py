"""The instance metadata service: one listener for each VPC, answers by the address of the instance that asks."""

from __future__ import annotations

import base64
import contextlib
import json
import logging
import secrets
import socket
import sys
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from ... import backends
from .metadata_tree import Lazy, Tree, dynamic, meta_data

log = logging.getLogger("lab.metadata")
_VERSIONS = ("1.0", "2009-04-04", "2016-09-02", "2018-09-24", "2019-10-01", "2020-10-27", "2021-03-23", "latest")
_LONGEST = 21600  # seconds that AWS lets a token live
_REFRESH = 300  # seconds before their end at which credentials are made anew

Lookup = Callable[[str], Any]


class Metadata:
    """IMDSv2, and v1 where the instance allows it."""

    def __init__(self, lookup: Lookup) -> None:
        """:param lookup: the instance that has this private address, None if there is none."""
        self._lookup = lookup
        self._tokens: dict[str, tuple[str, float]] = {}
        self._credentials: dict[str, Any] = {}
        self._server: _Server | None = None

    def start(self, listener: socket.socket) -> None:
        """Serve on a bound and listening socket, in threads of its own."""
        self._server = _Server(listener, self)
        threading.Thread(target=self._server.serve_forever, name="metadata", daemon=True).start()

    def close(self) -> None:
        if self._server:
            self._server.shutdown()
            self._server.server_close()
            self._server = None

    def answer(self, method: str, path: str, headers: Any, client: str) -> tuple[int, str, dict[str, str]]:
        """Status, text and headers for one request."""
        instance = self._lookup(client)
        if instance is None or instance.metadata_options.http_endpoint == "disabled":
            return 403, "Forbidden", {}
        if path.rstrip("/") == "/latest/api/token":
            return self._token(method, headers, instance)
        if method not in ("GET", "HEAD"):
            return 405, "Method Not Allowed", {}
        if not self._admitted(instance, headers.get("X-aws-ec2-metadata-token")):
            return 401, "Unauthorized", {}
        return self._find(instance, path)

    def _token(self, method: str, headers: Any, instance: Any) -> tuple[int, str, dict[str, str]]:
        if method != "PUT":
            return 405, "Method Not Allowed", {}
        if headers.get("X-Forwarded-For"):
            return 403, "Forbidden", {}
        with contextlib.suppress(ValueError):
            seconds = int(headers.get("X-aws-ec2-metadata-token-ttl-seconds", ""))
            if 1 <= seconds <= _LONGEST:
                now = time.monotonic()
                self._tokens = {key: value for key, value in self._tokens.items() if value[1] > now}
                token = secrets.token_urlsafe(40)
                self._tokens[token] = (instance.id, now + seconds)
                return 200, token, {"X-aws-ec2-metadata-token-ttl-seconds": str(seconds)}
        return 400, "Bad Request", {}

    def _admitted(self, instance: Any, token: str | None) -> bool:
        if token is None:
            return bool(instance.metadata_options.http_tokens != "required")
        owner, end = self._tokens.get(token, ("", 0.0))
        return owner == instance.id and time.monotonic() < end

    def _find(self, instance: Any, path: str) -> tuple[int, str, dict[str, str]]:
        words = [word for word in path.split("?")[0].split("/") if word]
        if not words:
            return 200, "\n".join(_VERSIONS), {}
        if words[0] not in _VERSIONS:
            return 404, "Not Found", {}
        root: Tree = {
            "dynamic": dynamic(instance),
            "meta-data": meta_data(instance, self._role(instance)),
            **({"user-data": instance.user_data} if instance.user_data else {}),
        }
        if words[1:] == ["user-data"] and instance.user_data:
            return 200, _decoded(instance.user_data), {"Content-Type": "application/octet-stream"}
        node: Any = root
        for word in words[1:]:
            if not isinstance(node, dict) or word not in node:
                return 404, "Not Found", {}
            node = node[word]
        if isinstance(node, Lazy):
            node = node.make()
        if words[1:] == ["meta-data", "public-keys"]:
            return 200, f"0={instance.key_name}", {}
        return (200, node, {}) if isinstance(node, str) else (200, _listing(node), {})

    def _role(self, instance: Any) -> tuple[Any, Callable[[], str]] | None:
        """The instance's profile and a function that makes its role's credentials."""
        association = instance.ec2_backend.iam_instance_profile_associations.get(instance.id)
        profile = association and association.iam_instance_profile
        if not profile or not profile.roles:
            return None
        return profile, lambda: self._credentials_of(instance, profile.roles[0])

    def _credentials_of(self, instance: Any, role: Any) -> str:
        known = self._credentials.get(f"{instance.id}/{role.arn}")
        now = datetime.now(UTC).replace(tzinfo=None)
        if known is None or (known.expiration.replace(tzinfo=None) - now).total_seconds() < _REFRESH:
            region = instance.ec2_backend.region_name
            known = backends.worldwide("sts", region).assume_role(
                region_name=region,
                role_session_name=instance.id,
                role_arn=role.arn,
                policy=None,
                duration=_LONGEST,
                external_id=None,
            )
            self._credentials[f"{instance.id}/{role.arn}"] = known
        issued = {
            "Code": "Success",
            "LastUpdated": f"{now:%Y-%m-%dT%H:%M:%SZ}",
            "Type": "AWS-HMAC",
            "AccessKeyId": known.access_key_id,
            "SecretAccessKey": known.secret_access_key,
            "Token": known.session_token,
            "Expiration": f"{known.expiration:%Y-%m-%dT%H:%M:%SZ}",
        }
        return json.dumps(issued, indent=2)


def _decoded(user_data: Any) -> str:
    return base64.b64decode(user_data.as_bytes()).decode("latin-1")


def _listing(tree: Tree) -> str:
    """Branches end with a slash, as AWS lists them."""
    return "\n".join(f"{key}/" if isinstance(value, dict) else key for key, value in tree.items())


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, listener: socket.socket, metadata: Metadata) -> None:
        super().__init__(listener.getsockname()[:2], _Handler, bind_and_activate=False)
        self.socket.close()
        self.socket = listener
        self.metadata = metadata

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A guest that hangs up early is no news; everything else is."""
        if not isinstance(sys.exc_info()[1], ConnectionError | TimeoutError):
            log.exception("the metadata service failed for %s", client_address[0])


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "EC2ws"
    sys_version = ""
    timeout = 30

    def _serve(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        self.rfile.read(length)
        assert isinstance(self.server, _Server)
        status, text, headers = self.server.metadata.answer(
            self.command, self.path, self.headers, self.client_address[0]
        )
        body = text.encode("latin-1", "replace") if "Content-Type" in headers else text.encode()
        self.send_response(status)
        for key, value in {"Content-Type": "text/plain", **headers, "Content-Length": str(len(body))}.items():
            self.send_header(key, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    do_GET = do_HEAD = do_PUT = do_POST = do_DELETE = _serve

    def log_message(self, format: str, *args: Any) -> None:
        """Guests ask all the time."""
