"""What apt says it would do, what has changed, and how it is told."""

from __future__ import annotations

import pytest
from ansible_collections.threetier.aws.plugins.module_utils import _releases
from ansible_collections.threetier.aws.plugins.module_utils._patch import packages, report

SIMULATED = """\
Reading package lists...
The following packages have been kept back:
  held-one
Inst libc6 [2.36-9+deb12u3] (2.36-9+deb12u4 Debian:12.5/stable, Debian-Security:12/stable-security [amd64])
Inst tzdata [2024a-0+deb12u1] (2024b-0+deb12u1 Debian:12.6/stable-updates [all]) []
Inst linux-image-6.1.0-28-amd64 (6.1.119-1 Debian-Security:12/stable-security [amd64])
Inst openssl [3.0.2-0ubuntu1.10] (3.0.2-0ubuntu1.12 Ubuntu:22.04/jammy-updates, Ubuntu:22.04/jammy-security [amd64])
Inst probe [1.0] (2.0 localhost [amd64])
Conf libc6 (2.36-9+deb12u4 Debian:12.5/stable [amd64])
"""


def test_a_simulation_is_read_line_by_line():
    planned = packages.plan(SIMULATED)
    assert [(one["name"], one["from"], one["to"]) for one in planned] == [
        ("libc6", "2.36-9+deb12u3", "2.36-9+deb12u4"),
        ("tzdata", "2024a-0+deb12u1", "2024b-0+deb12u1"),
        ("linux-image-6.1.0-28-amd64", "", "6.1.119-1"),
        ("openssl", "3.0.2-0ubuntu1.10", "3.0.2-0ubuntu1.12"),
        ("probe", "1.0", "2.0"),
    ]


def test_security_only_takes_what_the_security_archive_has_for_what_is_installed():
    assert [one["name"] for one in packages.plan(SIMULATED, security_only=True)] == ["libc6", "openssl"]


def test_a_host_tells_versions_holds_and_reasons_to_reboot():
    told = "package tar:amd64 1.34-1\npackage ca:all 2023\nheld mysql-server\nreboot linux-base asked for it\nnoise\n"
    assert packages.state(told) == {
        "packages": {"tar:amd64": "1.34-1", "ca:all": "2023"},
        "held": ["mysql-server"],
        "reboot": ["linux-base asked for it"],
    }


def test_changes_are_upgrades_new_ones_and_those_gone():
    changes = packages.changes({"a": "1", "b": "1", "c": "1"}, {"a": "2", "b": "1", "d": "1"})
    assert changes == [
        {"name": "a", "from": "1", "to": "2"},
        {"name": "c", "from": "1", "to": ""},
        {"name": "d", "from": "", "to": "1"},
    ]


def test_a_host_is_rebooted_for_what_it_says_and_for_what_everything_has_open():
    changed = [{"name": name, "from": "1", "to": "2"} for name in ("libc6:amd64", "tar:amd64", "linux-image-6:amd64")]
    reasons = packages.reboot_reasons({"reboot": ["dbus asked for it"]}, changed, ["libc6", "linux-image-*"])
    assert reasons == ["dbus asked for it", "libc6 was upgraded", "linux-image-6 was upgraded"]
    assert packages.reboot_reasons({"reboot": []}, changed[1:2], ["libc6", "linux-image-*"]) == []


def test_who_is_still_due_after_a_run_was_not_reached():
    results = {"i-1": {"result": "due"}, "i-2": {"result": "patched"}}
    assert [row["result"] for row in report.rows(["i-1", "i-2", "i-3"], results)] == [
        "not reached",
        "patched",
        "not reached",
    ]
    assert report.rows(["i-1"], results, planned=True)[0]["result"] == "due"


def test_the_table_has_a_line_for_each_package_and_reason():
    packages = [{"name": "a", "from": "1", "to": "2"}, {"name": "b", "from": "", "to": "1"}]
    row = {"host": "i-1", "role": "webapp", "packages": packages, "rebooted": True, "seconds": 7}
    lines = report.table(report.rows(["i-1"], {"i-1": {**row, "result": "failed", "reason": "no disk"}}))
    assert [line.split() for line in lines] == [
        ["host", "role", "packages", "reboot", "seconds", "result"],
        ["i-1", "webapp", "a", "1", "->", "2", "yes", "7", "failed"],
        ["b", "(new)", "->", "1"],
        ["i-1:", "no", "disk"],
    ]


def _version(number, image, **data):
    return {"version_number": number, "launch_template_data": {"image_id": image, "key_name": "mine", **data}}


@pytest.mark.parametrize(
    ("case", "group_version", "members", "outdated"),
    [
        ("all are of the latest", "3", ["3", "3"], False),
        ("one was patched in place and its image renewed", "3", ["2", "3"], False),
        ("one is of another release", "3", ["1", "3"], True),
        ("one has other data", "3", ["4", "3"], True),
        ("the group itself is behind", "2", ["3"], True),
    ],
)
def test_hosts_that_were_patched_in_place_are_as_good(case, group_version, members, outdated):
    versions = [_version(1, "ami-1"), _version(2, "ami-2"), _version(3, "ami-3")]
    if "4" in members:
        versions.insert(0, _version(4, "ami-2", user_data="other"))
        versions[0]["version_number"] = 0
        members = [{"4": "0"}.get(member, member) for member in members]
    images = [{"image_id": "ami-3", "tags": {"RenewedFrom": "ami-2 ami-0"}}, {"image_id": "ami-2", "tags": {}}]
    group = {
        "launch_template": {"version": group_version},
        "instances": [{"lifecycle_state": "InService", "launch_template": {"version": one}} for one in members]
        + [{"lifecycle_state": "Terminating:Wait", "launch_template": {"version": "1"}}],
    }
    assert _releases.group_outdated(group, versions, images) is outdated, case


def test_a_failure_is_told_with_what_dpkg_said():
    lines = (
        "Preparing to unpack",
        "this host refuses",
        "dpkg: error processing archive x (--unpack):",
        "  it said no",
        "E",
    )
    stdout = "\n".join(lines)
    result = {"msg": "'apt-get upgrade' failed:\nE: Sub-process", "stdout": stdout}
    assert packages.failure_reason(result) == (
        "this host refuses dpkg: error processing archive x (--unpack): it said no "
        "('apt-get upgrade' failed: E: Sub-process)"
    )
    assert packages.failure_reason({"msg": "timed\nout"}) == "timed out"
