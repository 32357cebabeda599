#!/usr/bin/python
# -*- coding: utf-8 -*-
# Copyright: Contributors to threetier.aws
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: lambda_function_info
version_added: 0.2.0
short_description: Read what a function of Lambda is, and how many calls of it may run at once
description:
  - Reads a function by one call, in the words of the options of M(amazon.aws.lambda).
  - M(amazon.aws.lambda_info) does not tell the reserved concurrency, with which V(0) makes AWS refuse every call, and
    takes a call for each of configuration, tags and policy.
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
  threetier.aws.lambda_function_info:
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
    description:
      description: What it is for.
      type: str
    runtime:
      description: What runs its code.
      type: str
      sample: python3.13
    handler:
      description: The function in its code that is called.
      type: str
      sample: handler.handler
    role:
      description: The ARN of the role whose rights it has.
      type: str
    timeout:
      description: After how many seconds a call is ended.
      type: int
    memory_size:
      description: Memory in MB.
      type: int
    dead_letter_arn:
      description: Where messages go that it failed at; empty for nowhere.
      type: str
    environment_variables:
      description: Its environment.
      type: dict
    vpc_subnet_ids:
      description: The subnets that it runs in, sorted; none outside of a VPC.
      type: list
      elements: str
    code_sha256:
      description: The digest of its archive, in hexadecimal digits.
      type: str
    tags:
      description: Its tags.
      type: dict
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
    found = functions.find(module.client("lambda"), module.params["name"])
    return dict(changed=False, functions=[found] if found else [])


def main() -> None:
    module = AnsibleAWSModule(argument_spec=dict(name=dict(required=True)), supports_check_mode=True)
    _errors.finish(module, run)


if __name__ == "__main__":
    main()
