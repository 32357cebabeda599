# -*- coding: utf-8 -*-
# Copyright: Contributors to threetier.aws
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the versions of a lease's parameter say: who holds it, and does that count. Private to this collection.

Parameter Store can create a parameter only if there is none, but it overwrites and deletes unconditionally. It numbers
the versions without a gap, though, and tells the writer which number it got. So each version notes over which one it
was written, and it counts only if that is the one right before it: of two who write over the same version, the second
finds that it came too late, and so does everybody who reads it.
"""

from __future__ import annotations

import dataclasses
import datetime
import json
import re
from typing import Callable

LIFETIME = 180  # seconds without a renewal after which a lease has expired
RENEWAL = 30  # seconds between two renewals


@dataclasses.dataclass(frozen=True)
class Run:
    """One ansible-playbook process.

    :param holder: who runs it and where, such as C(ana@laptop); no blanks, for it is said by C(-e name=value).
    :param playbook: what it runs, such as C(site.yml).
    :param machine: where its C(pid) means something: a boot and a namespace of processes.
    :param started: when the process started, in whatever unit: process numbers are used again.
    """

    holder: str
    playbook: str
    machine: str
    pid: int
    started: str

    def same(self, other: Run) -> bool:
        return (self.machine, self.pid, self.started) == (other.machine, other.pid, other.started)


@dataclasses.dataclass(frozen=True)
class Entry:
    """One version of the parameter.

    :param over: the version that its writer had read; 0 if there was none, -1 if this was not written by us.
    :param run: whose lease it is; None if it was given back.
    :param since: when that run got it, in ISO 8601.
    :param modified: when this version was written, by AWS's clock.
    """

    version: int
    over: int
    run: Run | None
    since: str
    modified: datetime.datetime

    @property
    def counts(self) -> bool:
        return self.over == self.version - 1

    def is_held_by(self, holder: str) -> bool:
        """By its name."""
        return bool(self.run and self.run.holder == holder)


def written(over: int, run: Run | None, since: str) -> str:
    """The parameter's value."""
    return json.dumps(dict(over=over, since=since, run=dataclasses.asdict(run) if run else None))


def read(version: int, value: str, modified: datetime.datetime) -> Entry:
    try:
        said = json.loads(value)
        run = Run(**said["run"]) if said["run"] else None
        return Entry(version, int(said["over"]), run, str(said["since"]), modified)
    except (ValueError, TypeError, KeyError):
        return Entry(version, -1, None, "", modified)


def newest_that_counts(head: Entry | None, version_of: Callable[[int], Entry | None]) -> Entry | None:
    """The last version that its writer wrote in time; None if there is none."""
    entry = head
    while entry and not entry.counts:
        entry = version_of(entry.version - 1) if entry.version > 1 else None
    return entry


def is_held(entry: Entry | None, now: datetime.datetime, here: Run, is_alive: Callable[[int, str], bool]) -> bool:
    """Whether a run holds it that is there. On this machine that can be seen; elsewhere, who is there renews it.

    :param is_alive: whether a process of this number and start is there.
    """
    if not entry or not entry.run:
        return False
    if entry.run.machine == here.machine:
        return is_alive(entry.run.pid, entry.run.started)
    return (now - entry.modified).total_seconds() <= LIFETIME


def holder_name(who: str, where: str) -> str:
    """A name that can be said by C(-e threetier_break_lease=name) without quotes."""
    return re.sub(r"[^\w@%+:,./-]+", "-", f"{who}@{where}").strip("-")


def refusal(stack: str, region: str, entry: Entry, now: datetime.datetime) -> str:
    holder, playbook = (entry.run.holder, entry.run.playbook) if entry.run else ("nobody", "no playbook")
    return (
        f"{stack} in {region} is being changed by {holder} ({playbook}) since {_moment(entry.since, now)}. "
        f"Wait for it, or if that run is gone: -e threetier_break_lease={holder}"
    )


def wrong_name(stack: str, region: str, entry: Entry, now: datetime.datetime, named: str) -> str:
    return f"The lease is not {named}'s: {refusal(stack, region, entry, now)}"


def broken(entry: Entry) -> str:
    """What the run is told whose lease somebody has taken: perhaps that one has given it back since."""
    by = f" by {entry.run.holder} ({entry.run.playbook})" if entry.run else ""
    return f"The lease of this run was broken{by}. It ends here, for another run may be changing the stack."


def _moment(since: str, now: datetime.datetime) -> str:
    """The time of day; with the date if that is another one."""
    try:
        moment = datetime.datetime.fromisoformat(since).astimezone(datetime.timezone.utc)
    except ValueError:
        return since
    return moment.strftime("%H:%M:%S UTC" if moment.date() == now.date() else "%Y-%m-%d %H:%M:%S UTC")
