"""A HAProxy in a namespace: started, reloaded without losing a request, stopped."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path

from .. import netns


class Proxy:
    """Master and workers. A reload starts a new worker; the old one ends with its last request."""

    def __init__(self, namespace: str, home: Path) -> None:
        self.namespace = namespace
        self.home = home
        self._process: subprocess.Popen[bytes] | None = None
        self._config = ""
        self._changed = 0.0

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process and self._process.poll() is None else None

    @property
    def socket(self) -> Path:
        return self.home / "admin.sock"

    def apply(self, config: str, files: dict[str, str] | None = None) -> None:
        """Run with this configuration, unless it is the one that runs. RuntimeError if HAProxy refuses it."""
        if config == self._config and self.pid:
            return
        self.home.mkdir(parents=True, exist_ok=True, mode=0o700)
        for name, text in (files or {}).items():
            (self.home / name).touch(mode=0o600)
            (self.home / name).write_text(text)
        wanted = self.home / "wanted.cfg"
        wanted.write_text(config)
        found = subprocess.run(["haproxy", "-c", "-f", str(wanted)], capture_output=True, text=True, check=False)
        if found.returncode:
            raise RuntimeError(f"haproxy refuses the configuration of {self.namespace}: {found.stderr.strip()}")
        current = self.home / "haproxy.cfg"
        wanted.rename(current)
        if self.pid:
            os.kill(self.pid, signal.SIGUSR2)
        else:
            self._end_leftover()
            with (self.home / "haproxy.log").open("ab") as log:
                argv = ["haproxy", "-W", "-f", str(current), "-p", str(self.home / "pid")]
                self._process = netns.popen_in(self.namespace, argv, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        self._config, self._changed = config, time.monotonic()

    def answers(self) -> bool:
        """Whether a worker is there that takes connections."""
        if not self.pid:
            return False
        with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX) as admin:
            admin.settimeout(1)
            admin.connect(str(self.socket))
            admin.sendall(b"show info\n")
            return b"Name: HAProxy" in admin.recv(4096)
        return False

    def settled(self) -> bool:
        """Whether only the newest worker is left, so that nobody is served any more by a former configuration."""
        if not self.pid or time.monotonic() - self._changed < 1:
            return False
        with contextlib.suppress(OSError):
            return len(Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split()) <= 1
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
