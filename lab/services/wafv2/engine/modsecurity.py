"""libmodsecurity with the OWASP Core Rule Set: what of a request its rules match, and where. It blocks nothing."""

from __future__ import annotations

import ctypes
import re
import threading
from pathlib import Path

from .request import INSPECTED, Finding, Request

_RULES = Path("/usr/share/modsecurity-crs/rules")
_SETUP = Path("/etc/modsecurity/crs/crs-setup.conf")
_FILES = ("901", "913", "930", "931", "932", "941", "942", "944")  # what a rule of a managed group asks for
_SETTINGS = """
SecRuleEngine DetectionOnly
SecRequestBodyAccess On
SecAuditEngine Off
SecRule REQUEST_HEADERS:Content-Type "^(?:application(?:/soap\\+|/)|text/)xml" \\
  "id:1,phase:1,t:none,t:lowercase,pass,nolog,ctl:requestBodyProcessor=XML"
SecRule REQUEST_HEADERS:Content-Type "^application/(?:[\\w.+-]+\\+)?json" \\
  "id:2,phase:1,t:none,t:lowercase,pass,nolog,ctl:requestBodyProcessor=JSON"
"""
_CRITICAL = 2
_Log = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_char_p)
_ID = re.compile(r'\[id "(\d+)"\]')
_SEVERITY = re.compile(r'\[severity "(\d)"\]')
_WHERE = (re.compile(r"found within ([A-Z_]+)(?::([^:]*))?:"), re.compile(r"against variable `([A-Z_]+)(?::([^']*))?'"))


class Engine:
    """Loads the rules once; threads may ask at the same time."""

    def __init__(self) -> None:
        """:raises RuntimeError: with the library's own words, if it refuses a rule."""
        self._lib = ctypes.CDLL("libmodsecurity.so.3")
        self._declare()
        self._said = threading.local()
        self._log = _Log(lambda _data, text: self._said.lines.append(text.decode(errors="replace")))
        self._handle = self._lib.msc_init()
        self._lib.msc_set_log_cb(self._handle, self._log)
        self._rules = self._lib.msc_create_rules_set()
        error = ctypes.c_char_p()
        files = [_SETUP, *(path for number in _FILES for path in sorted(_RULES.glob(f"REQUEST-{number}-*.conf")))]
        loaded = [self._lib.msc_rules_add(self._rules, _SETTINGS.encode(), ctypes.byref(error))]
        loaded += [self._lib.msc_rules_add_file(self._rules, str(path).encode(), ctypes.byref(error)) for path in files]
        if min(loaded) < 0:
            raise RuntimeError(f"libmodsecurity refuses the rules: {(error.value or b'').decode(errors='replace')}")

    def inspect(self, request: Request) -> list[Finding]:
        self._said.lines = []
        lib = self._lib
        transaction = lib.msc_new_transaction(self._handle, self._rules, None)
        try:
            lib.msc_process_connection(transaction, request.address.encode(), 0, b"127.0.0.1", 80)
            lib.msc_process_uri(
                transaction, request.uri.encode("latin-1", "replace"), request.method.encode(), request.version.encode()
            )
            for name, value in request.headers:
                key, text = name.encode("latin-1", "replace"), value.encode("latin-1", "replace")
                lib.msc_add_n_request_header(transaction, key, len(key), text, len(text))
            lib.msc_process_request_headers(transaction)
            body = request.body[:INSPECTED]
            lib.msc_append_request_body(transaction, body, len(body))
            lib.msc_process_request_body(transaction)
        finally:
            lib.msc_transaction_cleanup(transaction)
        return [found for line in self._said.lines if (found := finding(line, request))]

    def _declare(self) -> None:
        pointer, text, size = ctypes.c_void_p, ctypes.c_char_p, ctypes.c_size_t
        error = ctypes.POINTER(ctypes.c_char_p)
        for name, result, arguments in (
            ("msc_init", pointer, ()),
            ("msc_set_log_cb", None, (pointer, _Log)),
            ("msc_create_rules_set", pointer, ()),
            ("msc_rules_add", ctypes.c_int, (pointer, text, error)),
            ("msc_rules_add_file", ctypes.c_int, (pointer, text, error)),
            ("msc_new_transaction", pointer, (pointer, pointer, pointer)),
            ("msc_process_connection", ctypes.c_int, (pointer, text, ctypes.c_int, text, ctypes.c_int)),
            ("msc_process_uri", ctypes.c_int, (pointer, text, text, text)),
            ("msc_add_n_request_header", ctypes.c_int, (pointer, text, size, text, size)),
            ("msc_process_request_headers", ctypes.c_int, (pointer,)),
            ("msc_append_request_body", ctypes.c_int, (pointer, text, size)),
            ("msc_process_request_body", ctypes.c_int, (pointer,)),
            ("msc_transaction_cleanup", None, (pointer,)),
        ):
            function = getattr(self._lib, name)
            function.restype, function.argtypes = result, arguments


def finding(line: str, request: Request) -> Finding | None:
    """What a line of libmodsecurity's log says of an attack; None if it says less, as of a header that is unusual."""
    rule, severity = _ID.search(line), _SEVERITY.search(line)
    if not rule or not severity or int(severity[1]) > _CRITICAL:
        return None
    where = next((found for pattern in _WHERE if (found := pattern.search(line))), None)
    return Finding(int(rule[1]), _place(where[1] if where else "", where[2] if where else None, request))


def _place(variable: str, name: str | None, request: Request) -> str:
    if variable.startswith("REQUEST_COOKIES"):
        return "COOKIE"
    if variable.startswith("REQUEST_HEADERS"):
        return "HEADER"
    if variable.startswith("ARGS"):
        return "QUERYARGUMENTS" if not request.body or (name or "") in request.argument_names else "BODY"
    if variable == "QUERY_STRING" or variable.startswith("REQUEST_URI") and request.query:
        return "QUERYARGUMENTS"
    return "URIPATH" if variable.startswith("REQUEST_") and variable != "REQUEST_BODY" else "BODY"
