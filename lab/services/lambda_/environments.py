"""Execution environments: a process for each that runs one invocation at a time and is kept warm for the next one.

As on AWS, what a function has loaded, opened or left in /tmp is still there at its next invocation, if that meets the
same environment. One that timed out, died or failed to load is not used again; nor is one of former code or settings.
"""

from __future__ import annotations

import contextlib
import json
import os
import queue
import secrets
import signal
import subprocess
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...lateness import machine as lateness
from . import network, runtime

OVERHEAD = 512  # MiB of address space the interpreter and its libraries map without using
_OLDEST = 3000.0  # seconds: its role's credentials end after an hour
_IDLE = 300.0  # seconds that one is kept for nothing
_INIT = 10.0  # seconds that AWS lets it take to load
_GONE: bytes = b""  # what a reader says at the end of its pipe


@dataclass(frozen=True)
class Outcome:
    """What came of an invocation: the payload, whether it is an error, what it wrote, how long it took."""

    payload: Any
    failed: bool
    output: str
    milliseconds: float


class Environment:
    """One process of one function."""

    def __init__(self, handler: str, variables: dict[str, str], code: Path, memory: int, storage: int) -> None:
        """
        :param handler: such as app.handler.
        :param variables: all of the process's environment.
        :param code: the directory that holds the function.
        :param memory: MiB.
        :param storage: MiB that it may write to one file.
        """
        self.begun = self.used = time.monotonic()
        self._mark = f"\0{secrets.token_hex(16)}\0"
        packages = runtime.packages()
        reader, writer = os.pipe()
        self._process = subprocess.Popen(
            [*network.prefix(), *runtime.interpreter(), "-I", "-S", "-u", str(packages / "bootstrap.py")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=variables,
            cwd=code,
            start_new_session=True,
            pass_fds=[writer],
        )
        os.close(writer)
        _alive.add(self)
        self._answers: queue.Queue[bytes] = queue.Queue()
        self._output: queue.Queue[bytes] = queue.Queue()
        assert self._process.stdout
        for stream, target in ((os.fdopen(reader, "rb"), self._answers), (self._process.stdout, self._output)):
            threading.Thread(target=_read, args=(stream, target), name="function", daemon=True).start()
        begin = {"code": str(code), "packages": str(packages), "answer": writer, "mark": self._mark}
        self._send({**begin, "memory": memory + OVERHEAD, "storage": storage, "handler": handler})
        with contextlib.suppress(queue.Empty):  # what it loads takes none of its invocations' time
            self._line(time.monotonic() + _INIT * lateness.factor())

    def invoke(self, task: dict[str, Any]) -> Outcome:
        """Run the task's handler to its end or its time limit."""
        begin = time.monotonic()
        self._send(task)
        try:
            raw = self._line(begin + task["timeout"])
        except queue.Empty:
            self.kill()
            return _outcome(task, None, None, self._written(time.monotonic() + 5), begin)
        output = self._written(time.monotonic() + 5)
        code = None if raw else self._process.wait()
        if code is not None:
            self.kill()
        self.used = time.monotonic()
        return _outcome(task, raw, code, output, begin)

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

    def kill(self) -> None:
        """End the process and all that it has started."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        if self._process.stdin:
            with contextlib.suppress(OSError):
                self._process.stdin.close()
        _alive.discard(self)

    def _send(self, document: dict[str, Any]) -> None:
        assert self._process.stdin
        with contextlib.suppress(OSError):  # it has died, which its answer's end will tell
            self._process.stdin.write(json.dumps(document).encode() + b"\n")
            self._process.stdin.flush()

    def _line(self, end: float) -> bytes:
        """Its answer, nothing if it died; queue.Empty if there is none in time."""
        found = b""
        while not found.endswith(b"\n"):
            part = self._answers.get(timeout=max(0.0, end - time.monotonic()))
            if part == _GONE:
                return b""
            found += part
        return found

    def _written(self, end: float) -> str:
        """What it wrote up to the mark, or up to its end."""
        found, mark = b"", self._mark.encode()
        with contextlib.suppress(queue.Empty):
            while mark not in found:
                part = self._output.get(timeout=max(0.0, end - time.monotonic()))
                if part == _GONE:
                    break
                found += part
        return found.replace(mark, b"").decode("utf-8", "replace")


_alive: set[Environment] = set()
_idle: dict[Any, list[Environment]] = {}
_lock = threading.Lock()


def invoke(key: Any, make: Callable[[], Environment], task: dict[str, Any]) -> Outcome:
    """
    Run a task in an environment that is kept for the key, or in a new one.

    :param key: a tuple that begins with the function's ARN, followed by all that its environments depend on.
    """
    environment = _take(key) or make()
    outcome = environment.invoke(task)
    loaded = not (outcome.failed and str(outcome.payload.get("errorType", "")).startswith("Runtime."))
    if environment.alive and loaded:
        with _lock:
            _idle.setdefault(key, []).append(environment)
    else:
        environment.kill()
    return outcome


def _take(key: Any) -> Environment | None:
    """The warmest one; those that are too old, idle for too long, or of the function's former settings are ended."""
    now, ended = time.monotonic(), []
    with _lock:
        for known, kept in list(_idle.items()):
            former = known[0] == key[0] and known != key
            for one in list(kept):
                if former or not one.alive or now - one.begun > _OLDEST or now - one.used > _IDLE:
                    kept.remove(one)
                    ended.append(one)
            if not kept:
                del _idle[known]
        found = _idle[key].pop() if _idle.get(key) else None
    for one in ended:
        one.kill()
    return found


def close() -> None:
    """End them all, those that are at work too."""
    with _lock:
        _idle.clear()
    for one in list(_alive):
        one.kill()


def _read(stream: Any, target: queue.Queue[bytes]) -> None:
    with stream:
        while part := os.read(stream.fileno(), 65536):
            target.put(part)
    target.put(_GONE)


def _outcome(task: dict[str, Any], raw: bytes | None, code: int | None, output: str, begin: float) -> Outcome:
    """:param raw: the answer; None: there was none in time. :param code: the exit code, None if it is still there."""
    took = (time.monotonic() - begin) * 1000
    request_id = task["context"]["aws_request_id"]
    if raw is None:
        sentence = f"Task timed out after {task['timeout']:.2f} seconds"
        moment = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        payload = {"errorType": "Sandbox.Timedout", "errorMessage": f"RequestId: {request_id} Error: {sentence}"}
        return Outcome(payload, True, f"{output}{moment} {request_id} {sentence}\n", took)
    if code is None:
        succeeded, answer = json.loads(raw)
        return Outcome(answer, not succeeded, output, took)
    end = f"signal: {signal.Signals(-code).name.removeprefix('SIG').lower()}" if code < 0 else f"exit status {code}"
    sentence = f"RequestId: {request_id} Error: Runtime exited with error: {end}"
    return Outcome({"errorType": "Runtime.ExitError", "errorMessage": sentence}, True, f"{output}{sentence}\n", took)
