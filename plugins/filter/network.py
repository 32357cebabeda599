# -*- coding: utf-8 -*-
# Copyright: Contributors to threetier.aws
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
"""Filters for the network of a stack, each documented in its own file beside this one."""

from __future__ import annotations

from typing import Any
from typing import Callable
from typing import Iterable

from ansible.errors import AnsibleFilterError

from ansible_collections.threetier.aws.plugins.module_utils import _availability_zones
from ansible_collections.threetier.aws.plugins.module_utils import _network
from ansible_collections.threetier.aws.plugins.module_utils import _network_acls


def network_outputs(
    vpcs: list[dict[str, Any]],
    subnets: list[dict[str, Any]],
    groups: list[dict[str, Any]],
    nat_gateways: list[dict[str, Any]],
    stack: str,
    planned: bool = False,
) -> dict[str, Any]:
    try:
        return _network.outputs(vpcs, subnets, groups, nat_gateways, stack, planned)
    except ValueError as error:
        raise AnsibleFilterError(str(error)) from error


def network_problems(
    vpc: str, zones: Iterable[str], public: Iterable[str], private: Iterable[str], admins: Iterable[str] = ()
) -> list[str]:
    return _network.problems(vpc, list(zones), list(public), list(private), list(admins))


class FilterModule:
    def filters(self) -> dict[str, Callable[..., Any]]:
        return {
            "network_acl_foreign": _network_acls.foreign,
            "network_acl_plan": _network_acls.plan,
            "network_acl_problems": _network_acls.problems,
            "network_acl_state": _network_acls.state,
            "network_conflicts": _network.conflicts,
            "network_outputs": network_outputs,
            "network_plan": _network.plan,
            "network_problems": network_problems,
            "network_zone_problems": _availability_zones.problems,
            "network_zones": _availability_zones.choose,
        }
