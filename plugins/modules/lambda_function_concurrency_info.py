#!/usr/bin/python
# -*- coding: utf-8 -*-
# Copyright: Contributors to threetier.aws
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: lambda_function_concurrency_info
version_added: 0.2.0
short_description: Read how many calls of a function of Lambda may run at once
description:
  - Reads the reserved concurrency of a function, which M(amazon.aws.lambda_info) does not tell. With V(0) AWS refuses
    every call.
author:
  - The threetier.aws authors (!UNKNOWN)
extends_documentation_fragment:
  - threetier.aws.attributes.info
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
options:
  name:
    description: The name of the function.
    type: str
    required: true
"""

EXAMPLES = r"""
- name: Look whether the function may run
  threetier.aws.lambda_function_concurrency_info:
    name: demo-app-metadata-lambda
  register: found

- name: Say how often at once
  ansible.builtin.debug:
    msg: "{{ found['functions'][0]['reserved_concurrent_executions'] | default('as often as the account allows') }}"
"""

RETURN = r"""
functions:
  description: The function, or nothing if there is none.
  type: list
  elements: dict
  returned: always
  contains:
    function_name:
      description: The name.
      type: str
      sample: demo-app-metadata-lambda
    reserved_concurrent_executions:
      description: How many calls may run at once. Missing if nothing is reserved.
      type: int
      sample: 10
"""

from typing import Any

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

from ansible_collections.threetier.aws.plugins.module_utils import _errors
from ansible_collections.threetier.aws.plugins.module_utils._lambda import functions


def run(module: AnsibleAWSModule) -> dict[str, Any]:
    name = module.params["name"]
    found = functions.concurrency(module.client("lambda"), name)
    return dict(changed=False, functions=[] if found is None else [dict(found, function_name=name)])


def main() -> None:
    module = AnsibleAWSModule(argument_spec=dict(name=dict(required=True)), supports_check_mode=True)
    _errors.finish(module, run)


if __name__ == "__main__":
    main()
