"""What the lab does to its host, and that it can be undone."""

import pytest

from lab import config, host, host_file

NAMES = [("page.example", "198.51.100.1"), ("api.example", "198.51.100.16")]


@pytest.mark.parametrize("before", ["127.0.0.1 localhost\n", "127.0.0.1 localhost", "", "\n\n"])
def test_taking_the_block_out_of_the_hosts_file_restores_it_to_the_letter(before):
    with_block = host_file.merge(before, NAMES)
    assert "198.51.100.16 api.example\n" in with_block
    assert host_file.merge(with_block, []) == before


def test_new_names_replace_the_block_and_leave_the_rest():
    text = host_file.merge(host_file.merge("127.0.0.1 localhost\n", NAMES), NAMES[:1])
    assert text.count("# BEGIN") == 1
    assert "api.example" not in text
    assert text.startswith("127.0.0.1 localhost\n")


def test_a_user_who_is_not_root_is_told_so(monkeypatch):
    monkeypatch.setattr(host.os, "geteuid", lambda: 1000)
    with pytest.raises(host.HostError, match="run it as root"):
        host.check()


def test_a_missing_tool_is_named_with_the_command_that_installs_it(monkeypatch):
    monkeypatch.setattr(host.shutil, "which", lambda tool: None if tool == "haproxy" else f"/usr/bin/{tool}")
    with pytest.raises(host.HostError, match="apt-get install --no-install-recommends haproxy"):
        host.check()


def test_a_missing_kernel_feature_is_named(monkeypatch):
    monkeypatch.setattr(host, "_KERNEL_PROBE", ("ip link add name probe0 type nosuchdevice",))
    with pytest.raises(host.HostError, match="nosuchdevice"):
        host.check()


def test_this_host_passes():
    host.check()


def test_a_second_lab_says_that_there_is_one(tmp_path, monkeypatch):
    monkeypatch.setattr(config, "RUN", tmp_path)
    monkeypatch.setattr(config, "LOCK", tmp_path / "lock")
    with host.take_lock(), pytest.raises(host.HostError, match=r"A lab is running already \(pid \d+\)"):
        host.take_lock()
    assert host.running() is None
