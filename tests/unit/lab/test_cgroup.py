"""Which cgroups a guest gets, by the trees that a host has. tests/unit/lab/test_machine.py shows what they do."""

from __future__ import annotations

import pytest

from lab import cgroup, config, host
from lab.cgroup import Cgroup, Limits

SMALL = Limits(memory=256 * 2**20, processors=0.5)


@pytest.fixture
def trees(tmp_path, monkeypatch):
    """trees("unified", "memory") are mounted; folders and files are plain ones, so nothing is limited."""

    def mount(*names):
        found = [(name, tmp_path / name) for name in names]
        for _, top in found:
            top.mkdir(exist_ok=True)
        monkeypatch.setattr(cgroup, "_mounts", lambda: iter(found))
        return {name: top / config.CGROUP / "i-one" for name, top in found}

    return mount


def test_a_host_with_cgroup2_alone_limits_there(trees, monkeypatch):
    folder = trees("unified")["unified"]
    folder.mkdir(parents=True)
    for name in ("memory.max", "cpu.max"):  # as the kernel makes them once the controllers are handed on
        (folder / name).touch()
    monkeypatch.setattr(Cgroup, "remove", lambda self: None)  # what plain files stand in the way of
    one = Cgroup("i-one")
    one.make(SMALL)
    assert (folder / "memory.max").read_text() == str(256 * 2**20)
    assert (folder / "cpu.max").read_text() == "50000 100000"
    for parent in (folder.parent, folder.parent.parent):
        assert (parent / "cgroup.subtree_control").exists()
    assert one.command(["nspawn"])[4:] == [str(folder), "--", "nspawn"]
    (folder / "cpu.stat").write_text("usage_usec 1500000\nuser_usec 1\n")
    (folder / "memory.current").write_text("4096\n")
    assert one.usage() == cgroup.Usage(memory=4096, processor_time=1.5)


def test_a_host_with_both_limits_in_the_older_trees(trees, monkeypatch):
    folders = trees("unified", "memory", "cpu")
    for name, file in (("memory", "memory.limit_in_bytes"), ("cpu", "cpu.cfs_quota_us")):
        folders[name].mkdir(parents=True)
        (folders[name] / file).touch()
    monkeypatch.setattr(Cgroup, "remove", lambda self: None)
    monkeypatch.setattr(cgroup, "_own_paths", dict)
    one = Cgroup("i-one")
    one.make(SMALL)
    assert (folders["memory"] / "memory.limit_in_bytes").read_text() == str(256 * 2**20)
    assert (folders["cpu"] / "cpu.cfs_quota_us").read_text() == "50000"
    assert folders["unified"].is_dir()


def test_what_a_lab_left_is_swept(trees):
    folder = trees("unified")["unified"]
    (folder / "payload/system.slice").mkdir(parents=True)
    assert cgroup.sweep() == [folder]
    assert not folder.parent.exists()


def test_a_host_without_cgroup2_is_told_so(trees):
    trees("memory")
    with pytest.raises(host.HostError, match="a cgroup of its own, but cgroup2 is not mounted"):
        host.check()
