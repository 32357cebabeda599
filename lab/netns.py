"""Network namespaces, the veth pairs between them, and sockets inside them.

A thread can stand in another namespace than its process (setns(2) works by thread), so the lab's one process can hold
a listening socket in each VPC.
"""

from __future__ import annotations

import ctypes
import os
import subprocess
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from .command import run

_NETNS = Path("/run/netns")
_CLONE_NEWNET = 0x40000000
_T = TypeVar("_T")
_libc = ctypes.CDLL(None, use_errno=True)


def path(ns: str) -> Path:
    return _NETNS / ns


def exists(ns: str) -> bool:
    return path(ns).exists()


def names(prefix: str) -> list[str]:
    """The namespaces whose name starts with prefix."""
    return sorted(entry.name for entry in _NETNS.glob(f"{prefix}*")) if _NETNS.exists() else []


def ip(*words: str, ns: str | None = None) -> None:
    """Run one `ip` command, in a namespace if named; RuntimeError with ip's own sentence if it fails."""
    run(["ip", *(["-n", ns] if ns else []), *words])


def add(ns: str) -> None:
    if not exists(ns):
        ip("netns", "add", ns)
    ip("link", "set", "lo", "up", ns=ns)


def delete(ns: str) -> None:
    """Remove a namespace; its devices, addresses and rules go with it."""
    if exists(ns):
        ip("netns", "del", ns)


def forget_neighbour(address: str, device: str) -> None:
    """Drop what the host remembers of an address's link-layer address."""
    subprocess.run(["ip", "neigh", "del", address, "dev", device], capture_output=True, check=False)


def sysctl(ns: str, **values: int) -> None:
    """Set net.ipv4 values: sysctl(ns, ip_forward=1)."""
    run_in(ns, ["sysctl", "-qw", *(f"net.ipv4.{key}={value}" for key, value in values.items())])


def nft(ruleset: str, ns: str | None = None) -> None:
    """Load a ruleset in one transaction: it takes effect whole or not at all."""
    run([*(["ip", "netns", "exec", ns] if ns else []), "nft", "-f", "-"], input=ruleset)


def run_in(ns: str, argv: list[str]) -> str:
    return run(["ip", "netns", "exec", ns, *argv])


def popen_in(ns: str, argv: list[str], **kwargs: Any) -> subprocess.Popen[bytes]:
    return subprocess.Popen(["nsenter", f"--net={path(ns)}", *argv], start_new_session=True, **kwargs)


def enter(ns: str) -> None:
    """Move the calling thread into the namespace, for good: use a thread of its own."""
    with open(path(ns)) as handle:
        if _libc.setns(handle.fileno(), _CLONE_NEWNET) != 0:
            errno = ctypes.get_errno()
            raise OSError(errno, f"cannot enter the network namespace {ns}: {os.strerror(errno)}")


def socket_in(ns: str, make: Callable[[], _T]) -> _T:
    """The socket, or what has some, that make() returns when called inside the namespace; they stay bound there."""
    made: list[_T] = []
    failed: list[BaseException] = []

    def work() -> None:
        try:
            enter(ns)
            made.append(make())
        except BaseException as error:
            failed.append(error)

    thread = threading.Thread(target=work, name=f"socket in {ns}")
    thread.start()
    thread.join()
    if failed:
        raise failed[0]
    return made[0]
