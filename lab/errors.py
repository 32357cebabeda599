"""Errors of the lab's own, in the protocol that the call was made in, so that a client reads them as the service's."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterable
from typing import Any
from xml.sax.saxutils import escape

from . import operations


@dataclasses.dataclass(frozen=True)
class Answer:
    """A whole answer, that does not depend on the call's content."""

    status: str  # code and phrase
    headers: list[tuple[str, str]]
    body: bytes

    def send(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """The WSGI application that answers so."""
        environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))  # or it would begin the next request
        start_response(self.status, [*self.headers, ("Content-Length", str(len(self.body)))])
        return [b"" if environ["REQUEST_METHOD"] == "HEAD" else self.body]


def answer(environ: dict[str, Any], service: str, status: str, code: str, message: str) -> Answer:
    """
    :param service: the name that the call was signed for, such as s3.
    :param status: code and phrase, such as "501 Not Implemented".
    :param code: of the error, such as NotImplemented.
    """
    if environ.get("HTTP_SMITHY_PROTOCOL") == "rpc-v2-cbor":
        body = b"\xa2" + b"".join(map(_cbor, ("__type", code, "message", message)))
        return Answer(status, [("Content-Type", "application/cbor"), ("smithy-protocol", "rpc-v2-cbor")], body)
    if "HTTP_X_AMZ_TARGET" in environ or operations.protocol(service) == "rest-json":
        body = json.dumps({"__type": code, "message": message}).encode()
        return Answer(status, [("Content-Type", "application/x-amz-json-1.1"), ("X-Amzn-ErrorType", code)], body)
    error = f"<Code>{escape(code)}</Code><Message>{escape(message)}</Message>"
    text = {
        "s3": f"<Error>{error}</Error>",
        "ec2": f"<Response><Errors><Error>{error}</Error></Errors><RequestID>lab</RequestID></Response>",
    }.get(
        service,
        f"<ErrorResponse><Error><Type>Sender</Type>{error}</Error><RequestId>lab</RequestId></ErrorResponse>",
    )
    return Answer(status, [("Content-Type", "text/xml")], f'<?xml version="1.0"?>{text}'.encode())


def _cbor(text: str) -> bytes:
    """A text of less than 64 KiB."""
    data = text.encode()
    return b"\x79" + len(data).to_bytes(2, "big") + data
