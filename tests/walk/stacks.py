"""Copies of a region with a stack in it, each with an inventory of its own; playbooks run on them."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import yaml

from tests import api
from tests.api import BIN, TOP

NAME = "walked"
SHIPPED = TOP / "roles/webapp/files"
# Nobody can log in to a host: a builder is imaged as it is, and what waits for one gives up at once.
CHOICES: dict[str, Any] = {
    **api.NO_MACHINES,
    "threetier_image": {"owner": "123456789012", "name": "base-*", "architecture": "x86_64", "user": "admin"},
    "webapp_rollout_pause": 1,
    "webapp_refresh_warmup": 0,
    "patch_connection_timeout": 1,
}


@dataclasses.dataclass(frozen=True)
class Run:
    code: int
    said: str  # on one line

    @property
    def failed(self) -> bool:
        return self.code != 0


@dataclasses.dataclass
class Stack:
    """A region with a stack in it, in some state."""

    regions: Regions
    pid: int
    endpoint: str
    inventory: Path

    @property
    def client(self) -> Callable[[str], Any]:
        return api.client_of(self.endpoint, **api.KEYS)

    def play(self, name: str, *options: str, deadline: float = 900, **variables: Any) -> Run:
        """What a playbook says of it. TimeoutExpired if it comes to no end by the deadline (seconds)."""
        chosen = json.dumps(CHOICES | variables)
        done = subprocess.run(
            [BIN / "ansible-playbook", "-i", self.inventory, f"playbooks/{name}.yml", "-e", chosen, *options],
            cwd=TOP,
            env={**os.environ, **api.paced(), "THREETIER_STACK": NAME, "ANSIBLE_NOCOLOR": "1"},
            stdin=subprocess.DEVNULL,
            text=True,
            capture_output=True,
            timeout=deadline,
            check=False,
        )
        return Run(done.returncode, " ".join((done.stdout + done.stderr).split()))

    @contextlib.contextmanager
    def copy(self) -> Iterator[Stack]:
        """The same once more, for as long as the block."""
        found = self.regions.copy(self)
        try:
            yield found
        finally:
            os.kill(found.pid, signal.SIGTERM)
            shutil.rmtree(found.inventory.parent)


class Regions:
    """The process that they are copies of."""

    def __init__(self, place: Path) -> None:
        self.place, self._lock, self._count = place, threading.Lock(), 0
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.walk.region", place / "region"],
            cwd=TOP,
            env={**os.environ, "MOTO_EC2_LOAD_DEFAULT_AMIS": "false"},
            stdout=subprocess.PIPE,
            text=True,
        )
        pid, endpoint = self._read()
        self.empty = Stack(self, pid, endpoint, api.make_inventory(place / "lab", endpoint))
        self.release = place / "release"  # a newer one than the shipped
        shutil.copytree(SHIPPED, self.release)
        (self.release / "backend/VERSION").write_text("99.0.0")
        disk = [{"DeviceName": "/dev/xvda", "Ebs": {"VolumeSize": 8}}]
        self.empty.client("ec2").register_image(
            Name="base-1", Architecture="x86_64", RootDeviceName="/dev/xvda", BlockDeviceMappings=disk
        )

    def copy(self, of: Stack) -> Stack:
        with self._lock:
            os.kill(of.pid, signal.SIGUSR1)
            pid, endpoint = self._read()
            self._count += 1
            inventory = self.place / f"copy-{self._count}" / "lab"
        shutil.copytree(of.inventory, inventory, symlinks=True)
        plugin = yaml.safe_load((inventory / "threetier.yml").read_text())
        (inventory / "threetier.yml").write_text(yaml.safe_dump(plugin | {"endpoint_url": endpoint}))
        return Stack(self, pid, endpoint, inventory)

    def close(self) -> None:
        self._process.terminate()
        self._process.wait(10)
        assert self._process.stdout
        self._process.stdout.close()

    def _read(self) -> tuple[int, str]:
        assert self._process.stdout
        pid, endpoint = self._process.stdout.readline().split()
        return int(pid), endpoint
