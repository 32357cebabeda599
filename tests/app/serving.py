"""The application under gunicorn, as its unit starts it."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import requests

BACKEND = Path(__file__).parents[2] / "roles/webapp/files/backend"
CONFIG = BACKEND / "gunicorn.conf.py"
COMMAND = [sys.executable, "-m", "gunicorn", "--config"]


def free_address() -> str:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        host, port = free.getsockname()
        return f"{host}:{port}"


@contextlib.contextmanager
def gunicorn(
    environment: Mapping[str, str], directory: Path, config: Path = CONFIG, bind: str = ""
) -> Iterator[tuple[subprocess.Popen[bytes], str, Path]]:
    """The running server: its process, address and log. `bind` is an address or unix:<path>."""
    address = bind or free_address()
    log = directory / "log"
    with log.open("w") as out:
        process = subprocess.Popen(
            [*COMMAND, str(config), "--bind", address],
            cwd=directory,
            env={**os.environ, **environment},
            stdout=out,
            stderr=out,
        )
        try:
            if not address.startswith("unix:"):
                wait_for(address)
            yield process, address, log
        finally:
            process.send_signal(signal.SIGQUIT)  # at once: browsers keep connections open, which TERM waits for
            process.wait(timeout=60)


def wait_for(address: str) -> None:
    """Wait until something answers with 200."""
    deadline = time.monotonic() + 60
    while True:
        with contextlib.suppress(requests.RequestException):
            return requests.get(f"http://{address}/", timeout=5).raise_for_status()
        assert time.monotonic() < deadline
        time.sleep(0.05)


def until_logged(log: Path, words: str) -> None:
    deadline = time.monotonic() + 60
    while words not in log.read_text():
        assert time.monotonic() < deadline, log.read_text()
        time.sleep(0.05)
