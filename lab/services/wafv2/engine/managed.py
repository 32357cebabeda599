"""AWS's managed rule groups, by their names, labels and capacity, and what stands for their rules here.

AWS does not publish its rules. Those that look for attacks ask the OWASP Core Rule Set at paranoia level 1, for the
same attack in the same place; the others are written after what AWS says of them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from .request import Finding, Request

Test = Callable[[Request, list[Finding]], bool]
_PLACES = {
    "QUERYARGUMENTS": "QueryArguments",
    "QUERYSTRING": "QueryString",
    "URIPATH": "URIPath",
    "BODY": "Body",
    "COOKIE": "Cookie",
    "HEADER": "Header",
}
_METADATA = re.compile(r"169\.254\.169\.254|fd00:ec2::254|/latest/(?:meta-data|user-data|dynamic|api/token)", re.I)
_LOG4J = re.compile(r"\$\{\s*(?:jndi\b|\$\{|(?:lower|upper|env|sys|java|date|base64)\s*:)", re.I)
_EXTENSIONS = re.compile(r"\.(?:log|ini|bak|backup|old|swp|cfg|conf|config|sql|mdb|key|pem)$", re.I)
_EXPLOITABLE = re.compile(r"/(?:web-inf|meta-inf)/|/\.(?:git|svn|hg|env|aws|ssh|htaccess|htpasswd)(?:/|$)", re.I)
_LOCALHOST = re.compile(r"^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])(?::\d+)?$", re.I)


@dataclass(frozen=True)
class Rule:
    name: str  # as in SQLi_BODY
    label: str  # the last part, as in SQLi_Body
    test: Test


@dataclass(frozen=True)
class Group:
    label: str  # what its labels begin with, after awswaf:managed:aws:
    capacity: int
    description: str
    rules: tuple[Rule, ...]

    def label_of(self, rule: Rule) -> str:
        return f"awswaf:managed:aws:{self.label}:{rule.label}"


def _rule(name: str, test: Test, label: str = "") -> Rule:
    kind, _, place = name.rpartition("_")
    return Rule(name, label or f"{kind}_{_PLACES.get(place, place)}", test)


def _found(name: str, fits: Callable[[int], bool], *places: str) -> Iterator[Rule]:
    """A rule for each place, that matches if a rule of the Core Rule Set did there."""
    for place in places:
        yield _rule(
            f"{name}_{place}",
            lambda _request, found, place=place: any(  # type: ignore[misc]
                fits(one.rule) and one.place == place for one in found
            ),
        )


def _says(name: str, pattern: re.Pattern[str], *places: str) -> Iterator[Rule]:
    """A rule for each place, that matches if the expression does there."""
    for place in places:
        where = "QUERYARGUMENTS" if place == "QUERYSTRING" else place
        yield _rule(
            f"{name}_{place}",
            lambda request, _found, where=where: bool(pattern.search(request.text(where))),  # type: ignore[misc]
        )


def _of(*families: int) -> Callable[[int], bool]:
    """Whether a rule is of these files of the Core Rule Set, by the first three digits of its number."""
    return lambda rule: rule // 1000 in families


_QUERY, _PATH, _BODY, _COOKIE = "QUERYARGUMENTS", "URIPATH", "BODY", "COOKIE"
_INJECTED = 942100  # libinjection's own finding

_COMMON = (
    _rule("NoUserAgent_HEADER", lambda request, _found: not request.header("User-Agent")),
    *_found("UserAgent_BadBots", _of(913), "HEADER"),
    _rule("SizeRestrictions_QUERYSTRING", lambda request, _found: len(request.query) > 2048),
    _rule("SizeRestrictions_Cookie_HEADER", lambda request, _found: len(request.header("Cookie") or "") > 10240),
    _rule("SizeRestrictions_BODY", lambda request, _found: request.body_size > 8192),
    _rule("SizeRestrictions_URIPATH", lambda request, _found: len(request.path) > 1024),
    *_says("EC2MetaDataSSRF", _METADATA, _BODY, _COOKIE, _PATH, _QUERY),
    *_found("GenericLFI", _of(930), _QUERY, _PATH, _BODY),
    *_says("RestrictedExtensions", _EXTENSIONS, _PATH, _QUERY),
    *_found("GenericRFI", _of(931), _QUERY, _BODY, _PATH),
    *_found("CrossSiteScripting", _of(941), _COOKIE, _QUERY, _BODY, _PATH),
)
_BAD_INPUTS = (
    *_found("JavaDeserializationRCE", _of(944), "HEADER", _BODY, _PATH),
    _rule(
        "JavaDeserializationRCE_QUERYSTRING",
        lambda _request, found: any(one.rule // 1000 == 944 and one.place == _QUERY for one in found),
    ),
    _rule("Host_localhost_HEADER", lambda request, _found: bool(_LOCALHOST.match(request.header("Host") or ""))),
    _rule("PROPFIND_METHOD", lambda request, _found: request.method == "PROPFIND", "Propfind_Method"),
    *_says("ExploitablePaths", _EXPLOITABLE, _PATH),
    *_says("Log4JRCE", _LOG4J, "HEADER", "QUERYSTRING", _BODY, _PATH),
)
_SQL = (
    *_found("SQLi", lambda rule: rule == _INJECTED, _QUERY, _BODY, _COOKIE, _PATH),
    *_found("SQLiExtendedPatterns", lambda rule: rule // 1000 == 942 and rule != _INJECTED, _QUERY, _BODY),
)
_LINUX = tuple(_found("LFI", _of(930), _PATH, _QUERY, "HEADER"))
_UNIX = tuple(_found("UNIXShellCommandsVariables", _of(932), _QUERY, _BODY, "HEADER"))

GROUPS = {
    "AWSManagedRulesCommonRuleSet": Group(
        "core-rule-set", 700, "Contains rules that are generally applicable to web applications.", _COMMON
    ),
    "AWSManagedRulesKnownBadInputsRuleSet": Group(
        "known-bad-inputs", 200, "Contains rules that block request patterns known to be invalid.", _BAD_INPUTS
    ),
    "AWSManagedRulesSQLiRuleSet": Group(
        "sql-database", 200, "Contains rules that block patterns of SQL injection.", _SQL
    ),
    "AWSManagedRulesLinuxRuleSet": Group(
        "linux-os", 200, "Contains rules that block patterns of LFI attacks on Linux.", _LINUX
    ),
    "AWSManagedRulesUnixRuleSet": Group(
        "posix-os", 100, "Contains rules that block patterns of attacks on POSIX systems.", _UNIX
    ),
}
