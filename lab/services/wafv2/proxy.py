"""Pure: what a HAProxy is told to have a request looked at before it does anything else with it."""

from __future__ import annotations

from pathlib import Path

from .controller import home, is_ready

LOAD = f"  lua-load-per-thread {Path(__file__).with_name('waf.lua')}"  # in the section global
_LOOKED_AT = 8193  # bytes of a body: one more than is inspected, which shows that there are more


def ask(arn: str | None, source: str, when: str = "") -> tuple[str, ...]:
    """
    Lines of a frontend. There are none before the engine runs: requests pass until then, as they do on AWS while an
    association becomes known.

    :param arn: of the web ACL; None for no lines.
    :param source: ALB or CF, which answers differ by.
    :param when: a condition of HAProxy's, such as `if { path / }`.
    """
    if arn is None or not is_ready():
        return ()
    return (
        f"  http-request wait-for-body time 60s at-least {_LOOKED_AT} {when}".rstrip(),
        f"  http-request lua.waf {arn} {source} {home() / 'verdict.sock'} {when}".rstrip(),
    )
