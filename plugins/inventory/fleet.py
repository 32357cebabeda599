# -*- coding: utf-8 -*-
# Copyright: Contributors to threetier.aws
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

DOCUMENTATION = r"""
name: fleet
author:
  - The threetier.aws authors (!UNKNOWN)
version_added: 0.2.0
short_description: What Auto Scaling and the load balancer say of hosts that are in the inventory already
description:
  - P(amazon.aws.aws_ec2#inventory) knows what EC2 says of an instance, but not what its Auto Scaling group and its
    target groups do. This adds that to hosts that are named by their instance id.
  - It adds no hosts, so its file has to be read after the one of P(amazon.aws.aws_ec2#inventory), which is to say that
    its name has to sort after it.
  - Uses a YAML file whose name ends with C(fleet.yml) or C(fleet.yaml).
  - A host gets the variables C(fleet_availability_zone), C(fleet_group), C(fleet_lifecycle_state),
    C(fleet_template_version), C(fleet_target_health) and C(fleet_target_reason).
options:
  plugin:
    description: The name of this plugin.
    required: true
    choices: [threetier.aws.fleet]
  stack:
    description: The value of the tag C(Stack) of the groups to look at. It may be a template.
    type: str
    required: true
  regions:
    description: The regions to look in.
    type: list
    elements: str
    default: []
extends_documentation_fragment:
  - amazon.aws.boto3
  - amazon.aws.common.plugins
  - amazon.aws.region.plugins
  - amazon.aws.assume_role.plugins
"""

EXAMPLES = r"""
# inventories/production/fleet.yml
plugin: threetier.aws.fleet
regions: [us-east-1]
stack: demo-app

# ansible -i inventories/production webapp -m debug -a var=fleet_target_health
"""

try:
    import botocore.exceptions
except ImportError:
    pass  # will be captured by imported HAS_BOTO3

from ansible.errors import AnsibleError
from ansible_collections.amazon.aws.plugins.plugin_utils.inventory import AWSInventoryBase

from ansible_collections.threetier.aws.plugins.module_utils import _fleet


class InventoryModule(AWSInventoryBase):
    NAME = "threetier.aws.fleet"
    INVENTORY_FILE_SUFFIXES = ("fleet.yml", "fleet.yaml")

    def parse(self, inventory, loader, path, cache=True):
        super().parse(inventory, loader, path, cache=cache)
        if not any(name.startswith("i-") for name in inventory.hosts):
            return
        stack = self.get_option("stack")
        if self.templar.is_template(stack):
            stack = self.templar.template(stack)
        balancing = {region: client for client, region in self.all_clients("elbv2")}
        try:
            for client, region in self.all_clients("autoscaling"):
                for host, variables in _fleet.variables(client, balancing[region], stack).items():
                    if host in inventory.hosts:
                        for name, value in variables.items():
                            inventory.set_variable(host, name, value)
        except (botocore.exceptions.ClientError, botocore.exceptions.BotoCoreError) as error:
            raise AnsibleError(f"What Auto Scaling and the load balancer say cannot be read: {error}") from error
