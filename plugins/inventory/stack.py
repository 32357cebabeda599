# -*- coding: utf-8 -*-
# Copyright: Contributors to threetier.aws
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

DOCUMENTATION = r"""
name: stack
author:
  - The threetier.aws authors (!UNKNOWN)
version_added: 0.2.0
short_description: A stack of threetier.aws, its regions, its instances and its choices
description:
  - Makes a host of each region, named after it and in the group C(regions), on which the playbooks call AWS. It is
    reached by P(threetier.aws.warm_local#connection).
  - Finds the stack's instances with P(amazon.aws.aws_ec2#inventory), names them by their id and groups them by their
    tag C(Role), C(webapp), C(bastion) or C(builder), and all of them as C(aws_ec2). An instance without that tag is in
    C(aws_ec2) only. An instance is the stack's if its tags C(ManagedBy) and C(Stack) say so.
  - Adds what its Auto Scaling group and its target groups say of an instance, as C(fleet_availability_zone),
    C(fleet_group), C(fleet_lifecycle_state), C(fleet_template_version), C(fleet_target_health) and
    C(fleet_target_reason).
  - Gives the group C(all) the choices (C(threetier_*)) with the values of the architecture, or else their defaults, and
    the inputs of roles that follow from them. C(group_vars) win over these.
  - Puts all of these hosts into a group that is named after the inventory's folder, so that C(group_vars/<folder>.yml)
    holds what this inventory chooses.
  - Where its file gives C(access_key), the environment's profile and session token are left out of the run, for boto3
    takes no profile beside keys.
  - Words of C(-e name=value) become numbers, truths and lists where choices, roles and playbooks take such.
  - Uses a YAML file whose name ends with C(threetier.yml) or C(threetier.yaml).
options:
  plugin:
    description: The name of this plugin.
    required: true
    choices: [threetier.aws.stack]
  stack:
    description:
      - The stack's name.
      - A value of C(-e threetier_stack=) wins over it.
    type: str
    default: demo-app
    env:
      - name: THREETIER_STACK
  regions:
    description:
      - The regions of AWS. What exists once in the world, such as roles of IAM, is made from the first.
      - A value of C(-e threetier_region=) wins over it.
    type: list
    elements: str
    default: [us-east-1]
    env:
      - name: THREETIER_REGION
  architecture:
    description:
      - Which architecture gives the values of choices that the inventory does not give.
      - A value of C(-e threetier_architecture=) wins over it.
    type: str
    default: workshop
    env:
      - name: THREETIER_ARCHITECTURE
  no_proxy:
    description:
      - Hosts and domains that are reached without the proxies that the environment names, for they are known on this
        machine only.
    type: list
    elements: str
    default: []
    version_added: 0.2.0
extends_documentation_fragment:
  - inventory_cache
  - amazon.aws.boto3
  - amazon.aws.common.plugins
  - amazon.aws.assume_role.plugins
"""

EXAMPLES = r"""
# inventories/shop/threetier.yml
plugin: threetier.aws.stack
stack: shop
regions: [eu-west-1]
architecture: workshop

# ansible -i inventories/shop webapp -m debug -a var=fleet_target_health
"""

import os
import re
from typing import Any

try:
    import botocore.exceptions
    import botocore.session
except ImportError:
    pass  # amazon.aws.aws_ec2 says that they are missing

from ansible import constants as C
from ansible.errors import AnsibleError
from ansible.inventory.data import InventoryData
from ansible.parsing.dataloader import DataLoader
from ansible.plugins.inventory import BaseInventoryPlugin, Cacheable
from ansible.plugins.loader import connection_loader, inventory_loader
from ansible.template import trust_as_template

from ansible_collections.threetier.aws.plugins.plugin_utils import _choices, _fleet

_ASSUMED = "assume_role_arn"  # modules know no such option: they are given what AWS's own configuration says
_CONNECTION = ("endpoint_url", "access_key", "secret_key", "session_token", "profile", _ASSUMED)
# amazon.aws 11 calls the tags ec2_tags, before it adds the prefix; the name that was made of "tags" is lost on the way.
_TAGS = "(ec2_ec2_tags | default(ec2_tags))"
_OF_OTHER_KEYS = ("AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_SESSION_TOKEN")
_UNKNOWN_REGION = 'threetier_region is "{}", which AWS does not have. Take a region such as us-east-1.'
_NO_CREDENTIALS = (
    "There are no credentials for AWS. Set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or run where "
    "an instance profile gives them. Without an account: `make lab` and the inventory inventories/lab."
)


