"""The warm worker's life: shared by forks, closed to others, gone with the controller; and when it can't be had."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import stat
import struct
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

WARNING = "threetier.aws.warm_local runs AWS modules the stock way"


def until(condition: Callable[[], Any], seconds: float = 60) -> Any:
    deadline = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.05)
    return found


def is_gone(pid: int) -> bool:
    """Ended, even if nobody has asked for its exit code yet."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except (FileNotFoundError, ProcessLookupError):
        return True


@pytest.fixture
def started(command, settings, tmp_path):
    """started(seconds) starts a playbook whose module runs so long: its process, the module's and the worker's."""
    processes = []

    def start(seconds: float) -> tuple[subprocess.Popen[bytes], int, int]:
        note = tmp_path / "note"
        tasks = [{"community.aws.probe": {"do": "meet", "seconds": seconds, "note": str(note)}}]
        environment = settings(True, ANSIBLE_LOCAL_TEMP=str(tmp_path / "local"))
        processes.append(subprocess.Popen(command(tasks), env=environment, stdout=subprocess.DEVNULL))
        module, worker = until(lambda: note.exists() and note.read_text().split())
        return processes[-1], int(module), int(worker)

    yield start
    for process in processes:
        process.kill()
        process.wait()


def test_forks_share_one_worker_and_run_side_by_side(run):
    tasks = [
        {"name": "first", "community.aws.probe": {"do": "meet", "seconds": 2}},
        {"name": "second", "community.aws.probe": {"do": "meet"}},
    ]
    results = run(tasks, "--forks", "2", hosts=2).results
    one, other = results["first"].values()
    assert max(one["began"], other["began"]) < min(one["ended"], other["ended"])
    workers = {result["worker"] for task in results.values() for result in task.values()}
    assert len(workers) == 1
    until(lambda: is_gone(*workers), 5)


def test_ends_when_idle_and_starts_anew(run):
    look = {"community.aws.probe": {"do": "meet"}}
    pause = {"name": "pause", "ansible.builtin.command": {"argv": ["sleep", "4"]}}
    results = run([{"name": "a", **look}, pause, {"name": "b", **look}], threetier_aws_warm_idle=1).results
    assert results["a"]["localhost"]["worker"] != results["b"]["localhost"]["worker"]


