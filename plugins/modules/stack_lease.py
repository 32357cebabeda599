#!/usr/bin/python
# -*- coding: utf-8 -*-
# Copyright: Contributors to threetier.aws
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

DOCUMENTATION = r"""
module: stack_lease
author:
  - The threetier.aws authors (!UNKNOWN)
version_added: 0.2.0
short_description: Lets one run at a time change a stack
description:
  - Takes the lease of a stack in a region, for as long as this C(ansible-playbook) runs. While it is held, another run
    is refused with a sentence that says who holds it and since when.
  - The lease is the parameter C(/threetier/<stack>/lease) of Systems Manager. A standard parameter costs nothing.
  - A small process on the controller renews it every 30 seconds. It watches C(ansible-playbook) and gives the lease
    back as soon as that ends, whether by success, by failure or because it was killed.
  - A lease that has not been renewed for 3 minutes, by AWS's clock, has expired. A lease of a process of this machine
    that is gone is free at once.
  - A run whose lease was broken is interrupted, as by Ctrl-C, at its next renewal.
  - A run that holds the lease may ask for it again; nothing happens then.
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
attributes:
  action:
    description: The action plugin tells the module which process of Ansible runs.
    support: full
  check_mode:
    description: A check changes nothing, so it takes no lease and is not refused.
    support: full
  diff_mode:
    description: The lease is no part of the stack; it is never reported as a change.
    support: none
options:
  stack:
    description: The name of the stack.
    type: str
    required: true
  state:
    description:
      - C(held) takes the lease, or fails.
      - C(absent) deletes the parameter, for the end of a teardown. Only the run that holds the lease may do so.
    type: str
    choices: [held, absent]
    default: held
  who:
    description:
      - Who or which job this is. With the name of the machine it is the holder's name, such as C(ana@laptop).
      - Characters that would have to be quoted on a command line become hyphens.
    type: str
    required: true
  break_holder:
    description:
      - The name of a holder whose run is gone. Its lease is taken over though it has not expired.
      - It has no effect if the lease is free, and it fails if the lease is held under another name.
    type: str
    default: ""
  timeout:
    description: For how many seconds to wait for a lease that somebody else holds.
    type: int
    default: 0
  tags:
    description: The tags that the parameter is created with.
    type: dict
    default: {}
  run:
    description: The process of Ansible. The action plugin sets it.
    type: dict
    suboptions:
      where:
        description: The name of the machine.
        type: str
        required: true
      playbook:
        description: What it runs.
        type: str
        required: true
      machine:
        description: Within what its number is unique.
        type: str
        required: true
      pid:
        description: Its number.
        type: int
        required: true
      started:
        description: When it started, as the kernel counts.
        type: str
        required: true
"""

EXAMPLES = r"""
- name: Take the lease of the stack
  threetier.aws.stack_lease:
    stack: demo-app
    who: "{{ lookup('ansible.builtin.env', 'USER') }}"

- name: Take over from a run that is gone
  threetier.aws.stack_lease:
    stack: demo-app
    who: pipeline-17
    break_holder: ana@laptop
"""

RETURN = r"""
holder:
  description: The name under which this run holds the lease.
  returned: when O(state=held) and not in check mode
  type: str
  sample: ana@laptop
since:
  description: When this run has got it, in ISO 8601, by AWS's clock.
  returned: when O(state=held) and not in check mode
  type: str
  sample: "2026-11-29T12:03:11+00:00"
"""

from typing import Any

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

from ansible_collections.threetier.aws.plugins.module_utils import _errors
from ansible_collections.threetier.aws.plugins.module_utils._lease import entries
from ansible_collections.threetier.aws.plugins.module_utils._lease import keeper
from ansible_collections.threetier.aws.plugins.module_utils._lease import process
from ansible_collections.threetier.aws.plugins.module_utils._lease.parameter import Parameter


def run(module: AnsibleAWSModule) -> dict[str, Any]:
    params = module.params

    def connect() -> Parameter:
        return Parameter(module.client("ssm"), params["stack"], str(module.region), params["tags"])

    if module.check_mode:
        return dict(changed=False)
    told = dict(params["run"])
    ours = entries.Run(holder=entries.holder_name(params["who"], told.pop("where")), **told)
    if params["state"] == "absent":
        connect().remove(ours)
        return dict(changed=False)
    since, fresh = connect().acquire(ours, params["break_holder"], params["timeout"], process.is_alive)
    if fresh:
        keeper.start(connect, ours)
    return dict(changed=False, holder=ours.holder, since=since)


def main() -> None:
    module = AnsibleAWSModule(
        argument_spec=dict(
            stack=dict(required=True),
            state=dict(choices=["held", "absent"], default="held"),
            who=dict(required=True),
            break_holder=dict(default=""),
            timeout=dict(type="int", default=0),
            tags=dict(type="dict", default={}),
            run=dict(
                type="dict",
                options=dict(
                    where=dict(required=True),
                    playbook=dict(required=True),
                    machine=dict(required=True),
                    pid=dict(type="int", required=True),
                    started=dict(required=True),
                ),
            ),
        ),
        supports_check_mode=True,
    )
    _errors.finish(module, run)


if __name__ == "__main__":
    main()
