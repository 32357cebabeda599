# -*- coding: utf-8 -*-
# Copyright: Contributors to threetier.aws
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
"""Waiting for a state, with a deadline and a sentence for whoever waited in vain. Private to this collection."""

from __future__ import annotations

from typing import Any
from typing import Callable

try:
    import botocore.exceptions
except ImportError:
    pass  # handled by AnsibleAWSModule

from ansible_collections.amazon.aws.plugins.module_utils.exceptions import AnsibleAWSError
from ansible_collections.amazon.aws.plugins.module_utils.waiter import BaseWaiterFactory
from ansible_collections.amazon.aws.plugins.module_utils.waiter import custom_waiter_config

Acceptor = dict[str, Any]


class _Waiters(BaseWaiterFactory):
    """One waiter, which botocore makes from data."""

    def __init__(self, operation: str, acceptors: list[Acceptor]) -> None:
        self._waiter = dict(operation=operation, delay=1, maxAttempts=1, acceptors=acceptors)  # wait() sets the numbers
        super().__init__()

    @property
    def _waiter_model_data(self) -> dict[str, Any]:
        return dict(wanted=self._waiter)


def until(
    client: Any,
    operation: str,
    request: dict[str, Any],
    acceptors: list[Acceptor],
    *,
    purpose: str,
    timeout: int,
    pause: int,
    failure: Callable[[dict[str, Any]], str],
) -> None:
    """
    Ask until an acceptor matches.

    :param operation: what to call, as in "DescribeImages".
    :param request: the call's arguments.
    :param acceptors: which answers mean success, failure or another try, as in botocore's waiters.
    :param purpose: begins the error's sentence if the call itself fails, as in "wait for the image".
    :param timeout: seconds after which to give up.
    :param pause: seconds between two calls.
    :param failure: makes of the last answer the sentence of the error.
    :raises AnsibleAWSError: an acceptor says that it failed, the time is over, or the call itself fails.
    """
    waiter = _Waiters(operation, acceptors).get_waiter(client, "wanted")
    try:
        waiter.wait(**request, WaiterConfig=custom_waiter_config(timeout, pause))
    except botocore.exceptions.WaiterError as error:
        answer: dict[str, Any] = error.last_response
        if "Error" in answer:
            refused = botocore.exceptions.ClientError(answer, operation)
            raise AnsibleAWSError(message=f"Failed to {purpose}", exception=refused) from error
        raise AnsibleAWSError(message=failure(answer), exception=error) from error
