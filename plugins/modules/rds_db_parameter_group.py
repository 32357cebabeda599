#!/usr/bin/python
# -*- coding: utf-8 -*-
# Copyright: Contributors to threetier.aws
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: rds_db_parameter_group
version_added: 0.2.0
short_description: Make a DB parameter group, and say which parameters it sets
description:
  - Makes a DB parameter group with parameters and tags, or sets these of one that is there.
  - A parameter that somebody has set and O(parameters) does not name gets the engine's own value again.
  - A parameter that the engine takes while it runs is set at once, any other with the next restart of the database.
  - M(amazon.aws.rds_instance_param_group) says nothing of parameters in check mode, and never finds one that it is not
    given.
author:
  - The threetier.aws authors (!UNKNOWN)
extends_documentation_fragment:
  - threetier.aws.attributes
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
options:
  name:
    description: The group's name.
    type: str
    required: true
  family:
    description: The engine with its release series, such as V(mysql8.4). It is not changed on a group that is there.
    type: str
    required: true
  description:
    description: What the group is for. It is not changed on a group that is there.
    type: str
    required: true
  parameters:
    description: The values by the parameters' names. A whole number may end in V(K), V(M) or V(G).
    type: dict
    default: {}
  tags:
    description: The group's tags. Others are removed.
    type: dict
    default: {}
"""

EXAMPLES = r"""
- name: Encrypted connections only
  threetier.aws.rds_db_parameter_group:
    name: demo-app-mysql-8-4
    family: mysql8.4
    description: Encrypted connections only
    parameters:
      require_secure_transport: true
"""

RETURN = r"""
parameters:
  description: The parameters that the group sets; in check mode those that it would set.
  type: dict
  returned: always
  sample: {require_secure_transport: "1"}
"""

from typing import Any

from ansible_collections.amazon.aws.plugins.module_utils.exceptions import AnsibleAWSError
from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule
from ansible_collections.amazon.aws.plugins.module_utils.tagging import compare_aws_tags

from ansible_collections.threetier.aws.plugins.module_utils import _desired_and_actual
from ansible_collections.threetier.aws.plugins.module_utils import _errors
from ansible_collections.threetier.aws.plugins.module_utils._rds import common
from ansible_collections.threetier.aws.plugins.module_utils._rds import parameter_groups


def run(module: AnsibleAWSModule) -> dict[str, Any]:
    client, params = module.client("rds"), module.params
    found = parameter_groups.find(client, params["name"])
    fixed = {key: params[key] for key in ("family", "description")}
    before = {**fixed, "parameters": found["parameters"], "tags": found["tags"]} if found else {}
    wanted = {name: parameter_groups.in_words(value) for name, value in params["parameters"].items()}
    after = {**fixed, "parameters": wanted, "tags": params["tags"]}
    if not found and not module.check_mode:
        parameter_groups.create(client, params["name"], params["family"], params["description"], params["tags"])
        found = {"parameters": {}, "tags": params["tags"]}
    if found and found["parameters"] != wanted:
        after["parameters"] = _set_parameters(module, client, found["parameters"])
    if found and found["tags"] != params["tags"] and not module.check_mode:
        common.tag(client, found["arn"], *compare_aws_tags(found["tags"], params["tags"]))
    return dict(changed=before != after, parameters=after["parameters"], diff=dict(before=before, after=after))


def _set_parameters(module: AnsibleAWSModule, client: Any, before: dict[str, str]) -> dict[str, str]:
    """
    Set what differs. The values as RDS writes them, which depends on the parameter's type.

    :raises AnsibleAWSError: for a parameter that the engine does not have, or does not let anybody set.
    """
    name, engine = module.params["name"], parameter_groups.known(client, module.params["name"])
    refused = [one for one in module.params["parameters"] if not engine.get(one, {}).get("IsModifiable")]
    if refused:
        raise AnsibleAWSError(
            message=f"The engine {module.params['family']} has no parameter of this name that can be set: "
            f"{', '.join(sorted(refused))}."
        )
    after = {
        one: parameter_groups.in_words(value, engine[one]["DataType"])
        for one, value in module.params["parameters"].items()
    }
    missing, surplus = _desired_and_actual.missing_and_surplus(before, after)
    if not module.check_mode:
        parameter_groups.set_values(client, name, {one: after[one] for one in missing}, engine)
        parameter_groups.reset(client, name, surplus, engine)
    return after


def main() -> None:
    module = AnsibleAWSModule(
        argument_spec=dict(
            name=dict(required=True),
            family=dict(required=True),
            description=dict(required=True),
            parameters=dict(type="dict", default={}),
            tags=dict(type="dict", default={}),
        ),
        supports_check_mode=True,
    )
    _errors.finish(module, run)


if __name__ == "__main__":
    main()
