"""Two commands do all the set-up there is, and the second time there is nothing left to do."""

import json
import socket
import subprocess

import requests

from tests import iam
from tests.api import poll

from .conftest import BIN, TOP, run


def test_make_site_builds_everything_from_nothing(site):
    assert site.total("failed") == 0
    assert site.total("unreachable") == 0
    assert site.total("changed") > 0


def test_the_operators_policies_allow_all_that_site_asks_for(site):
    """docs/policies without those to remove and to restore."""
    policies = [policy for name, policy in iam.operator().items() if name not in ("teardown", "restore")]
    assert len(site.calls) > 100
    assert iam.needed(site.calls) - iam.allowed(policies) == set()


def test_it_ends_with_the_addresses_a_person_needs(site, stack):
    for wanted in (stack.page, stack.api, stack.instances("bastion")[0]["PublicIpAddress"]):
        assert wanted in site.output


def test_the_second_run_changes_nothing(site, figures):
    again = run("make", "site")
    figures["seconds of the second make site"] = round(again.seconds, 1)
    assert again.code == 0, again.why()
    assert (again.total("changed"), again.total("failed")) == (0, 0), again.why("changed")


def test_the_api_answers_from_both_instances_in_turn(stack):
    """With one of two machines held still the other answers, so each of them is behind the balancer."""
    expected = {"status": "ok", "message": "Service is healthy"}
    assert len(stack.healthy()) == 2
    served = {}
    for instance in stack.instances("webapp"):
        served[instance["InstanceId"]] = _requests_served(instance["InstanceId"])
    for _ in range(10):
        answer = requests.get(stack.api, timeout=5)
        assert (answer.status_code, answer.json()) == (200, expected)

    def each_served_more():
        """the journal of each instance shows requests"""
        return all(_requests_served(instance_id) > before for instance_id, before in served.items())

    poll(each_served_more, deadline=10)


def test_every_host_answers_ansible_through_the_bastion(site, stack):
    pinged = run(BIN / "ansible", "-i", "inventories/lab", "all", "-m", "ansible.builtin.ping")
    assert pinged.code == 0, pinged.output
    for instance in (*stack.instances("webapp"), *stack.instances("bastion")):
        assert f"{instance['InstanceId']} | SUCCESS" in pinged.output


def test_the_private_key_is_on_no_machine_but_this_one(stack):
    key = (TOP / "inventories/lab/.ssh/demo-app").read_text().splitlines()[3]  # the lines before are alike in all keys
    for instance in (*stack.instances("webapp"), *stack.instances("bastion")):
        found = run(
            BIN / "python", "-m", "lab", "shell", instance["InstanceId"], "grep", "-rlF", key, "/home", "/root", "/etc"
        )
        assert found.output.strip() == ""


def test_no_password_is_in_what_site_printed(site, stack):
    secrets = stack.client("secretsmanager")
    for secret in secrets.list_secrets()["SecretList"]:
        value = secrets.get_secret_value(SecretId=secret["ARN"])["SecretString"]
        assert json.loads(value)["password"] not in site.output


def test_only_the_balancer_and_the_bastion_answer_from_outside(stack):
    bastion = stack.instances("bastion")[0]["PublicIpAddress"]
    addresses = {address[4][0] for address in socket.getaddrinfo(stack.balancer["DNSName"], 80)}
    assert _open_ports(bastion) == {22}
    for address in addresses:
        assert _open_ports(address) == {80}
    gateways = stack.client("ec2").describe_nat_gateways()["NatGateways"]
    for gateway in gateways:
        if gateway["State"] == "available":
            assert _open_ports(gateway["NatGatewayAddresses"][0]["PublicIp"]) == set()


def test_the_bastion_reaches_port_22_of_the_instances_and_nothing_of_the_database(stack):
    bastion = stack.instances("bastion")[0]["InstanceId"]
    for instance in stack.instances("webapp"):
        assert _open_ports(instance["PrivateIpAddress"], bastion) == {22}
    assert _open_ports(_database_address(stack), bastion) == set()


def test_an_instance_reaches_port_3306_of_the_database_and_nothing_else(stack):
    first, second = stack.instances("webapp")
    assert _open_ports(_database_address(stack), first["InstanceId"]) == {3306}
    assert _open_ports(second["PrivateIpAddress"], first["InstanceId"]) == set()


def _database_address(stack):
    return socket.gethostbyname(stack.database["Endpoint"]["Address"])


def _open_ports(address: str, seen_from: str | None = None) -> set[int]:
    """All of 1 to 65535, from this machine or from where an instance stands."""
    inside = ["ip", "netns", "exec", f"t3lab-{seen_from}"] if seen_from else []
    scan = [
        "nmap",
        "-n",
        "-Pn",
        "-sS",
        "-p1-65535",
        "-T5",
        "--min-rate",
        "15000",
        "--max-retries",
        "1",
        "-oG",
        "-",
        address,
    ]
    done = subprocess.run([*inside, *scan], capture_output=True, text=True, timeout=180, check=True)
    assert "Status: Up" in done.stdout, done.stdout
    line = next((line for line in done.stdout.splitlines() if "Ports:" in line), "")
    return {int(entry.strip().split("/")[0]) for entry in line.partition("Ports: ")[2].split(",") if "/open/" in entry}


def _requests_served(instance_id: str) -> int:
    command = ("journalctl", "-u", "flask-app", "--no-pager", "-o", "cat")
    done = run(BIN / "python", "-m", "lab", "shell", instance_id, *command)
    return sum('"/"' in line for line in done.output.splitlines())
