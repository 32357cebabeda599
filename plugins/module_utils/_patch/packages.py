# -*- coding: utf-8 -*-
# Copyright: Contributors to threetier.aws
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
"""Packages of a Debian or Ubuntu host: what apt would do, what has changed, whether to reboot. Private."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Sequence
from typing import Any

# Inst tar [1.34-1] (1.35-2 Debian:12.5/stable, Debian-Security:12/stable-security [amd64]) []
_INSTALL = re.compile(r"^Inst (\S+)(?: \[([^\]]*)\])? \((\S+) (.*?) ?\[\w+\]\)")
_SECURITY = re.compile(r"-security\b", re.IGNORECASE)


def plan(simulated: str, security_only: bool = False) -> list[dict[str, Any]]:
    """What apt said it would install, from the output of C(apt-get --simulate)."""
    found = [_INSTALL.match(line) for line in simulated.splitlines()]
    planned = [
        {"name": name, "from": old or "", "to": new, "security": bool(_SECURITY.search(origins))}
        for name, old, new, origins in (match.groups() for match in found if match)
    ]
    # What is new comes along with what needs it.
    return [one for one in planned if one["security"] and one["from"] or not security_only]


def state(told: str) -> dict[str, Any]:
    """What C(state.sh) tells: versions by package, held packages, reasons to reboot."""
    seen: dict[str, Any] = {"packages": {}, "held": [], "reboot": []}
    for line in told.splitlines():
        kind, _blank, rest = line.partition(" ")
        if kind == "package":
            name, _blank, version = rest.partition(" ")
            seen["packages"][name] = version
        elif kind in ("held", "reboot"):
            seen[kind].append(rest)
    return seen


def changes(before: dict[str, str], after: dict[str, str]) -> list[dict[str, Any]]:
    """What is different between two lists of versions; an empty version is one that wasn't or isn't there."""
    names = sorted(name for name in {*before, *after} if before.get(name) != after.get(name))
    return [{"name": name, "from": before.get(name, ""), "to": after.get(name, "")} for name in names]


def failure_reason(result: dict[str, Any]) -> str:
    """Why a task failed, in a line: its message, and what dpkg said, which apt keeps for its standard output."""
    said = [line.strip() for line in str(result.get("stdout") or "").splitlines()]
    blamed = next((number for number, line in enumerate(said) if line.startswith("dpkg: error")), None)
    # What a package's own script said stands before that line, and what became of it after.
    told = [] if blamed is None else said[max(blamed - 1, 0) : blamed + 2]
    message = " ".join(str(result.get("msg") or "no message").split())
    return f"{' '.join(told)} ({message})" if told else message


def reboot_reasons(seen: dict[str, Any], changed: list[dict[str, Any]], patterns: Sequence[str] = ()) -> list[str]:
    """Why the host has to be rebooted: what it says itself, and packages that everything running has open."""
    names = [one["name"].partition(":")[0] for one in changed]
    own = [name for name in names if any(fnmatch.fnmatch(name, pattern) for pattern in patterns)]
    return [*seen["reboot"], *(f"{name} was upgraded" for name in own)]
