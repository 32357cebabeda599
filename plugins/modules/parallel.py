#!/usr/bin/python
# -*- coding: utf-8 -*-
# Copyright: Contributors to threetier.aws
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
"""The documentation of an action plugin, plugins/action/parallel.py."""

from __future__ import annotations

DOCUMENTATION = r"""
module: parallel
version_added: 0.2.0
short_description: Run tasks that do not depend on each other at the same time
description:
  - Runs the tasks in O(tasks), and all items of their loops, side by side on one host, where Ansible would run them one
    by one.
  - Each is run by Ansible's own code, so results, conditions, loops, C(register), C(no_log), C(module_defaults), check
    mode and diffs are what they are in a play. Callbacks are told of each as of an item of a loop, in the order in
    which they are written.
  - All are run, also if one fails. Then the task fails, and its message names all that failed, each with its reason.
  - Side by side they run over the connection P(threetier.aws.warm_local#connection), as far as they are modules of
    C(amazon.aws), C(community.aws) or C(threetier.aws). Everything else runs one by one, with the same results.
  - No task may need what another one makes or registers.
author:
  - The threetier.aws authors (!UNKNOWN)
attributes:
  check_mode:
    description: Can run in C(check_mode) and return changed status without modifying the target.
    support: full
    details: As far as each of the modules does.
  diff_mode:
    description: Will return details on what has changed, or would change in C(check_mode), when in diff mode.
    support: full
    details: As far as each of the modules does.
options:
  tasks:
    description:
      - Tasks as in a play, with the module's full name. All are checked before the first one runs.
      - Of the keywords of a task they take C(name), C(args), C(vars), C(when), C(loop), C(loop_control) with C(label)
        and C(loop_var), C(register), C(changed_when), C(failed_when), C(ignore_errors), C(no_log), C(check_mode),
        C(diff), C(environment) and C(module_defaults).
      - What of C(ansible.builtin) has an action plugin of its own, such as M(ansible.builtin.set_fact), is refused, for
        much of that acts on the controller when its task is over.
      - Keywords of the task around them that say how to run, such as C(no_log), C(check_mode), C(environment),
        C(module_defaults) and C(delegate_to), hold for all of them. C(timeout) is for all together. C(until) repeats
        all. C(async) and C(become) are refused.
    type: list
    elements: dict
    required: true
  throttle:
    description:
      - How many may run at a time, at least 1.
      - Each makes its calls one after the other, so this limits the calls under way as well. What AWS throttles is
        tried again by the modules.
    type: int
    default: 10
seealso:
  - plugin: threetier.aws.warm_local
    plugin_type: connection
"""

EXAMPLES = r"""
# One module over a list. The outer result is that of a loop: created['results'] has one for each subnet, in order.
- name: Create the subnets
  threetier.aws.parallel:
    tasks:
      - name: Create a subnet
        amazon.aws.ec2_vpc_subnet:
          vpc_id: "{{ vpc_id }}"
          cidr: "{{ item['cidr'] }}"
          az: "{{ item['zone'] }}"
        loop: "{{ subnets }}"
        loop_control:
          label: "{{ item['cidr'] }}"
  register: created

# Several tasks that do not depend on each other.
- name: Look at the network
  threetier.aws.parallel:
    tasks:
      - name: Look at the VPC
        amazon.aws.ec2_vpc_net_info:
          filters:
            tag:Stack: demo-app
        register: vpcs
      - name: Look at the NAT gateways
        amazon.aws.ec2_vpc_nat_gateway_info:
          filters:
            tag:Stack: demo-app
        register: gateways
        when: nat_gateways
  register: network

- name: Show what was found
  ansible.builtin.debug:
    msg: "{{ network['registered']['vpcs']['vpcs'] }}"

# Fifty buckets, four at a time.
- name: Block public access to the buckets
  threetier.aws.parallel:
    throttle: 4
    tasks:
      - name: Block public access
        amazon.aws.s3_bucket:
          name: "{{ item }}"
          public_access:
            block_public_acls: true
            block_public_policy: true
            ignore_public_acls: true
            restrict_public_buckets: true
        loop: "{{ buckets }}"
"""

RETURN = r"""
results:
  description: What each task and each item of a loop returned, in the order in which they are written.
  type: list
  elements: dict
  returned: always
registered:
  description:
    - By the word that a task of O(tasks) has in C(register), what it would have registered as a task of a play.
    - Of a loop it is the result of the whole loop.
  type: dict
  returned: always
  sample:
    vpcs:
      changed: false
      failed: false
      vpcs: []
"""
