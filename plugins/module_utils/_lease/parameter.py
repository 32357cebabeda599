# -*- coding: utf-8 -*-
# Copyright: Contributors to threetier.aws
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
"""The lease of a stack as a parameter of Systems Manager: taken, renewed, given back. Private to this collection."""

from __future__ import annotations

import dataclasses
import datetime
import email.utils
import time
from typing import Any
from typing import Callable

from ansible_collections.amazon.aws.plugins.module_utils.botocore import is_boto3_error_code
from ansible_collections.amazon.aws.plugins.module_utils.exceptions import AnsibleAWSError

from ansible_collections.threetier.aws.plugins.module_utils import _calls
from ansible_collections.threetier.aws.plugins.module_utils._lease import entries

_POLL = 2  # seconds between two looks at somebody else's lease
_AGAIN = 0.2  # seconds after an attempt that came too late
_LAG = 60  # seconds for AWS to show what was written; after a deletion it asks for 30
_MISSING = ["ParameterNotFound", "ParameterVersionNotFound"]


@dataclasses.dataclass(frozen=True)
class Seen:
    """The parameter at a moment of AWS's clock."""

    version: int  # of the newest, whether it counts or not; 0 if there is no parameter
    entry: entries.Entry | None  # the newest that counts
    now: datetime.datetime

    def is_of(self, run: entries.Run) -> bool:
        return bool(self.entry and self.entry.run and self.entry.run.same(run))


class Parameter:
    """
    :param client: boto3's for C(ssm).
    :param tags: what the parameter is created with.
    """

    def __init__(self, client: Any, stack: str, region: str, tags: dict[str, str]) -> None:
        self._client = client
        self._stack, self._region, self._tags = stack, region, tags
        self._name = name_of(stack)

    def look(self) -> Seen:
        head, now = _get(self._client, self._name)
        entry = entries.newest_that_counts(head, lambda version: _get(self._client, f"{self._name}:{version}")[0])
        return Seen(head.version if head else 0, entry, now)

    def write(self, seen: Seen, run: entries.Run | None, since: str) -> bool:
        """Whether it counts: whether nobody has written between what was seen and this."""
        value = entries.written(seen.version, run, since)
        if seen.version:
            return _overwrite(self._client, self._name, value) == seen.version + 1
        return _create(self._client, self._name, value, self._tags)

    def acquire(
        self, run: entries.Run, break_holder: str, timeout: int, is_alive: Callable[[int, str], bool]
    ) -> tuple[str, bool]:
        """
        Since when this run holds it, in ISO 8601, and whether this call has taken it.

        :param break_holder: whose lease is taken over though it is held; empty for nobody's. Only of the run that is
            found first: of two who break it, the faster one has it, and nobody breaks that.
        :param timeout: seconds to wait for a lease that is held.
        """
        end = time.monotonic() + timeout
        first: entries.Run | None = None
        tried = False
        while True:
            seen = self.look()
            if seen.entry and seen.is_of(run):
                return seen.entry.since, tried
            if seen.entry and entries.is_held(seen.entry, seen.now, run, is_alive):
                first = first or seen.entry.run
                if not (seen.entry.is_held_by(break_holder) and seen.entry.run == first):
                    named = "" if tried else break_holder
                    self._refuse(seen.entry, seen.now, named, may_wait=time.monotonic() < end)
                    time.sleep(_POLL)
                    continue
            tried = True
            since = seen.now.isoformat()
            if self.write(seen, run, since):
                return since, True
            if time.monotonic() > end + _LAG:
                raise AnsibleAWSError(message=f"{self._name} changes all the time, or AWS shows an old version of it.")
            time.sleep(_AGAIN)

    def renew(self, run: entries.Run) -> entries.Entry | None:
        """The entry that counts now: this run's, or what has become of a broken lease; None if it was deleted."""
        return self._rewrite(run, run)

    def give_back(self, run: entries.Run) -> None:
        """Leave the parameter without a holder. It is not deleted: AWS wants 30 seconds before it is made again."""
        self._rewrite(run, None)

    def remove(self, run: entries.Run) -> None:
        """Delete the parameter, unless another run holds it."""
        seen = self.look()
        if seen.entry and seen.entry.run and not seen.is_of(run):
            raise AnsibleAWSError(message=entries.refusal(self._stack, self._region, seen.entry, seen.now))
        _delete(self._client, self._name)

    def _refuse(self, entry: entries.Entry, now: datetime.datetime, named: str, may_wait: bool) -> None:
        """Say who holds it, unless there is time to wait for it."""
        if named and not entry.is_held_by(named):
            raise AnsibleAWSError(message=entries.wrong_name(self._stack, self._region, entry, now, named))
        if not may_wait:
            raise AnsibleAWSError(message=entries.refusal(self._stack, self._region, entry, now))

    def _rewrite(self, run: entries.Run, becomes: entries.Run | None) -> entries.Entry | None:
        """Write over this run's entry, as often as somebody comes in between. Touches nobody else's."""
        while True:
            seen = self.look()
            if not seen.entry or not seen.is_of(run) or self.write(seen, becomes, seen.entry.since):
                return seen.entry
            time.sleep(_AGAIN)


def name_of(stack: str) -> str:
    return f"/threetier/{stack}/lease"


@_calls.call("read the lease")
def _get(client: Any, name: str) -> tuple[entries.Entry | None, datetime.datetime]:
    """A version, if it is there, and the time by AWS's clock."""
    try:
        answer = client.get_parameter(Name=name)
    except is_boto3_error_code(_MISSING) as error:
        answer = error.response  # type: ignore[attr-defined]
    found = answer.get("Parameter")
    entry = entries.read(found["Version"], found["Value"], found["LastModifiedDate"]) if found else None
    return entry, email.utils.parsedate_to_datetime(answer["ResponseMetadata"]["HTTPHeaders"]["date"])


@_calls.call("take the lease", retry_on=["TooManyUpdates"])
def _overwrite(client: Any, name: str, value: str) -> int:
    """The version that it has become."""
    version: int = client.put_parameter(Name=name, Value=value, Overwrite=True)["Version"]
    return version


@_calls.call("take the lease", retry_on=["TooManyUpdates"])
def _create(client: Any, name: str, value: str, tags: dict[str, str]) -> bool:
    """False if somebody else was faster: of two who create it, AWS refuses one."""
    try:
        client.put_parameter(
            Name=name,
            Description="Who is changing the stack. Made by threetier.aws, removed by its teardown.",
            Type="String",
            Value=value,
            Tags=[dict(Key=key, Value=word) for key, word in tags.items()],
        )
    except is_boto3_error_code("ParameterAlreadyExists"):
        return False
    return True


@_calls.delete("delete the lease", missing=_MISSING)
def _delete(client: Any, name: str) -> None:
    client.delete_parameter(Name=name)
