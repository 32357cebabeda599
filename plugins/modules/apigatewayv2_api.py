#!/usr/bin/python
# -*- coding: utf-8 -*-
# Copyright: Contributors to threetier.aws
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: apigatewayv2_api
version_added: 0.2.0
short_description: Create, change or delete an HTTP API of API Gateway
description:
  - Creates, changes or deletes an HTTP API that hands requests to functions, with its routes, its integrations and its
    stage C($default), to which every change is deployed by itself. It is known by its name.
  - A route that O(routes) does not name goes, and so does an integration that no route has.
  - Who may call a function is said by the function, see M(threetier.aws.lambda_permissions).
author:
  - The threetier.aws authors (!UNKNOWN)
extends_documentation_fragment:
  - threetier.aws.attributes
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.tags
  - amazon.aws.boto3
options:
  name:
    description: The name. API Gateway takes a name twice; this module refuses to go on then.
    type: str
    required: true
  description:
    description: What it is for.
    type: str
    default: ""
  cors:
    description: What pages of other origins may do. API Gateway then answers their browsers itself. Empty for nothing.
    type: dict
    default: {}
    suboptions:
      allow_origins:
        description: The origins, such as V(https://www.example.com).
        type: list
        elements: str
      allow_methods:
        description: The methods.
        type: list
        elements: str
      allow_headers:
        description: Headers that their requests may have.
        type: list
        elements: str
      expose_headers:
        description: Headers of answers that they may read.
        type: list
        elements: str
      max_age:
        description: For how many seconds a browser need not ask again.
        type: int
      allow_credentials:
        description: Whether requests may carry cookies.
        type: bool
  disable_execute_api_endpoint:
    description: Whether it answers under custom domain names alone, see M(threetier.aws.apigatewayv2_domain_name).
    type: bool
    default: false
  routes:
    description: What is handed to which function. Needed unless O(state=absent).
    type: list
    elements: dict
    suboptions:
      route_key:
        description: Method and path, such as V(GET /users/{id}) or V(ANY /files/{path+}), or V($default).
        type: str
        required: true
      function_arn:
        description: The ARN of the function, which gets events of payload format 2.0.
        type: str
        required: true
      authorization_type:
        description:
          - Who may call it. V(AWS_IAM) asks for a signature, by somebody whose policies allow C(execute-api:Invoke).
          - V(NONE) is everybody.
        type: str
        choices: [NONE, AWS_IAM]
        default: AWS_IAM
  access_log_arn:
    description: The ARN of the log group that each request is written to, without C(:*) at its end. Empty for no log.
    type: str
    default: ""
  access_log_format:
    description: The line for each request, with variables of C($context).
    type: str
    default: >-
      {"time":"$context.requestTime","request":"$context.requestId","client":"$context.identity.sourceIp",
      "caller":"$context.identity.caller","route":"$context.routeKey","status":"$context.status",
      "bytes":"$context.responseLength","milliseconds":"$context.responseLatency",
      "error":"$context.integrationErrorMessage"}
  throttling_rate_limit:
    description: How many requests a second each route takes in the long run. That of the account if not given.
    type: float
  throttling_burst_limit:
    description: How many requests each route takes at once. That of the account if not given.
    type: int
  state:
    description: Whether it is there.
    type: str
    choices: [present, absent]
    default: present
"""

EXAMPLES = r"""
- name: Answer GET /reports/daily by a function, to who may ask
  threetier.aws.apigatewayv2_api:
    name: demo-app-reports
    routes:
      - route_key: GET /reports/daily
        function_arn: arn:aws:lambda:us-east-1:123456789012:function:demo-app-daily-report-lambda
    access_log_arn: arn:aws:logs:us-east-1:123456789012:log-group:/aws/apigateway/demo-app-reports
    throttling_rate_limit: 5
    throttling_burst_limit: 10

- name: Delete it
  threetier.aws.apigatewayv2_api:
    name: demo-app-reports
    state: absent
"""

RETURN = r"""
api:
  description: The API; in check mode as it was found; empty if it is not there.
  type: dict
  returned: always
  contains:
    id:
      description: The id.
      type: str
      sample: a1b2c3d4e5
    endpoint:
      description: Its own address.
      type: str
      sample: https://a1b2c3d4e5.execute-api.us-east-1.amazonaws.com
    tags:
      description: The tags.
      type: dict
"""

from typing import Any

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

from ansible_collections.threetier.aws.plugins.module_utils import _errors
from ansible_collections.threetier.aws.plugins.module_utils import _tags
from ansible_collections.threetier.aws.plugins.module_utils._apigatewayv2 import apis
from ansible_collections.threetier.aws.plugins.module_utils._apigatewayv2 import tags

_LOG_FORMAT = (
    '{"time":"$context.requestTime","request":"$context.requestId","client":"$context.identity.sourceIp", '
    '"caller":"$context.identity.caller","route":"$context.routeKey","status":"$context.status", '
    '"bytes":"$context.responseLength","milliseconds":"$context.responseLatency", '
    '"error":"$context.integrationErrorMessage"}'
)


def present(module: AnsibleAWSModule) -> dict[str, Any]:
    client, params = module.client("apigatewayv2"), module.params
    api = apis.find(client, params["name"])
    have = apis.state(client, api)
    want = dict(wanted(params, have), tags=_tags.wanted(params, have.get("tags", {})))
    if have != want and not module.check_mode:
        if api:
            tags.apply(client, f"apis/{api['ApiId']}", have["tags"], want["tags"])
        api = dict(apis.apply(client, params["name"], api, have, want), Tags=want["tags"])
    return dict(changed=have != want, api=described(api), diff=dict(before=have, after=want))


def absent(module: AnsibleAWSModule) -> dict[str, Any]:
    client = module.client("apigatewayv2")
    api = apis.find(client, module.params["name"])
    have = apis.state(client, api)
    if api and not module.check_mode:
        apis.delete(client, api["ApiId"])
    return dict(changed=bool(api), api={}, diff=dict(before=have, after={}))


def wanted(params: dict[str, Any], have: apis.State) -> apis.State:
    """What the options ask for; limits that they leave out stay what they are."""
    log, stage = params["access_log_arn"], have.get("stage") or {}
    limits = ("throttling_burst_limit", "throttling_rate_limit")
    return dict(
        description=params["description"],
        cors={key: value for key, value in params["cors"].items() if value},
        disable_execute_api_endpoint=params["disable_execute_api_endpoint"],
        routes={
            route["route_key"]: {key: route[key] for key in ("function_arn", "authorization_type")}
            for route in params["routes"]
        },
        stage=dict(
            access_log_arn=log,
            access_log_format=params["access_log_format"] if log else "",
            **{key: stage.get(key) if params[key] is None else params[key] for key in limits},
        ),
    )


def described(api: dict[str, Any]) -> dict[str, Any]:
    return dict(id=api["ApiId"], endpoint=api["ApiEndpoint"], tags=api.get("Tags") or {}) if api else {}


def argument_spec() -> dict[str, Any]:
    cors = {f"{key}s": dict(type="list", elements="str") for key in ("allow_origin", "allow_method", "allow_header")}
    return dict(
        name=dict(required=True),
        description=dict(default=""),
        cors=dict(
            type="dict",
            default={},
            options=dict(
                **cors,
                expose_headers=dict(type="list", elements="str"),
                max_age=dict(type="int"),
                allow_credentials=dict(type="bool"),
            ),
        ),
        disable_execute_api_endpoint=dict(type="bool", default=False),
        routes=dict(
            type="list",
            elements="dict",
            options=dict(
                route_key=dict(required=True, no_log=False),
                function_arn=dict(required=True),
                authorization_type=dict(choices=["NONE", "AWS_IAM"], default="AWS_IAM"),
            ),
        ),
        access_log_arn=dict(default=""),
        access_log_format=dict(default=_LOG_FORMAT),
        throttling_rate_limit=dict(type="float"),
        throttling_burst_limit=dict(type="int"),
        state=dict(choices=["present", "absent"], default="present"),
        tags=dict(type="dict", aliases=["resource_tags"]),
        purge_tags=dict(type="bool", default=True),
    )


def main() -> None:
    module = AnsibleAWSModule(
        argument_spec=argument_spec(), required_if=[("state", "present", ["routes"])], supports_check_mode=True
    )
    _errors.finish(module, present if module.params["state"] == "present" else absent)


if __name__ == "__main__":
    main()
