"""A machine: a booted systemd-nspawn guest over an overlay, standing in a network namespace of its own.

The image is a stack of read-only layers (a guest root and the frozen upper layers of AMIs); what the machine writes
goes to its own upper layer, which `freeze` copies to make the next image.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

from . import config, netns
from .cgroup import Cgroup, Limits, Usage
from .command import run

GUEST_ENVIRONMENT = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C.UTF-8"}


class Machine:
    """One guest. Its name is the AWS id of what it stands for; its directory survives a stop, not `destroy`."""

    def __init__(self, name: str, namespace: str, layers: Sequence[Path]) -> None:
        """
        :param name: AWS id, such as ``i-0abc``; also the directory's name.
        :param namespace: network namespace the guest stands in; must exist when it starts.
        :param layers: read-only roots, lowest first.
        """
        self.name = name
        self.namespace = namespace
        self.layers = tuple(layers)
        self.home = config.MACHINES / name
        self.limits = Limits()  # from its next start on
        self._cgroup = Cgroup(name)
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def root(self) -> Path:
        return self.home / "root"

    @property
    def upper(self) -> Path:
        return self.home / "upper"

    @property
    def console(self) -> Path:
        return self.home / "console.log"

    @property
    def pid(self) -> int | None:
        """The process that holds the guest, None when it is not running."""
        return self._process.pid if self._process and self._process.poll() is None else None

    @property
    def init(self) -> int | None:
        """The guest's PID 1 as the host sees it."""
        if not self.pid:
            return None
        with contextlib.suppress(OSError, ValueError):
            children = Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split()
            return int(children[0]) if children else None
        return None

    @property
    def usage(self) -> Usage | None:
        """What the guest uses at this moment, None when it has never been started."""
        return self._cgroup.usage()

    def __str__(self) -> str:
        """What it is at this moment, for people."""
        used = self.usage if self.init else None
        if used is None:
            return "no machine"
        of = f" of {self.limits.memory >> 20}" if self.limits.memory else ""
        memory = f", {used.memory >> 20}{of} MiB" if used.memory is not None else ""
        return f"guest, pid {self.init}{memory}, {used.processor_time:.0f} s of processor time"

    def prepare(self) -> None:
        """Mount the overlay, so that files can be put in before the first boot."""
        if self.root.is_mount():
            return
        for part in ("upper", "work", "root"):
            (self.home / part).mkdir(parents=True, exist_ok=True)
        lower = ":".join(str(layer) for layer in reversed(self.layers))
        options = f"lowerdir={lower},upperdir={self.upper},workdir={self.home / 'work'}"
        run(["mount", "-t", "overlay", "overlay", "-o", options, str(self.root)])

    def start(self) -> None:
        """Boot. Returns at once; `booted` tells when the guest's own systemd has come up."""
        if self.pid:
            return
        self.prepare()
        self._cgroup.make(self.limits)
        log = self.console.open("ab")
        self._process = subprocess.Popen(
            self._cgroup.command(
                [
                    "systemd-nspawn",
                    "--boot",
                    "--quiet",
                    "--register=no",
                    "--keep-unit",
                    "--kill-signal=SIGRTMIN+3",
                    f"--directory={self.root}",
                    f"--machine={self.name}",
                    f"--network-namespace-path={netns.path(self.namespace)}",
                    "--resolv-conf=off",
                    "--timezone=off",
                    "--link-journal=no",
                    "--console=pipe",
                ]
            ),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            env={**os.environ, "SYSTEMD_NSPAWN_UNIFIED_HIERARCHY": "1"},
            start_new_session=True,
        )
        log.close()

    def booted(self) -> bool:
        """Whether the guest's systemd answers on its private socket."""
        init = self.init
        return bool(init) and Path(f"/proc/{init}/root/run/systemd/private").exists()

    def run(self, argv: Sequence[str], stdin: str = "", deadline: float = 60) -> subprocess.CompletedProcess[str]:
        """Run a command inside the guest as root. Secrets go in by stdin, never by argv."""
        if not self.init:
            raise RuntimeError(f"{self.name} is not running")
        command = ["nsenter", "--all", f"--target={self.init}", *argv]
        return subprocess.run(
            command, input=stdin, capture_output=True, text=True, timeout=deadline, check=False, env=GUEST_ENVIRONMENT
        )

    def stop(self, deadline: float = 15) -> None:
        """Shut the guest down in order, as EC2 does; by force at the deadline."""
        if self.pid and self._process:
            self._process.send_signal(signal.SIGTERM)
            try:
                self._process.wait(deadline)
            except subprocess.TimeoutExpired:
                self.kill()

    def kill(self) -> None:
        """Power off without a word."""
        init = self.init
        if self._process and self.pid:
            if init:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(init, signal.SIGKILL)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(3)
            if self._process.poll() is None:
                self._process.kill()
                self._process.wait(5)

    @property
    def exit_code(self) -> int | None:
        """How the guest ended: 0 powered off from inside, 133 wants to be rebooted, anything else: it was killed."""
        return self._process.poll() if self._process else None

    def freeze(self, target: Path) -> tuple[Path, ...]:
        """Copy the upper layer to target; returns the layers of the image this makes. A running guest's files may be
        caught half-written, as with CreateImage's NoReboot."""
        target.parent.mkdir(parents=True, exist_ok=True)
        partial = target.with_name(target.name + ".partial")
        shutil.rmtree(partial, ignore_errors=True)
        # cp keeps the overlay's whiteouts and opaque marks, which are devices and trusted.* attributes
        run(["cp", "--archive", "--reflink=auto", str(self.upper), str(partial)])
        partial.rename(target)
        return (*self.layers, target)

    def destroy(self) -> None:
        """Power off and forget everything."""
        self.kill()
        self._cgroup.remove()
        unmount(self.root)
        shutil.rmtree(self.home, ignore_errors=True)


def unmount(root: Path, deadline: float = 5) -> None:
    """Unmount a guest's root; its last processes may hold it for a moment after the guest is gone."""
    end = time.monotonic() + deadline
    while root.is_mount():
        if subprocess.run(["umount", str(root)], capture_output=True, check=False).returncode == 0:
            return
        if time.monotonic() > end:
            run(["umount", "--lazy", str(root)])
            return
        time.sleep(0.05)
