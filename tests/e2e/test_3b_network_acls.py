"""Network ACLs come and go under a site that serves, and what they deny does not pass."""

import json

import requests

from tests.api import poll

from .conftest import BIN, Run, playbook, run
from .load import Load


def test_acls_may_be_switched_on_and_off_while_the_site_serves(stack, figures):
    """On: administrators, the database and AWS's API are reached as before. What is denied by hand is not."""
    with Load(stack.api, rate=10) as load:
        on = _network(acls=True)
        assert on.code == 0, on.why()
        ec2 = stack.client("ec2")
        mine = [{"Name": "tag:Stack", "Values": [stack.name]}]
        acls = {
            next(tag["Value"] for tag in acl["Tags"] if tag["Key"] == "Name"): acl
            for acl in ec2.describe_network_acls(Filters=mine)["NetworkAcls"]
        }
        assert {name: len(acl["Associations"]) for name, acl in acls.items()} == {
            f"{stack.name}-public-acl": 3,
            f"{stack.name}-private-acl": 3,
        }
        assert _reach_the_api().output.count("SUCCESS") == 2
        assert requests.get(f"{stack.api}/fetch", timeout=10).status_code == 200

        rule = {"NetworkAclId": acls[f"{stack.name}-private-acl"]["NetworkAclId"], "RuleNumber": 90, "Egress": True}
        ports = {"From": 4566, "To": 4566}
        ec2.create_network_acl_entry(
            **rule, Protocol="6", RuleAction="deny", CidrBlock="198.51.100.1/32", PortRange=ports
        )

        def denied():
            """neither instance reaches the API"""
            return _reach_the_api().output.count("FAILED!") == 2

        poll(denied, deadline=30)
        plan = _network("--check", acls=True)
        assert "90 deny tcp 4566 to 198.51.100.1/32" in plan.output, plan.output
        assert _network(acls=True).total("changed") == 1
        assert _reach_the_api().output.count("SUCCESS") == 2

        off = _network(acls=False)
        assert off.code == 0, off.why()
    assert ec2.describe_network_acls(Filters=mine)["NetworkAcls"] == []
    figures["requests while network ACLs came and went"] = str(load)
    assert load.failed() == []


def _reach_the_api() -> Run:
    """From each instance of the fleet."""
    url = "url=http://198.51.100.1:4566/lab/ca.pem timeout=3"
    return run(BIN / "ansible", "-i", "inventories/lab", "webapp", "-m", "ansible.builtin.uri", "-a", url)


def _network(*arguments: str, acls: bool) -> Run:
    choices = json.dumps({"threetier_network_acls": acls})
    return playbook("network", "-e", choices, *arguments)