@pytest.mark.parametrize("signal_", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_nothing_is_left_of_an_interrupted_run(started, signal_):
    controller, module, worker = started(seconds=60)
    assert not is_gone(module)
    controller.send_signal(signal_)
    until(lambda: is_gone(module) and is_gone(worker), 10)


def test_no_other_user_can_reach_it(started, tmp_path, monkeypatch):
    controller, _module, worker = started(seconds=60)
    (place,) = (path for path in (tmp_path / "local").glob("*/threetier-warm-*") if path.is_socket())
    assert stat.S_IMODE(place.stat().st_mode) == 0o600
    assert stat.S_IMODE(place.parent.stat().st_mode) == 0o700
    assert b"meet" not in Path(f"/proc/{worker}/cmdline").read_bytes()
    if os.getuid():
        pytest.skip("2026-11: only root can try it as another user")
    above = list(place.parents)
    doors = {path: path.stat().st_mode for path in (place, *above[: above.index(tmp_path.parents[1]) + 1])}
    try:
        for path, mode in doors.items():  # as if someone had opened them all
            path.chmod(mode | 0o777)
        monkeypatch.chdir(place.parent)  # a socket's address has 108 bytes at most
        assert answer(place.name, user=65534) == b""
        assert answer(place.name, user=0).startswith(b'{"accepted": true')
    finally:
        for path, mode in doors.items():
            path.chmod(mode)


def answer(place: str, user: int) -> bytes:
    """What the worker says to a user who asks it to run a module; nothing if it hangs up."""
    request = json.dumps({"module": "ansible_collections.community.aws.plugins.modules.probe"}).encode()
    with socket.socket(socket.AF_UNIX) as link, open(os.devnull) as null:
        link.settimeout(20)
        os.seteuid(user)
        try:
            link.connect(place)
        finally:
            os.seteuid(0)
        with contextlib.suppress(ConnectionError):
            socket.send_fds(link, [struct.pack("!Q", len(request))], [null.fileno()] * 2)
            link.sendall(request)
            return link.recv(100)
        return b""


@pytest.mark.parametrize("way", ["internals", "interpreter", "worker"])
def test_what_does_not_fit_goes_the_stock_way_with_one_warning(run, tmp_path, way):
    """Three tasks, two forks: one warning, and the results are there."""
    env, variables = {}, {}
    if way == "internals":  # something that this ansible-core has, another might not
        (tmp_path / "other_core.py").write_text(
            "from ansible.executor import module_common\n"
            "from ansible.module_utils.common import json\n"
            "from ansible.plugins.callback import CallbackBase\n"
            "del json.get_module_encoder\n"
            "class CallbackModule(CallbackBase):\n"
            "    CALLBACK_VERSION, CALLBACK_TYPE, CALLBACK_NAME = 2.0, 'aggregate', 'other_core'\n"
        )
        env = {"ANSIBLE_CALLBACK_PLUGINS": str(tmp_path)}
    else:  # one that runs modules but no worker
        python = tmp_path / "python"
        last = "exit 1" if way == "worker" else 'echo "no such thing here" >&2; exit 1'
        python.write_text(f"#!/bin/sh\n[ $# = 0 ] && exec /usr/bin/python3\n{last}\n")
        python.chmod(0o755)
        variables = {"ansible_python_interpreter": str(python)}
    done = run(
        [{"name": f"{n}", "community.aws.probe": {"do": "meet"}} for n in range(3)], hosts=2, env=env, **variables
    )
    assert done.returncode == 0, done.output
    assert done.output.count(WARNING) == 1
    assert len({host["worker"] for task in done.results.values() for host in task.values()}) == 6


def test_turned_off(run):
    done = run([{"name": "a", "community.aws.probe": {"do": "look"}}], "-vvv", warm=False)
    assert "WARM" not in done.output
    assert WARNING not in done.output


def test_what_is_asked_of_another_user_is_handed_on(run):
    if os.getuid():
        pytest.skip("2026-11: only root becomes another user without a password")
    task = {
        "name": "become",
        "community.aws.probe": {"do": "look"},
        "become": True,
        "become_method": "ansible.builtin.su",
        "become_user": "nobody",
        "vars": {"ansible_become_flags": "-s /bin/sh", "ansible_python_interpreter": "/usr/bin/python3"},
    }
    warm, stock = (run([task], "-vvv", warm=way) for way in (True, False))
    assert "WARM" not in warm.output
    assert WARNING not in warm.output
    assert warm.results["become"]["localhost"].get("user") == 65534, warm.output
    assert stock.results["become"]["localhost"]["user"] == 65534


def test_asynchronous_tasks_are_handed_on(run):
    tasks = [
        {"name": "start", "community.aws.probe": {"do": "meet"}, "async": 60, "poll": 0, "register": "job"},
        {
            "name": "finish",
            "ansible.builtin.async_status": {"jid": "{{ job.ansible_job_id }}"},
            "register": "end",
            "until": "end is finished",
            "retries": 60,
            "delay": 1,
        },
    ]
    done = run(tasks, "-vvv")
    assert "WARM" not in done.output
    assert done.results["finish"]["localhost"]["finished"]
    assert "began" in done.results["finish"]["localhost"]


@pytest.mark.skipif("THREETIER_COMPAT_BIN" not in os.environ, reason="2026-11: only tests/compat/run has that release")
def test_before_2_19_all_goes_the_stock_way(run):
    tell = {"community.aws.probe": {"do": "tell", "secret": "Sesame-open-8d1f"}}
    done = run([{"name": f"{n}", **tell} for n in range(3)])
    assert done.returncode == 0, done.output
    assert done.output.count(WARNING) == 1
    assert [result["localhost"]["said"] for result in done.results.values()] == ["it is ********!"] * 3
