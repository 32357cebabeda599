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
from ansible_collections.amazon.aws.plugins.module_utils.errors import AWSErrorHandler
from ansible_collections.amazon.aws.plugins.module_utils.exceptions import AnsibleAWSError
from ansible_collections.amazon.aws.plugins.module_utils.retries import AWSRetry

from ansible_collections.threetier.aws.plugins.module_utils._lease import entries

_POLL = 2  # seconds between two looks at somebody else's lease
_AGAIN = 0.2  # seconds after an attempt that came too late
_LAG = 60  # seconds for AWS to show what was written; after a deletion it asks for 30
_MISSING = ["ParameterNotFound", "ParameterVersionNotFound"]


class _ErrorHandler(AWSErrorHandler):
    @classmethod
    def _is_missing(cls):
        return is_boto3_error_code(_MISSING)


@dataclasses.dataclass(frozen=True)
class Seen:
    """The parameter at a moment of AWS's clock."""

    version: int  # of the newest, whether it counts or not; 0 if there is no parameter
    entry: entries.Entry | None  # the newest that counts
    now: datetime.datetime


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

    def write(self, seen: Seen, run: entries.Run | None, since: str) -> int:
        """The version it became, 0 if none: it counts only if that follows the one that was seen."""
        value = entries.written(seen.version, run, since)
        if seen.version:
            return _overwrite(self._client, self._name, value)
        return _create(self._client, self._name, value, self._tags)

    def acquire(
        self, run: entries.Run, break_holder: str, timeout: int, is_alive: Callable[[int, str], bool]
    ) -> tuple[entries.Entry, bool]:
        """
        Our entry, and whether this call has made it.

        :param break_holder: whose lease is taken over though it is held; empty for nobody's. Only of the run that is
            found first: of two who break it, the faster one has it, and nobody breaks that.
        :param timeout: seconds to wait for a lease that is held.
        """
        end = time.monotonic() + timeout
        first, tried = None, False
        while True:
            seen = self.look()
            there = seen.entry.run if seen.entry else None
            if there and there.same(run):
                return seen.entry, tried
            if entries.is_held(seen.entry, seen.now, run, is_alive):
                first = first or there
                if there != first or there.holder != break_holder:
                    self._refuse(seen, "" if tried else break_holder, may_wait=time.monotonic() < end)
                    time.sleep(_POLL)
                    continue
            tried = True
            if self.write(seen, run, seen.now.isoformat()) == seen.version + 1:
                return entries.Entry(seen.version + 1, seen.version, run, seen.now.isoformat(), seen.now), True
            if time.monotonic() > end + _LAG:
                raise AnsibleAWSError(message=f"{self._name} changes all the time, or AWS shows an old version of it.")
            time.sleep(_AGAIN)

    def _refuse(self, seen: Seen, named: str, may_wait: bool) -> None:
        """Say who holds it, unless there is time to wait for it."""
        if named and named != seen.entry.run.holder:
            message = entries.wrong_name(self._stack, self._region, seen.entry, seen.now, named)
            raise AnsibleAWSError(message=message)
        if not may_wait:
            raise AnsibleAWSError(message=entries.refusal(self._stack, self._region, seen.entry, seen.now))

    def renew(self, run: entries.Run) -> entries.Run | None:
        """Who holds it now: this run, for as long as before, or the one that has taken over; None if nobody does."""
        return self._rewrite(run, run)

    def give_back(self, run: entries.Run) -> None:
        """Leave the parameter without a holder. It is not deleted: AWS wants 30 seconds before it is made again."""
        self._rewrite(run, None)

    def _rewrite(self, run: entries.Run, becomes: entries.Run | None) -> entries.Run | None:
        """Write over this run's entry, as often as somebody comes in between. Touches nobody else's."""
        while True:
            seen = self.look()
            there = seen.entry.run if seen.entry else None
            if not there or not there.same(run):
                return there
            if self.write(seen, becomes, seen.entry.since) == seen.version + 1:
                return becomes
            time.sleep(_AGAIN)

    def remove(self, run: entries.Run) -> None:
        """Delete the parameter, unless another run holds it."""
        seen = self.look()
        there = seen.entry.run if seen.entry else None
        if there and not there.same(run):
            raise AnsibleAWSError(message=entries.refusal(self._stack, self._region, seen.entry, seen.now))
        _delete(self._client, self._name)


def name_of(stack: str) -> str:
    return f"/threetier/{stack}/lease"


@AWSErrorHandler.common_error_handler("read the lease")
@AWSRetry.jittered_backoff()
def _get(client: Any, name: str) -> tuple[entries.Entry | None, datetime.datetime]:
    """A version, if it is there, and the time by AWS's clock."""
    try:
        answer = client.get_parameter(Name=name)
    except is_boto3_error_code(_MISSING) as error:
        answer = error.response
    found = answer.get("Parameter")
    entry = entries.read(found["Version"], found["Value"], found["LastModifiedDate"]) if found else None
    return entry, email.utils.parsedate_to_datetime(answer["ResponseMetadata"]["HTTPHeaders"]["date"])


@AWSErrorHandler.common_error_handler("take the lease")
@AWSRetry.jittered_backoff(catch_extra_error_codes=["TooManyUpdates"])
def _overwrite(client: Any, name: str, value: str) -> int:
    return client.put_parameter(Name=name, Value=value, Overwrite=True)["Version"]


@AWSErrorHandler.common_error_handler("take the lease")
@AWSRetry.jittered_backoff(catch_extra_error_codes=["TooManyUpdates"])
def _create(client: Any, name: str, value: str, tags: dict[str, str]) -> int:
    """0 if somebody else was faster: of two who create it, AWS refuses one."""
    try:
        return client.put_parameter(
            Name=name,
            Description="Who is changing the stack. Made by threetier.aws, removed by its teardown.",
            Type="String",
            Value=value,
            Tags=[dict(Key=key, Value=word) for key, word in tags.items()],
        )["Version"]
    except is_boto3_error_code("ParameterAlreadyExists"):
        return 0


@_ErrorHandler.deletion_error_handler("delete the lease")
@AWSRetry.jittered_backoff()
def _delete(client: Any, name: str) -> None:
    client.delete_parameter(Name=name)
