# -*- coding: utf-8 -*-
# Copyright: Contributors to threetier.aws
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
"""The fleet's hosts as they see themselves and what they need. Pure. Private to this collection."""

from __future__ import annotations

import re
from typing import Any

from ansible_collections.threetier.aws.plugins.module_utils import _findings
from ansible_collections.threetier.aws.plugins.module_utils._findings import bad
from ansible_collections.threetier.aws.plugins.module_utils._findings import either
from ansible_collections.threetier.aws.plugins.module_utils._findings import good
from ansible_collections.threetier.aws.plugins.module_utils._findings import unknown

ORDER = 40
PLACES = ("host", "unit", "application", "database", "secret", "login", "disk", "clock")
FULL = 90  # percent
_BOOTING = re.compile("pam_nologin|System is booting up|not permitted to log in yet")  # what ssh shows then
LATE = 60  # seconds; AWS refuses requests that were signed five minutes off

_RESTART = "ansible {name} -b -m ansible.builtin.systemd_service -a 'name=flask-app state=restarted'"
# What the application calls the cause of its answer 503, and what mends it if the host itself lacks nothing.
_CAUSES = (
    ("no-credentials", f"Look at its instance profile: playbooks/webapp.yml. If that is well: {_RESTART}"),
    ("aws-unreachable", "Look at the way out to AWS, NAT gateway and openings for port 443: playbooks/network.yml."),
    ("aws-forbids", "Look at the policy of the instances' role: playbooks/webapp.yml."),
    ("aws-missing", "Run playbooks/messaging.yml and playbooks/database.yml: bucket, table or secret is gone."),
    ("aws-", f"AWS itself is in trouble, which passes. If other hosts are well: {_RESTART}"),
    ("secret-", "Write user and password into the secret again: playbooks/database.yml."),
    ("database-", f"Look at the database: playbooks/doctor.yml names it. If it is well: {_RESTART}"),
)


def findings(seen: dict[str, Any]) -> list[_findings.Finding]:
    """:param seen: by instance id, what the host said (host_probe.py), or why it said nothing, as a string."""
    if not seen:
        return [bad("host", "webapp", "The inventory shows no instance of the fleet.",
                    "If the stack was stopped, run playbooks/start.yml, else playbooks/webapp.yml.")]  # fmt: skip
    return [finding for name in sorted(seen) for finding in _host(name, seen[name])]


def _host(name: str, seen: Any) -> list[Any]:
    if not isinstance(seen, dict) and _BOOTING.search(str(seen)):
        return [
            bad("host", name, "Its start has not come to its end: it lets nobody in but root (/run/nologin is there).",
                f"If it stays so for minutes, have its group replace it: "
                "aws autoscaling terminate-instance-in-auto-scaling-group "
                f"--no-should-decrement-desired-capacity --instance-id {name}"),
        ]  # fmt: skip
    if not isinstance(seen, dict):
        return [
            bad("host", name, f"Nobody could log in: {_findings.first_line(seen) or 'no answer'}",
                f"Look at the bastion and the openings for port 22, then at the console: "
                f"aws ec2 get-console-output --instance-id {name}"),
        ]  # fmt: skip
    return [
        good("host", name, f"It answers; up for {seen['uptime'] // 3600} h {seen['uptime'] % 3600 // 60} min."),
        _unit(name, seen["unit"], seen["log"]),
        _application(name, seen["ready"], seen["unit"], seen["needs"]),
        *_needs(name, seen["needs"]),
        *_disk(name, seen["disk"]),
        _clock(name, seen["clock"]),
    ]


def _unit(name: str, unit: dict[str, Any], log: list[str]) -> dict[str, Any]:
    state = f"{unit.get('ActiveState', 'unknown')} ({unit.get('SubState', '')})"
    said = f" It said last: {' / '.join(log[-2:])}" if log else ""
    return either(
        unit.get("ActiveState") == "active",
        "unit",
        name,
        f"flask-app is {state}.",
        f"flask-app is {state}, {unit.get('NRestarts', '?')} restarts.{said}"[:600],
        f"ansible {name} -b -m ansible.builtin.systemd_service -a 'name=flask-app state=restarted'",
    )


def _application(name: str, ready: dict[str, Any], unit: dict[str, Any], needs: dict[str, Any]) -> dict[str, Any]:
    if ready.get("status") == 200:
        return either(ready.get("readers") != "away", "application", name, "It is ready.",
                      "It is ready, but no reader of the database answers: the writer does their work.",
                      "Look at the database's readers; the application uses them again by itself.")  # fmt: skip
    if unit.get("ActiveState") != "active":
        return unknown("application", name, "It does not run.", "Start its unit.")
    cause, says = ready.get("cause", ""), ready.get("error") or "It does not answer."
    if cause:
        says = f"{says} Its cause is {cause}."
    if any(needs.get(what) for what in ("settings", "resolve", "connect", "secret", "login")):
        return bad("application", name, says, "This host's findings on database, secret and login say what it lacks.")
    mend = next((mend for begin, mend in _CAUSES if cause.startswith(begin)), "").format(name=name)
    return bad("application", name, says, mend or f"ansible {name} -b -a 'journalctl -u flask-app -n 50' tells why.")


def _needs(name: str, needs: dict[str, Any]) -> list[Any]:
    """What the application needs, as the host sees it; each link is tried only if those before it hold."""
    if "settings" in needs:
        return [bad("application", f"{name} settings", needs["settings"],
                    "Terminate it: its group launches one that has its settings.")]  # fmt: skip
    where = needs.get("host", "the database")
    links = (
        ("resolve", "dns", f"{name} to {where}", "The name has an address.",
         "Look at the VPC's DNS settings: playbooks/network.yml."),
        ("connect", "database", f"{name} to {where}", "It can be connected to.",
         "Is the database available? Then look at the openings: playbooks/network.yml."),
        ("secret", "secret", name, "It may be read.",
         "Look at the instance's role and its way out: playbooks/webapp.yml, playbooks/network.yml."),
        ("login", "login", f"{name} to {where}", "TLS and login work.",
         "Put the old password back (aws secretsmanager update-secret-version-stage), or give the user the new one."),
    )  # fmt: skip
    found = []
    for key, place, what, fine, mend in links:
        if key in needs:
            found.append(either(needs[key] == "", place, what, fine, needs[key], mend))
    return found


def _disk(name: str, disks: list[dict[str, Any]]) -> list[Any]:
    full = [one for one in disks if max(one["used"], one["inodes"]) >= FULL]
    if not full:
        worst = max((max(one["used"], one["inodes"]) for one in disks), default=0)
        return [good("disk", name, f"{worst} % used at most.")]
    return [
        bad("disk", f"{name} {one['mount']}",
            f"{one['used']} % of its space and {one['inodes']} % of its inodes are used.",
            f"ansible {name} -b -a 'du -xh --max-depth=2 {one['mount']}' tells by what; or terminate the instance.")
        for one in full
    ]  # fmt: skip


def _clock(name: str, clock: dict[str, Any]) -> dict[str, Any]:
    off = round(abs(clock["offset"]))
    return either(off < LATE, "clock", name, "It is right.",
                  f"It is {off} seconds off: AWS will refuse its requests.",
                  f"ansible {name} -b -m ansible.builtin.systemd_service -a 'name=chrony state=restarted'")  # fmt: skip