class InventoryModule(BaseInventoryPlugin, Cacheable):
    NAME = "threetier.aws.stack"

    _data: InventoryData
    _loader: DataLoader

    def verify_file(self, path: str) -> bool:
        return bool(super().verify_file(path)) and path.endswith(("threetier.yml", "threetier.yaml"))

    def parse(self, inventory: InventoryData, loader: DataLoader, path: str, cache: bool = True) -> None:
        super().parse(inventory, loader, path, cache)
        self._data, self._loader = inventory, loader
        given = self._read_options(path)
        extra = self._vars or {}
        stack = str(extra.get("threetier_stack", self.get_option("stack") or "demo-app"))
        regions = _listed(extra.get("threetier_region", self.get_option("regions") or ["us-east-1"]))
        architecture = str(extra.get("threetier_architecture", self.get_option("architecture") or "workshop"))

        self._add_groups(path, regions)
        problems = [_UNKNOWN_REGION.format(region) for region in regions if not _is_region(region)]
        problems += self._set_choices(stack, regions, architecture, given)
        if not problems:
            problems = self._ask_aws(stack, regions, path, cache)
        self._data.set_variable("all", "__threetier_problems", problems)
        _prepare_ssh()

    def _read_options(self, path: str) -> dict[str, Any]:
        """What the file gives, with an environment that does not come between its keys, its endpoint and us."""
        given: dict[str, Any] = self._read_config_data(path)
        if given.get("access_key"):
            for name in _OF_OTHER_KEYS:
                os.environ.pop(name, None)
            given = self._read_config_data(path)  # options come from the environment, too
        if direct := self.get_option("no_proxy"):
            known = os.environ.get("no_proxy") or os.environ.get("NO_PROXY")
            os.environ["no_proxy"] = os.environ["NO_PROXY"] = ",".join([known, *direct] if known else direct)
        return given

    def _add_groups(self, path: str, regions: list[str]) -> None:
        folder = re.sub(r"\W", "_", os.path.basename(os.path.dirname(os.path.abspath(path))))
        top = self._data.add_group(folder if re.match(r"[^\W\d]", folder) else f"_{folder}")
        for name in ("regions", "aws_ec2"):
            self._data.add_child(top, self._data.add_group(name))
        for role in ("bastion", "builder", "webapp"):
            self._data.add_child("aws_ec2", self._data.add_group(role))
        for region in regions:
            self._data.add_host(region, "regions")
            self._data.set_variable(region, "threetier_region", region)
            self._data.set_variable(region, "ansible_connection", "threetier.aws.warm_local")
            self._set_template(region, "ansible_python_interpreter", "{{ ansible_playbook_python }}")

    def _set_choices(self, stack: str, regions: list[str], architecture: str, given: dict[str, Any]) -> list[str]:
        """Set choices and roles' inputs; sentences about what can't be chosen."""
        spec = self._loader.load_from_file(str(_choices.FILE), trusted_as_template=True)
        problems = self._convert_extra(spec)
        chosen = {}
        if architecture in _choices.architectures():
            chosen = self._loader.load_from_file(
                str(_choices.ARCHITECTURES / f"{architecture}.yml"), trusted_as_template=True
            )
        else:
            known = ", ".join(_choices.architectures())
            problems.append(f'threetier_architecture is "{architecture}". Take one of {known}.')
        for name, value in _choices.values(spec, chosen).items():
            self._data.set_variable("all", name, value)
        for name, template in _choices.role_inputs(spec, _choices.inputs_by_role()).items():
            self._set_template("all", name, template)
        connection = {name: self.get_option(name) for name in _CONNECTION if name != _ASSUMED and given.get(name)}
        self._set_template("all", "threetier_aws", connection | {"region": trust_as_template("{{ threetier_region }}")})
        for name, value in {
            "threetier_stack": stack,
            "threetier_region": regions[0],
            "threetier_architecture": architecture,
            # What the inventory was read with, for the check that nobody says otherwise to the playbooks.
            "__threetier_inventory": {"stack": stack, "regions": regions, "architecture": architecture},
            "__threetier_control_path_dir": _control_path_dir(),
        }.items():
            self._data.set_variable("all", name, value)
        return problems

    def _set_template(self, entity: str, name: str, value: Any) -> None:
        trusted = trust_as_template(value) if isinstance(value, str) else value
        self._data.set_variable(entity, name, trusted)

    def _convert_extra(self, spec: _choices.Spec) -> list[str]:
        """Put numbers, truths and lists in place of the words of -e; sentences about those that can't be."""
        if not self._vars:
            return []
        options = spec | _choices.options_of_roles() | _choices.options_of_playbooks()
        return _choices.convert_all(self._vars, options) + _choices.unknown(list(self._vars), list(options))

    def _ask_aws(self, stack: str, regions: list[str], path: str, cache: bool) -> list[str]:
        """
        Add what AWS knows of. Without it the regions are there nevertheless, so that a playbook can say what is wrong.
        """
        try:
            self._add_instances(stack, regions, path, cache)
        except (AnsibleError, botocore.exceptions.ClientError, botocore.exceptions.BotoCoreError) as error:
            missing = "Unable to locate credentials" in str(error)
            problem = _NO_CREDENTIALS if missing else f"The inventory cannot ask AWS for the instances: {error}"
            self.display.warning(problem)
            return [problem]
        return []

    def _add_instances(self, stack: str, regions: list[str], path: str, cache: bool) -> None:
        finder = inventory_loader.get("amazon.aws.aws_ec2")
        options = {name: self.get_option(name) for name in _CONNECTION} | {
            "regions": regions,
            "filters": {
                "tag:ManagedBy": "threetier.aws",
                "tag:Stack": stack,
                "instance-state-name": ["pending", "running"],
            },
            "hostvars_prefix": "ec2_",  # a bare "tags" is a reserved name
            "hostnames": ["instance-id"],  # a name is shared by all members of an Auto Scaling group
            "compose": {
                "ec2_tags": trust_as_template(_TAGS),
                "ansible_host": trust_as_template(
                    "ec2_public_ip_address | default(ec2_private_ip_address, true)"
                    f" if {_TAGS}.Role | default('') == 'bastion' else ec2_private_ip_address"
                ),
                "threetier_region": trust_as_template(
                    "ec2_placement.region | default(ec2_placement.availability_zone | regex_search('^[a-z-]+-[0-9]'))"
                ),
            },
            "keyed_groups": [{"key": trust_as_template(f"{_TAGS}.Role"), "prefix": "", "separator": ""}],
            "strict": False,  # one odd instance must not take the others out of the inventory
        }

        def set_options(_path: str) -> None:
            finder.set_options(direct={name: value for name, value in options.items() if value is not None})
            if finder.get_option("cache"):
                finder.load_cache_plugin()

        finder._read_config_data = set_options  # its options come from ours, and not from a file of its own
        # The path is but the key of its cache: another stack of the same inventory has other instances.
        finder.parse(self._data, self._loader, f"{path} {stack} {' '.join(regions)}", cache)
        if finder.get_option("cache"):
            finder.update_cache_if_changed()
        if any(name.startswith("i-") for name in self._data.hosts):
            self._add_fleet(finder, stack)

    def _add_fleet(self, finder: Any, stack: str) -> None:
        balancing = {region: client for client, region in finder.all_clients("elbv2")}
        for client, region in finder.all_clients("autoscaling"):
            for host, variables in _fleet.variables(client, balancing[region], stack).items():
                if host in self._data.hosts:
                    for name, value in variables.items():
                        self._data.set_variable(host, name, value)


def _listed(value: str | list[str]) -> list[str]:
    """Regions as a list, whether -e, the environment or the file names them."""
    return [part.strip() for part in value.split(",")] if isinstance(value, str) else list(value)


def _is_region(name: str) -> bool:
    """Whether a partition of AWS has regions called so. The SDK knows the pattern, so it takes newer ones as well."""
    try:
        return bool(botocore.session.get_session().get_partition_for_region(name))
    except botocore.exceptions.UnknownRegionError:
        return False


def _prepare_ssh() -> None:
    """Have the folder of sockets, and a shell: ssh runs ProxyCommand by $SHELL, which an account may lack."""
    os.makedirs(_control_path_dir(), mode=0o700, exist_ok=True)
    if os.path.basename(os.environ.get("SHELL", "")) in ("nologin", "false"):
        os.environ["SHELL"] = "/bin/sh"


def _control_path_dir() -> str:
    """Where ssh keeps the sockets of lasting connections; a runner may name one that is not there yet."""
    connection_loader.get("ssh", class_only=True)  # makes its options known
    found = C.config.get_config_value("control_path_dir", plugin_type="connection", plugin_name="ssh")
    return os.path.expanduser(str(found))
