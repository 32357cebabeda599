"""The host: what it must have, what the lab changes on it, and how all of that is undone, after a crash too."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import shutil
import signal
import subprocess
import time
from pathlib import Path
from typing import IO

from . import cgroup, config, host_file, netns
from .machine import unmount

# command: Debian package
_TOOLS = {
    "systemd-nspawn": "systemd-container",
    "mmdebstrap": "mmdebstrap",
    "nft": "nftables",
    "ip": "iproute2",
    "nsenter": "util-linux",
    "dnsmasq": "dnsmasq-base",
    "haproxy": "haproxy",
    "ssh": "openssh-client",
}
_SYSCTLS = {
    "net.ipv4.ip_forward": "1",  # guests reach the package registries through the host
    "fs.inotify.max_user_instances": "8192",  # each guest's systemd takes a few; with 128 the 22nd does not start
}
_SAVED = config.STATE / "sysctl.json"
_KERNEL_PROBE = (
    "ip link add name probe0 type veth peer name probe1",
    "ip link add name probe0 type bridge",
    "nft add table ip probe '{ chain c { type nat hook postrouting priority srcnat; ct state new masquerade; }; }'",
)


class HostError(Exception):
    """The host cannot run a lab; the message says why and what helps."""


def check() -> None:
    """Raise HostError, before anything is changed, if this host cannot run a lab."""
    if os.geteuid() != 0:
        raise HostError("The lab makes network namespaces and boots machines: run it as root, for example with sudo.")
    if missing := sorted({package for tool, package in _TOOLS.items() if not shutil.which(tool)}):
        raise HostError(
            f"Packages are missing. This installs them: apt-get install --no-install-recommends {' '.join(missing)}"
        )
    if "overlay" not in Path("/proc/filesystems").read_text() and _fails(["modprobe", "overlay"]):
        raise HostError("The kernel has no overlayfs: load the module overlay, or boot a kernel that has it.")
    if reason := cgroup.usable():
        raise HostError(f"The lab gives each machine a cgroup of its own, but {reason}.")
    for probe in _KERNEL_PROBE:  # in a namespace that ends with the probe
        if reason := _fails(["unshare", "--net", "sh", "-c", probe]):
            raise HostError(f"The kernel lacks what the lab's networks need: `{probe}` says: {reason}")


def take_lock() -> IO[str]:
    """Be the one lab of this machine; HostError if there is another. The lock goes with the process."""
    config.RUN.mkdir(parents=True, exist_ok=True)
    lock = config.LOCK.open("a+")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        raise HostError(f"A lab is running already (pid {running()}): there is one for each machine.") from None
    lock.truncate(0)
    lock.write(str(os.getpid()))
    lock.flush()
    return lock


def running() -> int | None:
    """The process id of the lab that holds the lock, None without one."""
    try:
        with config.LOCK.open() as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                return int(lock.read() or 0) or None
    except FileNotFoundError:
        pass
    return None


def prepare() -> None:
    """Set up the internet's bridge, the way out of it, and the kernel's limits."""
    for directory in (config.MACHINES, config.LAYERS, config.SNAPSHOTS, config.MAILBOX, config.LAMBDA):
        directory.mkdir(parents=True, exist_ok=True)
    _save_sysctls()
    for name, value in _SYSCTLS.items():
        _sysctl(name).write_text(value)
    netns.ip("link", "add", config.BRIDGE, "type", "bridge")
    size = config.INTERNET.rpartition("/")[2]
    for address in (config.HOST_ADDRESS, *config.SERVICE_ADDRESSES.values()):
        netns.ip("addr", "add", f"{address}/{size}", "dev", config.BRIDGE)
    netns.ip("link", "set", config.BRIDGE, "up")
    netns.nft(
        f"""table ip {config.BRIDGE} {{
          chain postrouting {{
            type nat hook postrouting priority srcnat
            ip saddr {config.INTERNET} oifname != "{config.BRIDGE}" masquerade
          }}
          chain forward {{
            type filter hook forward priority filter; policy accept
            iifname != "{config.BRIDGE}" oifname "{config.BRIDGE}" ct state new drop
          }}
        }}"""
    )


def sweep() -> list[str]:
    """Undo everything a lab has done to this host, whatever state it is in; returns what had to be cleared away."""
    found = []
    for pid, what in _leftovers():
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
            found.append(f"process {pid} ({what})")
    _wait_until_gone()
    found += [f"cgroup {folder}" for folder in cgroup.sweep()]
    for mount in _mounts():
        unmount(mount)
        found.append(f"mount {mount}")
    for name in netns.names(config.PREFIX):
        netns.delete(name)
        found.append(f"namespace {name}")
    with contextlib.suppress(RuntimeError):
        netns.ip("link", "del", config.BRIDGE)
        found.append(f"bridge {config.BRIDGE}")
    with contextlib.suppress(RuntimeError):
        netns.nft(f"delete table ip {config.BRIDGE}")
        found.append(f"nft table {config.BRIDGE}")
    host_file.write([])
    _restore_sysctls()
    for directory in (config.STATE, config.RUN):
        shutil.rmtree(directory, ignore_errors=True)
    return found


def _leftovers() -> list[tuple[int, str]]:
    """Processes of a lab that is gone: those in its namespaces, and the holders of its guests."""
    inside = {
        int(pid)
        for name in netns.names(config.PREFIX)
        for pid in subprocess.run(
            ["ip", "netns", "pids", name], capture_output=True, text=True, check=False
        ).stdout.split()
    }
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            words = (entry / "cmdline").read_bytes().decode(errors="replace").split("\0")
            holder = words[0].endswith("systemd-nspawn") and any(str(config.MACHINES) in word for word in words)
            if int(entry.name) in inside or holder:
                found.append((int(entry.name), words[0]))
    return found


def _wait_until_gone(deadline: float = 10) -> None:
    end = time.monotonic() + deadline
    while _leftovers() and time.monotonic() < end:
        time.sleep(0.05)


def _mounts() -> list[Path]:
    lines = Path("/proc/mounts").read_text().splitlines()
    return [Path(line.split()[1]) for line in lines if line.split()[1].startswith(f"{config.STATE}/")]


def _save_sysctls() -> None:
    if not _SAVED.exists():
        _SAVED.write_text(json.dumps({name: _sysctl(name).read_text().strip() for name in _SYSCTLS}))


def _restore_sysctls() -> None:
    if _SAVED.exists():
        for name, value in json.loads(_SAVED.read_text()).items():
            _sysctl(name).write_text(value)


def _sysctl(name: str) -> Path:
    return Path("/proc/sys") / name.replace(".", "/")


def _fails(argv: list[str]) -> str:
    """What a command says when it fails, nothing when it works."""
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    return (done.stderr.strip() or f"exit code {done.returncode}") if done.returncode else ""
