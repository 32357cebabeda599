#!/usr/bin/python
# -*- coding: utf-8 -*-
# Copyright: Contributors to threetier.aws
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: resourcegroupstaggingapi_resource_info
version_added: 0.1.0
short_description: Find every resource that carries certain tags, in all services
description:
  - Asks each service for its resources with the tags, and the Resource Groups Tagging API for types not listed.
  - Unlike the tagging API alone it knows Auto Scaling groups and IAM, and does not show what was deleted lately.
  - Nothing is left out silently; a service that can't be asked is an error.
author:
  - The threetier.aws authors (!UNKNOWN)
extends_documentation_fragment:
  - threetier.aws.attributes.info
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
options:
  tags:
    description: The tags, all of which a resource must carry. At least one.
    type: dict
    required: true
  listings:
    description: How the types to look for are listed, as P(threetier.aws.resource_kinds#lookup) returns it.
    type: list
    elements: dict
    required: true
    version_added: 0.2.0
    suboptions:
      type:
        description: Service and kind, as in an ARN, such as V(ec2:vpc).
        type: str
        required: true
      service:
        description: The service, as boto3 names it.
        type: str
        required: true
      operation:
        description: What lists the resources, as boto3 names it.
        type: str
        required: true
      params:
        description: Its arguments.
        type: dict
      path:
        description: Where in the answer the resources are, in JMESPath.
        type: str
        required: true
      id:
        description: The key of what identifies a resource.
        type: str
        required: true
      tags:
        description:
          - The key of a resource's tags, V(Tags) by default; or, as a dictionary, how they are read in a second call,
            or the path (C(texts)) of texts such as C(Stack=demo-app) that stand for them, or of one text in which
            blanks part them.
        type: raw
      within:
        description:
          - What is listed first, where each call lists what is in one of these, such as the records of a hosted zone.
            C(operation), C(path) of what its C(argument) takes.
        type: dict
      prefix:
        description: What ids begin with in the listing that no call takes.
        type: str
      also:
        description: Further keys that are returned as a resource's RV(resources[].properties), in snake case.
        type: list
        elements: str
      properties:
        description: Further properties, by name, and where in the listing's answer they are, in JMESPath.
        type: dict
      ask:
        description:
          - Further properties that take a call of their own, by name. C(operation), its C(argument), the key C(of) the
            resource that is given for it, further C(params), C(path) in the answer.
        type: dict
      anywhere:
        description:
          - Whether the resources are listed in every region, as buckets and roles are. Those of another region (by a
            property or tag C(Region)) are returned as RV(elsewhere).
        type: bool
        default: false
      edge:
        description:
          - Whether the region from which CloudFront takes certificates and web ACLs may have some as well. The tag
            C(Region) of one that has it says which region made it.
        type: bool
        default: false
      edge_only:
        description: Whether that region alone has some, as of web ACLs of scope CLOUDFRONT.
        type: bool
        default: false
      holds:
        description:
          - Where in a resource of somebody else the ids of those are that cannot be deleted before it, in JMESPath.
        type: str
      names:
        description:
          - Names (or shell patterns of names) of resources that are found as well, as long as they carry none of the
            keys in O(tags). Some services are told of a resource's tags in a second call, and a run may be cut off
            between the two; others make resources that nobody has tagged, such as log groups.
        type: list
        elements: str
  unlisted:
    description: Whether the Resource Groups Tagging API is asked for resources of other types as well.
    type: bool
    default: false
    version_added: 0.2.0
"""

EXAMPLES = r"""
- name: Find all that belongs to a stack
  threetier.aws.resourcegroupstaggingapi_resource_info:
    tags:
      Stack: demo-app
    listings: "{{ query('threetier.aws.resource_kinds', stack='demo-app') }}"
    unlisted: true
  register: found

- name: Show its VPCs
  ansible.builtin.debug:
    msg: "{{ found['ids']['ec2:vpc'] }}"
"""

RETURN = r"""
resources:
  description: The resources, in no special order.
  type: list
  elements: dict
  returned: always
  contains:
    type:
      description: Service and kind, as in an ARN.
      type: str
      sample: ec2:vpc
    id:
      description: What modules take to name it; an id, a name, or an ARN where the service has nothing else.
      type: str
      sample: vpc-0123456789abcdef0
    tags:
      description: All its tags.
      type: dict
    properties:
      description: What its removal has to know of it, such as a subnet's VPC and a database's status.
      type: dict
      sample: {vpc_id: vpc-0123456789abcdef0, cidr_block: 10.0.1.0/24}
    region:
      description: The region it is in. Null if it is listed everywhere and nothing says which region made it.
      type: str
elsewhere:
  description: Resources with the tags that another region made, like RV(resources).
  type: list
  elements: dict
  returned: always
in_the_way:
  description: Resources of others that keep some of RV(resources) from being deleted.
  type: list
  elements: dict
  returned: always
  contains:
    type:
      description: Service and kind.
      type: str
    id:
      description: What identifies it.
      type: str
    tags:
      description: All its tags.
      type: dict
    holds:
      description: The ids of those that it keeps.
      type: list
      elements: str
ids:
  description: The ids by type. Every type listed is there, most of them with an empty list.
  type: dict
  returned: always
"""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

from ansible_collections.threetier.aws.plugins.module_utils import _errors
from ansible_collections.threetier.aws.plugins.module_utils import _tagged_resources
from ansible_collections.threetier.aws.plugins.module_utils._cloudfront import partitions


def run(module: AnsibleAWSModule) -> dict[str, Any]:
    wanted = {key: str(value) for key, value in module.params["tags"].items()}
    listings = [_tagged_resources.listing(said) for said in module.params["listings"]]
    types = {listing.type for listing in listings}
    tagging = module.client("resourcegroupstaggingapi")
    region = tagging.meta.region_name
    home = partitions.home(region)
    places = {listing.type: _places(listing, region, home) for listing in listings}
    clients = {
        place: {service: module.client(service, region=place) for service in _services(listings, places, place)}
        for place in {place for asked in places.values() for place in asked}
    }
    # Dozens of questions to services that know nothing of each other
    with ThreadPoolExecutor(max_workers=8) as side_by_side:
        answers = [
            side_by_side.submit(_tagged_resources.listed, clients[place], listing, wanted, region)
            for listing in listings
            for place in sorted(places[listing.type])
        ]
        if module.params["unlisted"]:
            answers.append(side_by_side.submit(_tagged_resources.unlisted, tagging, wanted, types))
        found = [answer.result() for answer in answers]
    resources = [resource for one in found for resource in one.resources]
    ids: dict[str, list[str]] = {kind: [] for kind in sorted(types)}
    for resource in resources:
        ids.setdefault(resource["type"], []).append(resource["id"])
    return dict(
        changed=False,
        resources=resources,
        ids=ids,
        elsewhere=[resource for one in found for resource in one.elsewhere],
        in_the_way=list(_tagged_resources.in_the_way(found)),
    )


def _places(listing: _tagged_resources.Listing, region: str, home: str) -> set[str]:
    """The regions in which a listing is asked. :param home: the one of CloudFront; empty where there is none."""
    if listing.edge_only:
        return {home} - {""}
    return {region, home or region} if listing.edge else {region}


def _services(listings: list[_tagged_resources.Listing], places: dict[str, set[str]], place: str) -> set[str]:
    """Those that are asked in a region."""
    asked = [listing for listing in listings if place in places[listing.type]]
    return {service for listing in asked for service in _tagged_resources.services(listing)}


def main() -> None:
    text = dict(type="str", required=True)
    listing = dict(type=text, service=text, operation=text, path=text, id=text)
    listing |= {key: dict(type="dict") for key in ("params", "properties", "ask", "within")}
    listing |= {key: dict(type="list", elements="str") for key in ("also", "names")}
    listing |= dict(
        tags=dict(type="raw"),
        anywhere=dict(type="bool", default=False),
        edge=dict(type="bool", default=False),
        edge_only=dict(type="bool", default=False),
        holds=dict(type="str"),
        prefix=dict(type="str"),
    )
    module = AnsibleAWSModule(
        argument_spec=dict(
            tags=dict(type="dict", required=True),
            listings=dict(type="list", elements="dict", required=True, options=listing),
            unlisted=dict(type="bool", default=False),
        ),
        supports_check_mode=True,
    )
    if not module.params["tags"]:
        module.fail_json(msg="tags is empty: every resource of the account would be meant.")
    _errors.finish(module, run)


if __name__ == "__main__":
    main()
