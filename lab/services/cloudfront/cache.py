"""The cache of one distribution: a Varnish out of the edge image, in the edge's namespace."""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

from ... import netns
from ...command import run

_INSIDE = "/srv"  # where the cache's own directory is seen from inside the image
_MEMORY = "64m"
_COMPILER = "exec gcc -w -O0 -pthread -fpic -shared -Wl,-x -o %o %s"  # Varnish's own has -O2, which takes longer
_START = 30.0  # seconds that Varnish may take until it answers; it compiles its first VCL
# The image is every cache's: what a cache writes lies in a directory of its own, bound over one of the image's, in a
# mount namespace that ends with the process.
_ENTER = 'mount --bind "$1" "$2/srv" && shift && root="$1" && shift && exec chroot "$root" "$@"'


class Cache:
    """varnishd, its sockets, and the VCL that it uses. A new one is loaded beside that, so no request waits for it."""

    def __init__(self, namespace: str, home: Path, root: Path) -> None:
        """:param root: of the edge image."""
        self.namespace, self.home, self._root = namespace, home, root
        home.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._process: subprocess.Popen[bytes] | None = None
        self._used = ""  # name of the VCL
        self._where = 0  # inode of the namespace that it stands in

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process and self._process.poll() is None else None

    @property
    def socket(self) -> Path:
        """Where it takes requests, as the host sees it."""
        return self.home / "cache.sock"

    def origin_sockets(self, number: int) -> list[tuple[str, str]]:
        """Where so many origins are to be reached: as the host sees it, and as Varnish does."""
        return [(str(self.home / f"origin-{one}.sock"), f"{_INSIDE}/origin-{one}.sock") for one in range(number)]

    def apply(self, vcl: str) -> None:
        """Come to use this VCL. RuntimeError, with Varnish's own words, if it refuses it."""
        name = f"v{hashlib.sha256(vcl.encode()).hexdigest()[:16]}"
        if self.pid and self._where != netns.path(self.namespace).stat().st_ino:
            self.stop()  # the namespace was made anew: what stands in the old one is cut off
        if self.pid and name == self._used:
            return
        file = self.home / f"{name}.vcl"
        file.touch(mode=0o600)
        file.write_text(vcl)
        if self.pid is None:
            self._start()
        self._load(name, f"{_INSIDE}/{file.name}")
        former, self._used = self._used, name
        if former:
            with contextlib.suppress(RuntimeError):  # a request may still be at it; it goes with the process
                self.ask("vcl.discard", former)
            (self.home / f"{former}.vcl").unlink(missing_ok=True)

    def ban(self, *paths: str) -> None:
        """Forget what is kept of these paths, which may end in *."""
        for path in paths:
            self.ask("ban", "obj.http.X-Edge-Path", "~", _expression(path))

    def ask(self, *words: str) -> str:
        """What Varnish says to a command; RuntimeError if it refuses it."""
        inside = ["nsenter", "--mount", "--net", "--root", "--wd", f"--target={self.pid}"]
        return run([*inside, "varnishadm", "-n", f"{_INSIDE}/varnish", *words])

    def stop(self) -> None:
        if self._process:
            with contextlib.suppress(ProcessLookupError):
                self._process.terminate()
            try:
                self._process.wait(5)
            except subprocess.TimeoutExpired:
                os.killpg(self._process.pid, signal.SIGKILL)
                self._process.wait(5)
        self._process, self._used = None, ""

    def close(self) -> None:
        self.stop()
        shutil.rmtree(self.home, ignore_errors=True)

    def _start(self) -> None:
        """Without a VCL, and so without a child that serves."""
        shutil.rmtree(self.home / "varnish", ignore_errors=True)
        varnishd = ["varnishd", "-F", "-j", "none", "-n", f"{_INSIDE}/varnish", "-f", "", "-s", f"malloc,{_MEMORY}"]
        varnishd += ["-a", f"{_INSIDE}/{self.socket.name},mode=666", "-t", "0", "-T", "127.0.0.1:0"]
        for setting in ("thread_pool_min=10", "thread_pools=1", f"cc_command={_COMPILER}"):
            varnishd += ["-p", setting]
        self._where = netns.path(self.namespace).stat().st_ino
        with (self.home / "varnish.log").open("ab") as log:
            entered = ["unshare", "--mount", "sh", "-c", _ENTER, "sh", str(self.home), str(self._root), *varnishd]
            self._process = netns.popen_in(self.namespace, entered, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        self._wait_until_it_listens()

    def _wait_until_it_listens(self) -> None:
        end = time.monotonic() + _START
        while time.monotonic() < end and self.pid:
            with contextlib.suppress(RuntimeError):
                self.ask("ping")
                return
            time.sleep(0.1)
        tail = (self.home / "varnish.log").read_text(errors="replace")[-1000:]
        self.stop()
        raise RuntimeError(f"Varnish of {self.home.name} does not answer. {tail}")

    def _load(self, name: str, path: str) -> None:
        if f" {name} " not in self.ask("vcl.list") + " ":
            self.ask("vcl.load", name, path)
        self.ask("vcl.use", name)
        if "running" not in self.ask("status"):
            self.ask("start")


def _expression(path: str) -> str:
    """An invalidation's path as a regular expression, quoted for Varnish's own command line."""
    body = path.partition("?")[0]
    letters = "".join(".*" if letter == "*" else f"[{letter}]" if letter in ".+()[]{}|$" else letter for letter in body)
    return f"^{letters}$"
