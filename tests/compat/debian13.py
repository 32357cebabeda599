"""Run a command in a copy of this checkout on Debian 13: `python -m tests.compat.debian13 tests/compat/newest`.

Debian 13 has Python 3.13, which newer releases of ansible-core want and Debian 12 lacks. Its root is built once and
cached, like the lab's guest images. A run writes to a layer over it, and has mounts and processes in namespaces of its
own, so that nothing is left of it however it ends. The network is the host's.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

from lab import config, images

TOP = Path(__file__).resolve().parents[2]
PACKAGES = ("ca-certificates", "git", "iproute2", "make", "openssh-client", "procps", "python3", "python3-venv")
# $1 is the cached root, $2 the run's own folder; what follows is the command.
SCRIPT = """
cached=$1 own=$2; shift 2
mount -t overlay -o "lowerdir=$cached,upperdir=$own/upper,workdir=$own/work" overlay "$own/root"
cd "$own/root"
mount -t proc proc proc
mount --rbind /dev dev
mount -t tmpfs tmpfs tmp
cat /etc/resolv.conf >etc/resolv.conf
exec chroot . env --chdir=/checkout "$@"
"""


def main(command: list[str]) -> int:
    if images.release()["ID"] != "debian":
        sys.exit("Debian 13 is built from the package sources of a Debian, and this is none.")
    config.IMAGES = config.CACHE / "compat"  # beside the lab's, which drops what it does not know
    image = images.Image(name="debian13", suite="trixie", packages=PACKAGES, files=(images.pip_conf(),))
    image.build()
    images.prune(image)
    with tempfile.TemporaryDirectory(dir="/var/tmp", prefix="t3compat-") as own:
        for name in ("upper/checkout", "work", "root"):
            (Path(own) / name).mkdir(parents=True)
        _copy_checkout(Path(own) / "upper/checkout")
        # Who ends this program, even by SIGKILL, ends all that it started.
        space = ("setpriv", "--pdeathsig=KILL", "unshare", "--mount", "--pid", "--fork", "--kill-child")
        inside = ("sh", "-euc", SCRIPT, "debian13", image.path, own, *command)
        return subprocess.run([*space, *inside], env=_environment(), check=False).returncode


def _copy_checkout(to: Path) -> None:
    """What git tracks or would track, as it is now."""
    words = ("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard")
    listed = subprocess.run(words, cwd=TOP, stdout=subprocess.PIPE, check=True).stdout.split(b"\0")
    there = b"\0".join(name for name in listed if name and (TOP / os.fsdecode(name)).exists())
    subprocess.run(["xargs", "-0", "cp", "--parents", "--no-dereference", "-t", to], cwd=TOP, input=there, check=True)


def _environment() -> dict[str, str]:
    """A new login's, with the host's proxies."""
    proxies = {name: value for name, value in os.environ.items() if name.lower().endswith("_proxy")}
    path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
    return {"PATH": path, "HOME": "/root", "LANG": "C.UTF-8", "TERM": "dumb", **proxies}


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    sys.exit(main(sys.argv[1:]))
