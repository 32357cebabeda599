"""The hosts as testinfra sees them, through the bastion and by the same inventory as everything else."""

import json
import os
import subprocess

import pytest
import testinfra

from tests.api import poll

from .conftest import BIN, TOP, run

INVENTORY = str(TOP / "inventories/lab")


@pytest.fixture(scope="module", autouse=True)
def _from_the_checkout(site):
    """testinfra calls `ansible`: the checkout's, with its settings."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(TOP)
        patch.setenv("PATH", f"{BIN}:{os.environ['PATH']}")
        yield


@pytest.fixture(scope="module")
def hosts(stack):
    ids = [instance["InstanceId"] for instance in stack.instances("webapp")]
    return {
        i: testinfra.get_host(f"ansible://{i}?ansible_inventory={INVENTORY}&force_ansible=True", sudo=True) for i in ids
    }


def test_the_application_is_enabled_and_runs_everywhere(hosts):
    for host in hosts.values():
        assert host.check_output("systemctl is-enabled flask-app") == "enabled"
        assert host.check_output("systemctl is-active flask-app") == "active"
        assert host.check_output("systemctl is-active flask-app-front") == "active"


def test_it_runs_as_its_own_user_and_listens_on_5000_only(hosts):
    for host in hosts.values():
        assert host.check_output("ps -o user= -C gunicorn | sort -u") == "flask-app"
        assert host.check_output("ps -o user= -C nginx | sort -u") == "www-data", "the front needs no root"
        listening = host.check_output("ss -Hltn | awk '{print $4}' | sed 's/.*://' | sort -un").split()
        assert listening == ["22", "5000"]


def test_no_password_is_in_its_environment_or_in_any_of_its_files(hosts, stack):
    secrets = stack.client("secretsmanager")
    values = [
        json.loads(secrets.get_secret_value(SecretId=found["ARN"])["SecretString"])["password"]
        for found in secrets.list_secrets()["SecretList"]
    ]
    assert len(values) == 2
    for instance_id in hosts:
        for value in values:
            # the value goes in by standard input, through the lab and not through the shell of a play
            command = "grep -rlFf - /etc /opt /home /var/lib/cloud /var/log 2>/dev/null; true"
            found = _inside(instance_id, command, value)
            assert found == ""


def test_the_units_exposure_is_low(hosts):
    for host in hosts.values():
        for unit in ("flask-app", "flask-app-front"):
            level = host.check_output(f"systemd-analyze security {unit}.service --no-pager | tail -n 1")
            assert float(level.split(":")[1].split()[0]) < 3.0, level


def test_an_instance_that_is_rebooted_comes_back_serving(stack):
    instance_id = stack.instances("webapp")[0]["InstanceId"]
    before = _inside(instance_id, "stat -c %Y /proc/1", "")
    done = run(BIN / "ansible", "-i", "inventories/lab", instance_id, "-b", "-m", "ansible.builtin.reboot")
    assert "CHANGED" in done.output, done.output

    def serving():
        """rebooted and healthy again, the same instance"""
        return (
            _inside(instance_id, "stat -c %Y /proc/1", "") != before and stack.targets().get(instance_id) == "healthy"
        )

    assert poll(serving, deadline=90)
    assert len(stack.instances("webapp")) == 2


def _inside(instance_id: str, command: str, stdin: str) -> str:
    done = subprocess.run(
        [str(BIN / "python"), "-m", "lab", "shell", instance_id, "sh", "-c", command],
        cwd=TOP, input=stdin, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    return done.stdout.strip()
