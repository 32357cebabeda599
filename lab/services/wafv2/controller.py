"""The rule engine behind all web ACLs: one process, there from the first web ACL on."""

from __future__ import annotations

import contextlib
import json
import logging
import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from ... import backends, config, images
from . import records, web_acls

log = logging.getLogger("lab.waf")
_ENGINE = "engine"  # the key of all of it
_EVERY = 1.0  # seconds after which records are fetched
_START = 30.0  # seconds that the engine may take to load its rules
_NOBODY = 65534
# The image stays as it is: what the engine writes lies in a directory of its own, bound over one of the image's in a
# mount namespace that ends with the process. It has no network and no rights.
_ENTER = 'mount --bind "$1" "$2/srv" && exec chroot --userspec=65534:65534 "$2" python3 -m engine /srv'


def home() -> Path:
    return config.RUN / "waf"


def is_ready() -> bool:
    """Whether proxies can ask."""
    return (home() / "verdict.sock").exists()


class Firewall:
    """Gives the engine the web ACLs as they are, and fetches what has come of requests."""

    workers = 1

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process and self._process.poll() is None else None

    def keys(self) -> Iterable[str]:
        return [_ENGINE] if web_acls.every() or self._process else []

    def reconcile(self, _key: str) -> float | None:
        wanted = web_acls.every()
        if not wanted:
            self.close()
            return None
        if self.pid is None:
            self._start(images.firewall().build())  # which takes half a minute the first time
        records.take(self._exchange([_told(acl) for _, acl in wanted])["records"])
        return _EVERY

    def status(self) -> list[dict[str, Any]]:
        row = {"kind": "web ACL", "state": "-", "behind": f"libmodsecurity {self.pid or '-'}"}
        return [{"resource": acl.name, **row} for _, acl in web_acls.every()]

    def close(self) -> None:
        if self._process:
            with contextlib.suppress(ProcessLookupError):
                self._process.terminate()
            try:
                self._process.wait(5)
            except subprocess.TimeoutExpired:
                os.killpg(self._process.pid, signal.SIGKILL)
                self._process.wait(5)
        self._process = None
        shutil.rmtree(home(), ignore_errors=True)

    def _start(self, root: Path) -> None:
        shutil.rmtree(home(), ignore_errors=True)
        home().mkdir(parents=True, mode=0o755)
        ours = Path(__file__).with_name("engine")
        shutil.copytree(ours, home() / "engine", ignore=shutil.ignore_patterns("__pycache__"))
        os.chown(home(), _NOBODY, _NOBODY)
        argv = ["unshare", "--mount", "--net", "sh", "-c", _ENTER, "sh", str(home()), str(root)]
        environment = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "PYTHONPATH": "/srv", "LC_ALL": "C.UTF-8"}
        with (home() / "engine.log").open("ab") as written:
            self._process = subprocess.Popen(
                argv,
                stdin=subprocess.DEVNULL,
                stdout=written,
                stderr=written,
                env=environment,
                start_new_session=True,
            )
        end = time.monotonic() + _START
        while not (home() / "control.sock").exists():
            if self.pid is None or time.monotonic() > end:
                tail = (home() / "engine.log").read_text(errors="replace")[-1000:]
                self.close()
                raise RuntimeError(f"the rule engine does not answer. {tail}")
            time.sleep(0.05)
        log.info("the rule engine runs with process id %s", self.pid)

    def _exchange(self, acls: list[dict[str, Any]]) -> dict[str, Any]:
        told = {"acls": acls, "ip_sets": _ip_sets()}
        with socket.socket(socket.AF_UNIX) as control:
            control.settimeout(_START)
            control.connect(str(home() / "control.sock"))
            control.sendall(json.dumps(told).encode() + b"\n")
            return dict(json.loads(b"".join(iter(lambda: control.recv(1 << 16), b""))))


def _told(acl: Any) -> dict[str, Any]:
    return {
        "ARN": acl.arn,
        "DefaultAction": acl.default_action,
        "LabelNamespace": acl.label_namespace,
        "Rules": web_acls.rules_of(acl),
    }


def _ip_sets() -> dict[str, list[str]]:
    return {arn: one.addresses for backend in backends.regions("wafv2") for arn, one in list(backend.ip_sets.items())}
