#!/usr/bin/python
# -*- coding: utf-8 -*-
# Copyright: Contributors to threetier.aws
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: lambda_permissions
version_added: 0.2.0
short_description: Say who may call a Lambda function
description:
  - Sets the statements of a function's policy, and removes those that are not named.
  - M(amazon.aws.lambda_policy) sees the one statement that it is given only, so it never finds one that somebody has
    added.
author:
  - The threetier.aws authors (!UNKNOWN)
extends_documentation_fragment:
  - threetier.aws.attributes
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
options:
  function_name:
    description: The function's name. In check mode it need not exist.
    type: str
    required: true
  statements:
    description:
      - By its id, each statement as a dictionary with C(principal), such as C(sns.amazonaws.com), C(action), which is
        C(lambda:InvokeFunction) if it is not given, C(source_arn) and C(source_account).
      - V({}) removes all.
    type: dict
    required: true
"""

EXAMPLES = r"""
- name: Let one topic call the function, and nobody else
  threetier.aws.lambda_permissions:
    function_name: demo-app-metadata-lambda
    statements:
      uploads:
        principal: sns.amazonaws.com
        source_arn: arn:aws:sns:us-east-1:123456789012:demo-app-sns-topic
"""

RETURN = r"""
statements:
  description: The statements by their ids; in check mode as they would be.
  type: dict
  returned: always
"""

from typing import Any

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

from ansible_collections.threetier.aws.plugins.module_utils import _desired_and_actual
from ansible_collections.threetier.aws.plugins.module_utils import _errors
from ansible_collections.threetier.aws.plugins.module_utils._lambda import permissions

_KEYS = {"action", "principal", "source_arn", "source_account"}


def wanted(module: AnsibleAWSModule) -> dict[str, dict[str, Any]]:
    statements = {}
    for name, statement in module.params["statements"].items():
        if not isinstance(statement, dict) or not statement.get("principal") or set(statement) - _KEYS:
            module.fail_json(
                msg=f"The statement {name} is {statement!r}. It takes principal, and, if you like, "
                f"{', '.join(sorted(_KEYS - {'principal'}))}."
            )
        statements[name] = {"action": "lambda:InvokeFunction", **statement}
    return statements


def run(module: AnsibleAWSModule) -> dict[str, Any]:
    client, function, after = module.client("lambda"), module.params["function_name"], wanted(module)
    before = permissions.found(client, function)
    missing, surplus = _desired_and_actual.missing_and_surplus(before, after)
    if not module.check_mode:
        for name in [*surplus, *(name for name in missing if name in before)]:
            permissions.remove(client, function, name)
        for name in missing:
            permissions.add(client, function, name, after[name])
    return dict(changed=bool(missing or surplus), statements=after, diff=dict(before=before, after=after))


def main() -> None:
    module = AnsibleAWSModule(
        argument_spec=dict(function_name=dict(required=True), statements=dict(type="dict", required=True)),
        supports_check_mode=True,
    )
    _errors.finish(module, run)


if __name__ == "__main__":
    main()
