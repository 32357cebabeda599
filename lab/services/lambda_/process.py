"""One invocation of a function: its zip runs as a process of its own, as nobody, with its role's credentials."""

from __future__ import annotations

import compileall
import contextlib
import importlib.util
import io
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
import zipfile
from dataclasses import dataclass
from pathlib import Path
from py_compile import PycInvalidationMode
from typing import Any

from ... import config

NOBODY = 65534
OVERHEAD = 512  # MiB of address space the interpreter and its libraries map without using
_PACKAGES = ("boto3", "botocore", "s3transfer", "jmespath", "dateutil", "six", "urllib3")
_unpacking = threading.Lock()
_running: set[subprocess.Popen[bytes]] = set()


@dataclass(frozen=True)
class Outcome:
    """What came of an invocation: the payload, whether it is an error, what it wrote, how long it took."""

    payload: Any
    failed: bool
    output: str
    milliseconds: float


def runtime() -> Path:
    """boto3 with what it needs, copied to where nobody can read it (the checkout may stand under /root)."""
    version = importlib.import_module("botocore").__version__
    target = config.LAMBDA / f"runtime-{version}"
    with _unpacking:
        if not target.is_dir():
            partial = _fresh(target)
            for name in _PACKAGES:
                spec = importlib.util.find_spec(name)
                origin = Path(str(spec and spec.origin))
                if origin.name == "__init__.py":
                    shutil.copytree(origin.parent, partial / name, ignore=shutil.ignore_patterns("__pycache__"))
                else:
                    shutil.copy(origin, partial)
            # Nobody may not write here, so each invocation would compile all of it anew.
            compileall.compile_dir(
                partial,
                quiet=2,
                stripdir=partial,
                prependdir=target,
                invalidation_mode=PycInvalidationMode.UNCHECKED_HASH,
            )
            _publish(partial, target)
        shutil.copy(Path(__file__).with_name("bootstrap.py"), target / "bootstrap.py")
    return target


def unpack(code: bytes, digest: str) -> Path:
    """The directory that holds a zip's content, made once for each digest."""
    target = config.LAMBDA / f"code-{digest}"
    with _unpacking:
        if not target.is_dir():
            partial = _fresh(target)
            with zipfile.ZipFile(io.BytesIO(code)) as archive:
                archive.extractall(partial)
            _publish(partial, target)
    return target


def _fresh(target: Path) -> Path:
    config.LAMBDA.mkdir(parents=True, exist_ok=True)
    for folder in (config.LAMBDA, config.LAMBDA.parent):
        if os.geteuid() == 0 and not folder.stat().st_mode & 0o001:
            folder.chmod(folder.stat().st_mode | 0o011)  # to be passed through, not listed
    partial = target.with_name(target.name + ".partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir()
    return partial


def _publish(partial: Path, target: Path) -> None:
    for path in (partial, *partial.rglob("*")):
        path.chmod(0o755 if path.is_dir() else path.stat().st_mode & 0o700 | 0o444)
    partial.rename(target)


def _interpreter() -> list[str]:
    """The start of the command line: this Python, without the privileges the lab has.

    A Python that nobody may reach, such as pyenv's under /root, is shown to the process at another place, by a mount
    in a namespace of its own that ends with it.
    """
    python = Path(os.path.realpath(sys.executable))
    if os.geteuid() != 0:
        return [str(python)]
    drop = [
        "setpriv",
        f"--reuid={NOBODY}",
        f"--regid={NOBODY}",
        "--clear-groups",
        "--no-new-privs",
        "--bounding-set=-all",
    ]
    if all(folder.stat().st_mode & 0o001 for folder in python.parents):
        return [*drop, str(python)]
    shown = config.LAMBDA / "python"
    shown.mkdir(parents=True, exist_ok=True)
    script = 'mount --bind -o ro "$1" "$2" && export LD_LIBRARY_PATH="$2/lib" && shift 2 && exec "$@"'
    moved = shown / python.relative_to(os.path.realpath(sys.base_prefix))
    return ["unshare", "--mount", "sh", "-c", script, "sh", sys.base_prefix, str(shown), *drop, str(moved)]


def run(task: dict[str, Any], environment: dict[str, str], code: Path) -> Outcome:
    """Run the task's handler to its end or its time limit; the whole process group is gone afterwards."""
    packages = runtime()
    reader, writer = os.pipe()
    begin = time.monotonic()
    process = subprocess.Popen(
        [*_interpreter(), "-I", "-S", "-u", str(packages / "bootstrap.py")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env=environment,
        cwd=code,
        start_new_session=True,
        pass_fds=[writer],
    )
    _running.add(process)
    request = {
        **task,
        "code": str(code),
        "packages": str(packages),
        "answer": writer,
        "memory": task["memory"] + OVERHEAD,
    }
    answer = _Reader(reader)
    os.close(writer)
    timed_out = False
    try:
        output, _ = process.communicate(json.dumps(request).encode(), timeout=task["timeout"])
    except subprocess.TimeoutExpired:
        timed_out = True
        _kill(process)
        output, _ = process.communicate()
    finally:
        _kill(process)
        _running.discard(process)
    milliseconds = (time.monotonic() - begin) * 1000
    raw = answer.read()
    return _outcome(task, timed_out, process.returncode, raw, output.decode("utf-8", "replace"), milliseconds)


class _Reader:
    """Reads the answer's pipe beside the process, so that a large answer does not fill the pipe and stop it."""

    def __init__(self, descriptor: int) -> None:
        self._data = b""
        self._thread = threading.Thread(target=self._work, args=(descriptor,), daemon=True)
        self._thread.start()

    def _work(self, descriptor: int) -> None:
        with os.fdopen(descriptor, "rb") as stream:
            self._data = stream.read()

    def read(self) -> bytes:
        self._thread.join(5)
        return self._data


def _outcome(task: dict[str, Any], timed_out: bool, code: int, raw: bytes, output: str, took: float) -> Outcome:
    request_id = task["context"]["aws_request_id"]
    if timed_out:
        sentence = f"Task timed out after {task['timeout']:.2f} seconds"
        moment = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        payload = {"errorType": "Sandbox.Timedout", "errorMessage": f"RequestId: {request_id} Error: {sentence}"}
        return Outcome(payload, True, f"{output}{moment} {request_id} {sentence}\n", took)
    with contextlib.suppress(ValueError):
        succeeded, answer = json.loads(raw)
        return Outcome(answer, not succeeded, output, took)
    end = f"signal: {signal.Signals(-code).name.removeprefix('SIG').lower()}" if code < 0 else f"exit status {code}"
    sentence = f"RequestId: {request_id} Error: Runtime exited with error: {end}"
    return Outcome({"errorType": "Runtime.ExitError", "errorMessage": sentence}, True, f"{output}{sentence}\n", took)


def _kill(process: subprocess.Popen[bytes]) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)


def kill_all() -> None:
    for process in list(_running):
        _kill(process)
