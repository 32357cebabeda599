"""What a function sees of the machine: a root of its own, as on AWS, with its code, a Python and nothing of the host.

The root is a folder of the lab's, made once. Each process gets its own mounts over it: its code at /var/task, boto3 at
/var/runtime, a /tmp that nobody else has. Without root's rights there is none of that, and the function runs where the
lab does.
"""

from __future__ import annotations

import os
import shutil
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ... import config

NOBODY = 65534
_FOLDERS = ("dev", "etc/ssl", "proc", "tmp", "usr", "var/runtime", "var/task")
_FILES = {
    "etc/hosts": "127.0.0.1 localhost\n",
    "etc/passwd": f"sandbox:x:{NOBODY}:{NOBODY}::/tmp:/sbin/nologin\n",
    "etc/nsswitch.conf": "hosts: files dns\n",
    "etc/resolv.conf": "",
    "etc/ld.so.cache": "",
    **{f"dev/{name}": "" for name in ("null", "zero", "full", "random", "urandom")},
}
_SHARED = ("/usr", "/etc/ssl", "/etc/ld.so.cache", "/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom")
_LIBRARIES = ("bin", "lib", "lib32", "lib64", "libx32", "sbin")  # links into /usr, on most machines
# Mounts pairs of paths up to --, then becomes the command that follows, in the root.
_ENTER = """
root=$1; shift
while [ "$1" != -- ]; do mount --bind "$1" "$root$2" || exit; shift 2; done; shift
mount -t proc -o nosuid,nodev,noexec,hidepid=invisible proc "$root/proc" || exit
exec /usr/sbin/chroot "$root" "$@"
"""
_DROP = ("setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", "--no-new-privs", "--bounding-set=-all")
_making = threading.Lock()


@dataclass(frozen=True)
class Sandbox:
    """How to start a Python for a function, and where that finds what it needs."""

    command: tuple[str, ...]
    code: str
    packages: str
    scratch: Path | None = None  # its /tmp, to be removed with it

    def remove(self) -> None:
        if self.scratch:
            shutil.rmtree(self.scratch, ignore_errors=True)


def make(name: str, code: Path, packages: Path, resolver: str | None) -> Sandbox:
    """
    :param name: unique in the lab.
    :param resolver: address of the name server; None for the host's own.
    """
    python = os.path.realpath(sys.executable)
    if os.geteuid() != 0:
        return Sandbox((python,), str(code), str(packages))
    root, scratch, names = _root(), config.LAMBDA / f"tmp-{name}", Path("/etc/resolv.conf")
    if resolver:
        names = config.LAMBDA / f"resolv-{resolver}.conf"
        names.write_text(f"nameserver {resolver}\n")
    scratch.mkdir()
    os.chown(scratch, NOBODY, NOBODY)
    own = ((names, "/etc/resolv.conf"), (scratch, "/tmp"), (code, "/var/task"), (packages, "/var/runtime"))
    pairs = [str(word) for pair in (*((path, path) for path in _shared()), *own) for word in pair]
    enter = ("unshare", "--mount", "sh", "-c", _ENTER, "sh", str(root), *pairs, "--")
    return Sandbox((*enter, *_DROP, python), "/var/task", "/var/runtime", scratch)


def _shared() -> Iterator[str]:
    """What of the host is to be seen at its own place: programs, libraries, the Python that runs the lab."""
    yield from (path for path in _SHARED if Path(path).exists())
    yield from (f"/{name}" for name in _LIBRARIES if Path(f"/{name}").is_dir() and not Path(f"/{name}").is_symlink())
    if not Path(sys.base_prefix).is_relative_to("/usr"):
        yield sys.base_prefix


def _root() -> Path:
    root = config.LAMBDA / "root"
    with _making:
        if not root.is_dir():
            partial = root.with_name(f"root.partial-{os.getpid()}")
            for folder in (*_FOLDERS, *(path.lstrip("/") for path in _shared() if Path(path).is_dir())):
                (partial / folder).mkdir(parents=True, exist_ok=True)
            for name, text in _FILES.items():
                (partial / name).write_text(text)
            for name in _LIBRARIES:
                if (found := Path(f"/{name}")).is_symlink():
                    (partial / name).symlink_to(os.readlink(found))
            try:
                partial.rename(root)
            except OSError:  # another lab was first, with the same
                if not root.is_dir():
                    raise
                shutil.rmtree(partial)
    return root
