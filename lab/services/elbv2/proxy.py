"""A HAProxy in a namespace: started, reloaded without losing a request, stopped."""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path

from ... import netns

_RELOAD = 5.0  # seconds after which a reload that has not shown is asked for again


def _digest(config: str) -> str:
    return hashlib.sha256(config.encode()).hexdigest()[:16]


class Proxy:
    """Master and workers. A reload starts a new worker; the old one ends with its last request."""

    def __init__(self, namespace: str, home: Path) -> None:
        self.namespace = namespace
        self.home = home
        self._process: subprocess.Popen[bytes] | None = None
        self._config = ""
        self._changed = 0.0
        self._where = 0  # inode of the namespace, not used again while a process stands in it

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process and self._process.poll() is None else None

    @property
    def socket(self) -> Path:
        return self.home / "admin.sock"

    def apply(self, config: str, files: dict[str, str] | None = None) -> None:
        """
        Come to run with this configuration; call it again and again. RuntimeError if HAProxy refuses it.

        One reload at a time: a signal that meets the master in the middle of another reload is lost, and one that
        meets it before it is up ends it.
        """
        if config == self._config and self.pid and (self._loaded() or not self._overdue()):
            return
        if self.pid and not self._loaded() and not self._overdue():
            return  # the next round asks again
        current = self._write(config, files or {})
        if self.pid:
            os.kill(self.pid, signal.SIGUSR2)
        else:
            self._end_leftover()
            self._where = netns.path(self.namespace).stat().st_ino
            with (self.home / "haproxy.log").open("ab") as log:
                argv = ["haproxy", "-W", "-f", str(current), "-p", str(self.home / "pid")]
                self._process = netns.popen_in(self.namespace, argv, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        self._config, self._changed = config, time.monotonic()

    def _write(self, config: str, files: dict[str, str]) -> Path:
        self.home.mkdir(parents=True, exist_ok=True, mode=0o700)
        for name, text in files.items():
            (self.home / name).touch(mode=0o600)
            (self.home / name).write_text(text)
        wanted = self.home / "wanted.cfg"
        wanted.write_text(config.replace("global\n", f"global\n  node {_digest(config)}\n", 1))
        found = subprocess.run(["haproxy", "-c", "-f", str(wanted)], capture_output=True, text=True, check=False)
        if found.returncode:
            raise RuntimeError(f"haproxy refuses the configuration of {self.namespace}: {found.stderr.strip()}")
        return wanted.rename(self.home / "haproxy.cfg")

    def _overdue(self) -> bool:
        return time.monotonic() - self._changed > _RELOAD

    def _loaded(self) -> bool:
        """Whether the newest worker says that it runs the configuration that was last asked for."""
        return f"node: {_digest(self._config)}" in self._info()

    def statistics(self) -> str:
        """The newest worker's counters, as CSV."""
        return self._ask("show stat").strip()

    def _info(self) -> str:
        return self._ask("show info")

    def _ask(self, command: str) -> str:
        if not self.pid:
            return ""
        with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX) as admin:
            admin.settimeout(1)
            admin.connect(str(self.socket))
            admin.sendall(f"{command}\n".encode())
            return b"".join(iter(lambda: admin.recv(4096), b"")).decode()
        return ""

    def answers(self) -> bool:
        """Whether a worker is there that takes connections."""
        return "Name: HAProxy" in self._info()

    def is_elsewhere(self) -> bool:
        """Whether the process runs in another namespace than the one that has the name now."""
        return bool(self.pid) and self._where != netns.path(self.namespace).stat().st_ino

    def runs(self, config: str) -> bool:
        """Whether the newest worker has this configuration."""
        return config == self._config and self._loaded()

    def settled(self, config: str) -> bool:
        """Whether only a worker with this configuration is left: nobody is served by a former one any more."""
        if config != self._config:
            return False
        with contextlib.suppress(OSError):
            children = Path(f"/proc/{self.pid}/task/{self.pid}/children")
            return self._loaded() and len(children.read_text().split()) <= 1
        return False

    def stop(self) -> None:
        if self._process:
            with contextlib.suppress(ProcessLookupError):
                self._process.terminate()
            try:
                self._process.wait(3)
            except subprocess.TimeoutExpired:
                os.killpg(self._process.pid, signal.SIGKILL)
                self._process.wait(3)
        self._process = None
        shutil.rmtree(self.home, ignore_errors=True)

    def _end_leftover(self) -> None:
        """A lab that crashed may have left this balancer's proxy behind."""
        with contextlib.suppress(OSError, ValueError):
            pid = int((self.home / "pid").read_text())
            if str(self.home / "haproxy.cfg").encode() in Path(f"/proc/{pid}/cmdline").read_bytes():
                os.kill(pid, signal.SIGTERM)
