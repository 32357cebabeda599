"""A request as a web ACL looks at it."""

from __future__ import annotations

import functools
from dataclasses import dataclass, field
from typing import NamedTuple
from urllib.parse import parse_qsl, unquote_plus

INSPECTED = 8192  # bytes of a body that are looked at, as behind an Application Load Balancer


class Finding(NamedTuple):
    """A rule of the Core Rule Set that has matched."""

    rule: int  # such as 942100
    place: str  # QUERYARGUMENTS, URIPATH, BODY, COOKIE or HEADER


@dataclass
class Request:
    """
    :param uri: path and query as they were sent.
    :param headers: names as they were sent, with their values.
    :param body: its first bytes, one more than are inspected if there are so many.
    """

    address: str
    method: str
    uri: str
    version: str = "1.1"
    headers: list[tuple[str, str]] = field(default_factory=list)
    body: bytes = b""

    @property
    def path(self) -> str:
        return self.uri.partition("?")[0]

    @property
    def query(self) -> str:
        return self.uri.partition("?")[2]

    def header(self, name: str) -> str | None:
        return next((value for known, value in self.headers if known.lower() == name.lower()), None)

    @property
    def body_size(self) -> int:
        """Bytes that the client says it sends; of a body without a length, those that have been seen."""
        said = self.header("Content-Length") or ""
        return int(said) if said.isdecimal() else len(self.body)

    @functools.cached_property
    def argument_names(self) -> set[str]:
        return {name for name, _ in parse_qsl(self.query, keep_blank_values=True)}

    def text(self, place: str) -> str:
        """What stands in a place, decoded as a form is."""
        if place == "BODY":
            return unquote_plus(self.body[:INSPECTED].decode(errors="replace"))
        if place == "HEADER":
            return unquote_plus("\n".join(value for name, value in self.headers if name.lower() != "cookie"))
        if place == "COOKIE":
            return unquote_plus(self.header("Cookie") or "")
        return unquote_plus(self.path if place == "URIPATH" else self.query)
