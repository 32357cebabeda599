"""Guests really boot: what an instance and an image rest on."""

import time

import pytest

from lab import config, images, netns
from lab.machine import Machine

SPACE = "t3test-guest"


@pytest.fixture
def make(tmp_path, monkeypatch):
    """Machines under a directory of the test's own, destroyed at its end."""
    monkeypatch.setattr(config, "MACHINES", tmp_path / "machines")
    made = []

    def _make(name, layers):
        machine = Machine(name, SPACE, layers)
        made.append(machine)
        return machine

    netns.add(SPACE)
    yield _make
    for machine in made:
        machine.destroy()
    netns.delete(SPACE)


@pytest.fixture(scope="session")
def base():
    return images.base().build()


def test_a_guest_boots_runs_commands_and_powers_off(make, base):
    machine = make("i-one", [base])
    boot(machine)
    assert (
        machine.run(["sh", "-c", "systemctl start systemd-journald && systemctl is-active systemd-journald"]).stdout
        == "active\n"
    )
    machine.stop()
    assert machine.pid is None
    assert machine.exit_code == 0


def test_what_a_guest_writes_is_in_the_image_made_from_it_and_not_in_the_image_it_came_from(make, base, tmp_path):
    first = make("i-first", [base])
    boot(first)
    first.run(["sh", "-c", "echo kept > /etc/kept; rm /etc/pip.conf"])
    first.stop()
    layers = first.freeze(tmp_path / "layer")
    first.destroy()
    second = make("i-second", layers)
    boot(second)
    assert second.run(["cat", "/etc/kept"]).stdout == "kept\n"
    assert second.run(["test", "-e", "/etc/pip.conf"]).returncode == 1
    assert not (base / "etc/kept").exists()
    assert (base / "etc/pip.conf").exists()


def test_a_killed_guest_keeps_its_disk_and_boots_again(make, base):
    machine = make("i-killed", [base])
    boot(machine)
    machine.run(["sh", "-c", "echo here > /root/here && sync"])
    machine.kill()
    assert machine.pid is None
    assert machine.exit_code != 0
    boot(machine)
    assert machine.run(["cat", "/root/here"]).stdout == "here\n"


def test_a_destroyed_guest_leaves_no_mount_and_no_file(make, base):
    machine = make("i-gone", [base])
    boot(machine)
    machine.destroy()
    assert not machine.root.is_mount()
    assert not machine.home.exists()


def test_no_secret_of_the_host_reaches_a_command_in_a_guest(make, base, monkeypatch):
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "of-the-host")
    machine = make("i-clean", [base])
    boot(machine)
    assert "of-the-host" not in machine.run(["env"]).stdout


def boot(machine: Machine) -> None:
    machine.start()
    end = time.monotonic() + config.BOOT_DEADLINE
    while not machine.booted():
        assert time.monotonic() < end, machine.console.read_text(errors="replace")[-2000:]
        time.sleep(0.02)
