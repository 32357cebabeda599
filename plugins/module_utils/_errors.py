# -*- coding: utf-8 -*-
# Copyright: Contributors to threetier.aws
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
"""How a module ends: with its result, or with a sentence. Private to this collection."""

from __future__ import annotations

import re
from typing import Any
from typing import Callable
from typing import NoReturn

from ansible_collections.amazon.aws.plugins.module_utils.exceptions import AnsibleAWSError
from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

_DENIED = (
    "AccessDenied",
    "AccessDeniedException",
    "AuthorizationError",
    "AuthorizationErrorException",
    "KMSAccessDeniedException",
    "NotAuthorized",
    "UnauthorizedOperation",
)
# "User: arn:… is not authorized to perform: rds:X on resource: arn:… because no identity-based policy allows …"
_SENTENCE = re.compile(
    r"(?:User: (?P<principal>\S+) is |You are )?not authorized to perform:? (?P<action>[\w-]+:\w+)"
    r"(?: on resource: \"?(?P<resource>[^\s\"]+)\"?)?(?: (?P<why>(?:because|with) [^.]*))?"
)


def finish(module: AnsibleAWSModule, run: Callable[[AnsibleAWSModule], dict[str, Any]]) -> NoReturn:
    """Do what the module is for, and say what came of it."""
    try:
        result = run(module)
    except AnsibleAWSError as error:
        fail(module, error)
    module.exit_json(**result)


def fail(module: AnsibleAWSModule, error: AnsibleAWSError) -> NoReturn:
    missing = missing_right(error.exception)
    if not missing:
        module.fail_json_aws_error(error)
    module.fail_json(msg=f"{error.message}: {sentence(missing)}", missing_right=missing)


def described(error: AnsibleAWSError) -> str:
    """What failed and why in a sentence, for what goes on without it and warns."""
    missing = missing_right(error.exception)
    return f"{error.message}: {sentence(missing) if missing else f'{error.exception}.'}"


def missing_right(exception: Any) -> dict[str, str]:
    """Which action on which resource was denied, and to whom, as far as AWS says it; empty for any other error."""
    answer = getattr(exception, "response", None) or {}
    said = answer.get("Error", {})
    if said.get("Code") not in _DENIED:
        return {}
    found = _SENTENCE.search(said.get("Message", ""))
    missing = {key: value.rstrip(".") for key, value in (found.groupdict() if found else {}).items() if value}
    # Some services say no more than "not authorized"; the operation asked for is known all the same.
    return missing if "action" in missing else dict(missing, action=exception.operation_name)


def sentence(missing: dict[str, str]) -> str:
    who = missing.get("principal", "these credentials")
    where = f" on {missing['resource']}" if "resource" in missing else ""
    why = f", {missing['why']}" if "why" in missing else ""
    return f"the right {missing['action']}{where} is missing for {who}{why}."
